import type { Call } from '../http/call.ts';
import type { FieldDefinition } from '../describe/fields.ts';
import { findField, findObject, type ObjectDefinition } from '../describe/schema.ts';
import { type Answer, ApiError, header, readJsonObject } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import { DELIMITERS, LINE_ENDINGS } from './csv.ts';
import { ingestRow, type RowOutcome, readColumns } from './ingest-rows.ts';
import { readUpload } from './ingest-upload.ts';
import {
  csvKeys,
  type Job,
  jobHead,
  modeKeys,
  readChoice,
  readListLocator,
  readWantedState,
} from './jobs.ts';

/** An ingest job and what became of its rows. */
export interface IngestJob extends Job {
  readonly definition: ObjectDefinition;
  readonly key: FieldDefinition | undefined;
  csv: string | undefined;
  /** The header line's cells; none until the upload is complete. */
  headers: string[];
  /** Rows that were not done yet; what is left at the end was never processed. */
  pending: string[][];
  /** Why the CSV cannot be read. */
  csvMistake: string | undefined;
  done: { readonly cells: string[]; readonly outcome: RowOutcome }[];
}

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'];
/** What Bulk API 2.0's own jobs are called among those of other kinds. */
const JOB_TYPE = 'V2Ingest';
/** Bulk API 2.0 takes this much CSV in a job. */
const MAX_CSV_BYTES = 150_000_000;

/** `POST /jobs/ingest`. */
export function createIngestJob(call: Call): Answer {
  const { org } = call;
  const body = readJsonObject(call.request);
  const definition = findObject(String(body.object ?? ''));
  if (!definition?.writable)
    throw new ApiError(400, 'INVALIDENTITY', `Unable to find object: ${String(body.object)}`);
  const operation = readChoice(body, 'operation', OPERATIONS);
  if (body.operation === undefined) throw new ApiError(400, 'INVALIDJOB', 'operation is required');
  readChoice(body, 'contentType', ['CSV']);
  const key = operation === 'upsert' ? readKey(definition, body.externalIdFieldName) : undefined;
  const job: IngestJob = org.ingestJobs.add({
    ...org.ingestJobs.begin({
      operation,
      object: definition.name,
      createdById: call.userId,
      version: call.version,
      state: 'Open',
      lineEnding: readChoice(body, 'lineEnding', Object.keys(LINE_ENDINGS)),
      columnDelimiter: readChoice(body, 'columnDelimiter', ['COMMA', ...Object.keys(DELIMITERS)]),
    }),
    definition,
    key,
    csv: undefined,
    headers: [],
    pending: [],
    csvMistake: undefined,
    done: [],
  });
  const contentUrl = `services/data/v${call.version}/jobs/ingest/${job.id}/batches`;
  return {
    status: 200,
    json: { ...jobHead(job), ...keyName(job), ...modeKeys(job), contentUrl, ...csvKeys(job) },
  };
}

/** `PUT /jobs/ingest/{id}/batches`: takes the CSV, once. */
export function uploadCsv(call: Call): Answer {
  const job = find(call);
  if (job.state !== 'Open')
    throw new ApiError(400, 'INVALIDJOBSTATE', `Job in state ${job.state} takes no data`);
  if (job.csv !== undefined)
    throw new ApiError(400, 'INVALIDJOBSTATE', 'Found multiple contents for job: only one upload is allowed');
  if (!/^text\/csv\b/i.test(header(call.request.headers, 'content-type') ?? '')) {
    throw new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', 'content type must be text/csv');
  }
  if (call.request.body.length > MAX_CSV_BYTES)
    throw new ApiError(413, 'EXCEEDEDQUOTA', 'the CSV is too large');
  job.csv = call.request.body.toString('utf8');
  return { status: 201 };
}

/** `PATCH /jobs/ingest/{id}`: closes or aborts; the answer is shorter than that of a GET. */
export function changeIngestJob(call: Call): Answer {
  const { org } = call;
  const job = find(call);
  const wanted = readWantedState(readJsonObject(call.request), ['UploadComplete', 'Aborted']);
  const wasOpen = job.state === 'Open';
  org.ingestJobs.move(job, wanted);
  // Whatever becomes of the job, its rows can be asked for from now on.
  if (wasOpen) Object.assign(job, readUpload(job.csv ?? '', job));
  if (wanted === 'UploadComplete') {
    job.startedMs = org.clock.now();
    org.clock.schedule(org.settings.bulkStateMs, () => start(org, job));
  }
  return { status: 200, json: { ...jobHead(job), ...keyName(job), ...modeKeys(job) } };
}

