import * as z from 'zod/mini';
import type { BulkJobInfo, BulkJobState } from '../../contracts/salesforce.ts';
import { to18 } from '../../contracts/salesforce-id.ts';
import { plainCode } from '../errors/error-catalogue.ts';
import { isSalesforceError, outcomeUnknown, unexpectedResponse } from '../errors/errors.ts';
import { objectOf } from '../resources/queries.ts';
import { identifier, Soql, type SoqlQuery } from '../soql/soql.ts';
import { callJson, type OrgCalls, reading, readJson, writing } from '../transport/calls.ts';
import { isEnded, jobInfo, toBulkJobInfo } from './job-info.ts';
import {
  type BulkPage,
  type BulkPageRequest,
  type BulkResultSet,
  ingestResults,
  queryResults,
  upload,
} from './results.ts';

type Kind = BulkJobInfo['kind'];

/** Pages of up to 1,000 jobs: a bound on the list of an org. */
const MAX_LIST_PAGES = 20;
/** The only form of CSV that the client writes and reads. */
const CSV = { contentType: 'CSV', columnDelimiter: 'COMMA', lineEnding: 'LF' } as const;

const jobList = z.object({
  done: z.boolean(),
  nextRecordsUrl: z.nullish(z.string()),
  // Jobs of Bulk API 1.0 stand in the same list, with states and fields of their own.
  records: z.array(z.unknown()),
});

const moved = z.object({ state: z.string() });

/** An ingest job to open. */
export interface IngestJob {
  readonly sObject: string;
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete';
  /** For `upsert`: the field that identifies a record. */
  readonly externalIdField?: string;
}

/** Bulk API 2.0 of one org. Every method costs one call unless it says otherwise. */
export interface BulkJobs {
  /** @param includeDeleted - `queryAll`: deleted, merged and archived records too */
  submitQuery(query: SoqlQuery, options?: { readonly includeDeleted?: boolean }): Promise<BulkJobInfo>;
  submitIngest(job: IngestJob): Promise<BulkJobInfo>;
  /** The one PUT of an ingest job: UTF-8 CSV, LF, comma. Never repeated: if it breaks off, only the job's state tells whether it arrived. */
  upload(jobId: string, csv: AsyncIterable<Uint8Array>, bodyBytes: number): Promise<void>;
  /** Starts an ingest job whose upload is complete. May cost a second call, to find out whether a repeat was needed. */
  close(jobId: string): Promise<void>;
  info(kind: BulkJobInfo['kind'], jobId: string): Promise<BulkJobInfo>;
  /** May cost a second call, to find out whether the job had ended already. */
  abort(kind: BulkJobInfo['kind'], jobId: string): Promise<void>;
  /** Jobs of the org that have not ended, of every user and client. One call for each 1,000. */
  listOpen(kind: BulkJobInfo['kind']): Promise<readonly BulkJobInfo[]>;
  /** One page of a finished query's result. */
  queryResults(jobId: string, page: BulkPageRequest): Promise<BulkPage>;
  /** One set of an ended ingest job's rows as CSV bytes, in no order. */
  ingestResults(jobId: string, which: BulkResultSet): Promise<AsyncIterable<Uint8Array>>;
}

/** Opens Bulk API 2.0 of one org. */
export function makeBulkJobs(calls: OrgCalls): BulkJobs {
  const create = async (kind: Kind, operation: string, body: object): Promise<BulkJobInfo> => {
    const request = writing(operation, 'POST', `${calls.basePath}/jobs/${kind}`, { ...body, ...CSV });
    return toBulkJobInfo(kind, (await callJson(calls, request, jobInfo)).data, outcomeUnknown);
  };
  return {
    submitQuery: async (query, { includeDeleted = false } = {}) => {
      if (!Soql.is(query)) throw new TypeError('A query is built with soql`…`, never out of plain text');
      return create('query', `submit bulk query of ${objectOf(query)}`, {
        operation: includeDeleted ? 'queryAll' : 'query',
        query: query.toString(),
      });
    },
    submitIngest: async ({ sObject, operation, externalIdField }) =>
      create('ingest', `submit bulk ${operation} of ${sObject}`, {
        object: identifier(sObject).toString(),
        operation,
        ...(externalIdField === undefined
          ? {}
          : { externalIdFieldName: identifier(externalIdField).toString() }),
      }),
    upload: async (jobId, csv, bodyBytes) => upload(calls, to18(jobId), csv, bodyBytes),
    close: async (jobId) =>
      moveTo(
        calls,
        'ingest',
        to18(jobId),
        'UploadComplete',
        (state) => state !== 'Open' && state !== 'Aborted',
      ),
    info: async (kind, jobId) => info(calls, kind, to18(jobId)),
    abort: async (kind, jobId) => moveTo(calls, kind, to18(jobId), 'Aborted', isEnded),
    listOpen: (kind) => listOpen(calls, kind),
    queryResults: async (jobId, page) => queryResults(calls, to18(jobId), page),
    ingestResults: async (jobId, which) => ingestResults(calls, to18(jobId), which),
  };
}

async function info(calls: OrgCalls, kind: Kind, jobId: string): Promise<BulkJobInfo> {
  const request = reading(`read bulk ${kind} job`, `${calls.basePath}/jobs/${kind}/${jobId}`);
  return toBulkJobInfo(kind, (await callJson(calls, request, jobInfo)).data);
}

/**
 * Sets a job's state. Doing so twice changes nothing, so the request may be repeated. Salesforce refuses the second
 * one; then one more call reads whether the job is in the wanted state.
 */
async function moveTo(
  calls: OrgCalls,
  kind: Kind,
  jobId: string,
  state: 'UploadComplete' | 'Aborted',
  isThere: (state: BulkJobState) => boolean,
): Promise<void> {
  const operation = `set bulk ${kind} job to ${state}`;
  const request = writing(operation, 'PATCH', `${calls.basePath}/jobs/${kind}/${jobId}`, { state });
  try {
    const response = await calls.send({ ...request, isRepeatable: true });
    await readJson(response, request, moved);
  } catch (error) {
    const isStateError =
      isSalesforceError(error) && /^(?:INVALIDJOBSTATE|APIERROR)$/.test(plainCode(error.code));
    if (!isStateError || !isThere((await info(calls, kind, jobId)).state)) throw error;
  }
}

async function listOpen(calls: OrgCalls, kind: Kind): Promise<readonly BulkJobInfo[]> {
  const jobType = kind === 'query' ? 'V2Query' : 'V2Ingest';
  const open: BulkJobInfo[] = [];
  let url: string | undefined = `${calls.basePath}/jobs/${kind}?jobType=${jobType}`;
  for (let page = 0; url !== undefined; page += 1) {
    const operation = `list bulk ${kind} jobs`;
    if (page >= MAX_LIST_PAGES)
      throw unexpectedResponse(operation, `the list has more than ${MAX_LIST_PAGES} pages`);
    const { data }: { data: z.infer<typeof jobList> } = await callJson(
      calls,
      reading(operation, url),
      jobList,
    );
    for (const record of data.records) {
      const job = jobInfo.safeParse(record);
      if (!job.success || (job.data.jobType ?? jobType) !== jobType || isEnded(job.data.state)) continue;
      open.push(toBulkJobInfo(kind, job.data));
    }
    url = data.done ? undefined : (data.nextRecordsUrl ?? undefined);
  }
  return open;
}
