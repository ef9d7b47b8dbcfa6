import { ApiError } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import { readJsonObject } from '../http/json-body.ts';
import type { Answer } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import { selectColumns, selectIds } from '../soql/run-query.ts';
import { type QueryPlan, soqlToSql } from '../soql/soql-to-sql.ts';
import { toXmlText } from '../store/values.ts';
import { quotedLine } from './csv.ts';
import { charactersOf, readChoice, readCsvFormat } from './csv-format.ts';
import { answerJobList } from './job-list.ts';
import { csvKeys, jobHead, modeKeys, readWantedState, resultsNotReady } from './jobs.ts';
import { type QueryJob, queryJobBody } from './query-job.ts';

/** `resultPages` lists at most this many pages. */
const RESULT_PAGES = 5;

/** `POST /jobs/query`. */
export function createQueryJob(call: Call): Answer {
  const { org } = call;
  const body = readJsonObject(call.request);
  const operation = readChoice(body, 'operation', ['query', 'queryAll']);
  const soql = body.query;
  if (typeof soql !== 'string') throw new ApiError(400, 'INVALIDJOB', 'query is required');
  const plan = soqlToSql(soql, { nowMs: org.clock.now(), includesDeleted: operation === 'queryAll' });
  refuseUnsupported(plan, soql);
  const job: QueryJob = org.queryJobs.add({
    ...org.queryJobs.begin({
      operation,
      object: plan.object.name,
      createdById: call.userId,
      version: call.version,
      state: 'UploadComplete',
      ...readCsvFormat(body),
    }),
    plan,
    rows: undefined,
  });
  org.clock.schedule(org.settings.bulkStateMs, () => start(org, job));
  return { status: 200, json: { ...jobHead(job), ...modeKeys(job), ...csvKeys(job) } };
}

/** `GET /jobs/query/{id}`. */
export function showQueryJob(call: Call): Answer {
  return { status: 200, json: queryJobBody(find(call)) };
}

/** `GET /jobs/query`. */
export function listQueryJobs(call: Call): Answer {
  return answerJobList(call, call.org.queryJobs, 'query', queryJobBody);
}

/** `PATCH /jobs/query/{id}` with `{"state":"Aborted"}`. */
export function abortQueryJob(call: Call): Answer {
  const job = find(call);
  call.org.queryJobs.move(job, readWantedState(readJsonObject(call.request), ['Aborted']));
  return { status: 200, json: { ...jobHead(job), ...modeKeys(job), ...csvKeys(job) } };
}

/** `DELETE /jobs/query/{id}`; only of a job that has ended. */
export function deleteQueryJob(call: Call): Answer {
  call.org.queryJobs.delete(find(call));
  return { status: 204 };
}

/** `GET /jobs/query/{id}/results?locator=…&maxRecords=…`: one page, with the header line on top. */
export function showQueryResults(call: Call): Answer {
  const { job, rows } = finished(call);
  const offset = readLocator(call.request.query.get('locator'), rows.length);
  const end = offset + pageRows(call);
  const page = rows.slice(offset, end);
  const { delimiter, lineEnding } = charactersOf(job);
  const head = job.plan.selection.flat.map(({ name }) => name);
  return {
    status: 200,
    text: [head, ...page].map((cells) => quotedLine(cells, delimiter, lineEnding)).join(''),
    headers: {
      'content-type': 'text/csv',
      'sforce-numberofrecords': String(page.length),
      'sforce-locator': end < rows.length ? toLocator(end) : 'null',
    },
  };
}

/** `GET /jobs/query/{id}/resultPages`: addresses of the next few pages. */
export function listResultPages(call: Call): Answer {
  const { job, rows } = finished(call);
  const base = `/services/data/v${call.version}/jobs/query/${job.id}`;
  const step = pageRows(call);
  let offset = readLocator(call.request.query.get('locator'), rows.length);
  const resultPages: { resultUrl: string }[] = [];
  do {
    resultPages.push({ resultUrl: `${base}/results?locator=${toLocator(offset)}` });
    offset += step;
  } while (offset < rows.length && resultPages.length < RESULT_PAGES);
  const done = offset >= rows.length;
  const next = done ? {} : { nextRecordsUrl: `${base}/resultPages?locator=${toLocator(offset)}` };
  return { status: 200, json: { resultPages, ...next, done } };
}

function start(org: Org, job: QueryJob): void {
  if (job.state !== 'UploadComplete') return;
  org.queryJobs.move(job, 'InProgress');
  try {
    job.rows = readRows(org, job);
  } catch {
    org.queryJobs.move(job, 'Failed', 'Unknown : the query could not be run');
    return;
  }
  org.clock.schedule(org.settings.bulkStateMs, () => {
    if (job.state === 'InProgress') org.queryJobs.move(job, 'JobComplete');
  });
}

function readRows(org: Org, job: QueryJob): string[][] {
  const ids = selectIds(org.store, job.plan);
  // Without ORDER BY the platform promises no order; a random one keeps clients from relying on it.
  const ordered = job.plan.hasOrder ? ids : org.random.shuffle(ids);
  const { flat } = job.plan.selection;
  return selectColumns(org.store, job.plan, ordered).map((row) =>
    flat.map(({ item, column }) => toXmlText(item, row[column] ?? null) ?? ''),
  );
}

const find = (call: Call): QueryJob => call.org.queryJobs.find(call.params[0] ?? '');

function finished(call: Call): { job: QueryJob; rows: string[][] } {
  const job = find(call);
  if (job.version !== call.version) {
    throw new ApiError(409, 'API_ERROR', `the job was created with API version ${job.version}`);
  }
  if (job.state !== 'JobComplete' || !job.rows) {
    throw resultsNotReady(job);
  }
  return { job, rows: job.rows };
}

function pageRows(call: Call): number {
  const asked = call.request.query.get('maxRecords');
  const wanted = asked === null ? call.org.settings.bulkPageRows : Number(asked);
  if (!Number.isInteger(wanted) || wanted < 1)
    throw new ApiError(400, 'API_ERROR', 'maxRecords must be a positive number');
  return Math.max(1, Math.min(wanted, call.org.settings.bulkPageRows));
}

const toLocator = (offset: number): string => Buffer.from(`row ${offset}`).toString('base64url');

function readLocator(locator: string | null, rowCount: number): number {
  if (locator === null) return 0;
  const offset = Number(
    /^row (\d+)$/.exec(Buffer.from(locator, 'base64url').toString('utf8'))?.[1] ?? Number.NaN,
  );
  if (!(offset <= rowCount)) throw new ApiError(400, 'INVALIDQUERYLOCATOR', 'invalid locator');
  return offset;
}

function refuseUnsupported(plan: QueryPlan, soql: string): void {
  const { flat, nodes } = plan.selection;
  const isUnsupported =
    plan.kind !== 'rows' ||
    nodes.some(({ kind }) => kind === 'children') ||
    flat.some(({ item }) => item.type === 'address') ||
    /\bOFFSET\s+\d+\s*$/i.test(soql);
  if (isUnsupported) {
    throw new ApiError(
      400,
      'API_ERROR',
      'Entity or query is not supported by the Bulk API: aggregates, OFFSET, subqueries and compound addresses',
    );
  }
}