/** `GET /jobs/ingest/{id}`. */
export const showIngestJob = (call: Call): Answer => ({ status: 200, json: ingestJobBody(find(call)) });

/** `GET /jobs/ingest`; jobs of another `jobType`, such as those of Bulk API 1.0, the org has none of. */
export function listIngestJobs(call: Call): Answer {
  const jobType = call.request.query.get('jobType') ?? JOB_TYPE;
  if (jobType !== JOB_TYPE) return { status: 200, json: { done: true, records: [], nextRecordsUrl: null } };
  const { jobs, nextOffset } = call.org.ingestJobs.page(
    readListLocator(call.request.query.get('queryLocator')),
  );
  const next = `/services/data/v${call.version}/jobs/ingest?queryLocator=${nextOffset}`;
  const json = {
    done: nextOffset === undefined,
    records: jobs.map((job) => ({ ...jobHead(job), ...modeKeys(job), jobType: JOB_TYPE, ...csvKeys(job) })),
    nextRecordsUrl: nextOffset === undefined ? null : next,
  };
  return { status: 200, json };
}

/** `DELETE /jobs/ingest/{id}`. */
export function deleteIngestJob(call: Call): Answer {
  call.org.ingestJobs.delete(find(call));
  return { status: 204 };
}

/** The full description of an ingest job. */
export function ingestJobBody(job: IngestJob): Record<string, unknown> {
  const failed = job.done.filter(({ outcome }) => outcome.kind === 'failed').length;
  return {
    ...jobHead(job),
    ...keyName(job),
    ...modeKeys(job),
    jobType: JOB_TYPE,
    ...(job.state === 'Open'
      ? { contentUrl: `services/data/v${job.version}/jobs/ingest/${job.id}/batches` }
      : {}),
    ...csvKeys(job),
    numberRecordsProcessed: job.done.length,
    numberRecordsFailed: failed,
    retries: 0,
    totalProcessingTime: job.processingMs,
    apiActiveProcessingTime: job.processingMs,
    apexProcessingTime: 0,
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  };
}

/** Half of the rows are done when the job starts and half when it ends, so that an abort can meet it between. */
function start(org: Org, job: IngestJob): void {
  if (job.state !== 'UploadComplete') return;
  org.ingestJobs.move(job, 'InProgress');
  const failure = failureOf(job);
  if (failure !== undefined) {
    org.ingestJobs.move(job, 'Failed', failure);
    return;
  }
  process(org, job, Math.ceil(job.pending.length / 2));
  org.clock.schedule(org.settings.bulkStateMs, () => {
    if (job.state !== 'InProgress') return;
    process(org, job, job.pending.length);
    org.ingestJobs.move(job, 'JobComplete');
  });
}

/** What keeps the rows of a job from being read at all. */
function failureOf(job: IngestJob): string | undefined {
  if (job.csvMistake !== undefined) return job.csvMistake;
  const columns = readColumns(job.definition, job.headers);
  if (typeof columns === 'string') return columns;
  const isDeletion = job.operation === 'delete' || job.operation === 'hardDelete';
  if (isDeletion && !(columns.length === 1 && columns[0]?.item.type === 'id'))
    return `InvalidBatch : The '${job.operation}' batch must contain only ids`;
  const hasKey = columns.some(({ item, parent }) => item === job.key && !parent);
  return job.key && !hasKey ? keyIsBlank(job.object) : undefined;
}

function process(org: Org, job: IngestJob, count: number): void {
  const columns = readColumns(job.definition, job.headers);
  if (typeof columns === 'string') return;
  const rows = job.pending.splice(0, count);
  const rowJob = { object: job.definition, operation: job.operation, key: job.key, userId: job.createdById };
  org.store.transaction(() => {
    for (const cells of rows) job.done.push({ cells, outcome: ingestRow(org, rowJob, columns, cells) });
  });
}

const keyName = (job: IngestJob) => (job.key ? { externalIdFieldName: job.key.name } : {});

const find = (call: Call): IngestJob => call.org.ingestJobs.find(call.params[0] ?? '');

function readKey(object: ObjectDefinition, name: unknown): FieldDefinition {
  const key = typeof name === 'string' ? findField(object, name) : undefined;
  if (key && (key.externalId || key.idLookup)) return key;
  throw new ApiError(400, 'INVALIDJOB', keyIsBlank(object.name));
}

const keyIsBlank = (object: string): string =>
  `InvalidJob : External ID was blank for ${object}. An External ID must be specified for upsert.`;
