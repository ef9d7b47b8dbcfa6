import { type FieldDefinition, isKey } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, findObject } from '../describe/schema.ts';
import { ApiError } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Answer, header } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import { readChoice, readCsvFormat } from './csv-format.ts';
import { contentUrlOf, type IngestJob, ingestJobBody, JOB_TYPE, keyName } from './ingest-job.ts';
import { ingestRow, readColumns } from './ingest-rows.ts';
import { readUpload } from './ingest-upload.ts';
import { answerJobList } from './job-list.ts';
import { csvKeys, jobHead, modeKeys, readWantedState } from './jobs.ts';

const OPERATIONS = ['insert', 'update', 'upsert', 'delete', 'hardDelete'];
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
      ...readCsvFormat(body),
    }),
    definition,
    key,
    csv: undefined,
    headers: [],
    pending: [],
    csvMistake: undefined,
    done: [],
  });
  const contentUrl = contentUrlOf(job);
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
  // Whatever becomes of the job, its unprocessed rows can be asked for from now on.
  if (wasOpen) Object.assign(job, readUpload(job.csv ?? '', job));
  if (wanted === 'UploadComplete') {
    job.startedMs = org.clock.now();
    org.clock.schedule(org.settings.bulkStateMs, () => start(org, job));
  }
  return { status: 200, json: { ...jobHead(job), ...keyName(job), ...modeKeys(job) } };
}

/** `GET /jobs/ingest/{id}`. */
export const showIngestJob = (call: Call): Answer => ({ status: 200, json: ingestJobBody(find(call)) });

/** `GET /jobs/ingest`. The org has no jobs of another `jobType`, such as those of Bulk API 1.0. */
export function listIngestJobs(call: Call): Answer {
  const jobType = call.request.query.get('jobType') ?? JOB_TYPE;
  if (jobType !== JOB_TYPE) return { status: 200, json: { done: true, records: [], nextRecordsUrl: null } };
  return answerJobList(call, call.org.ingestJobs, 'ingest', (job) => ({
    ...jobHead(job),
    ...modeKeys(job),
    jobType: JOB_TYPE,
    ...csvKeys(job),
  }));
}

/** `DELETE /jobs/ingest/{id}`; unlike a query job's, also when it is uploaded and has not begun. */
export function deleteIngestJob(call: Call): Answer {
  call.org.ingestJobs.delete(find(call), 'UploadComplete');
  return { status: 204 };
}

/** Half of the rows are processed when the job starts and half when it ends, so that an abort can come in between. */
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

/** Why none of a job's rows can be processed; `undefined` when they can. */
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

const find = (call: Call): IngestJob => call.org.ingestJobs.find(call.params[0] ?? '');

function readKey(object: ObjectDefinition, name: unknown): FieldDefinition {
  const key = typeof name === 'string' ? findField(object, name) : undefined;
  if (key && isKey(key)) return key;
  throw new ApiError(400, 'INVALIDJOB', keyIsBlank(object.name));
}

const keyIsBlank = (object: string): string =>
  `InvalidJob : External ID was blank for ${object}. An External ID must be specified for upsert.`;
