import { outcomeUnknown, unexpectedResponse } from '../errors/errors.ts';
import { CLIENT_HEADERS, type OrgCalls } from '../transport/calls.ts';
import type { SalesforceRequest } from '../transport/transport.ts';

/** The sets of an ingest job's rows: their names here, and in addresses. */
const RESULT_SETS = {
  successful: 'successfulResults',
  failed: 'failedResults',
  unprocessed: 'unprocessedrecords',
} as const;
export type BulkResultSet = keyof typeof RESULT_SETS;

/** Opaque, but it came in a header and goes into an address. */
const LOCATOR = /^[A-Za-z0-9_\-=+/.%]{1,512}$/;

/** The one PUT of an ingest job. Never repeated: if it breaks off, only the job's state tells whether it arrived. */
export async function upload(
  calls: OrgCalls,
  jobId: string,
  stream: AsyncIterable<Uint8Array>,
  bodyBytes: number,
): Promise<void> {
  const operation = 'upload to bulk ingest job';
  const response = await calls.send({
    method: 'PUT',
    url: `${calls.basePath}/jobs/ingest/${jobId}/batches`,
    operation,
    isRepeatable: false,
    headers: { accept: 'application/json', 'content-type': 'text/csv', ...CLIENT_HEADERS },
    body: { stream, bodyBytes },
  });
  if (response.status !== 201) throw outcomeUnknown(operation, `${response.status} instead of 201`, response);
}

/** Which page of a query job's result to fetch. */
export interface BulkPageRequest {
  /** Opaque: `nextLocator` of the page before. @default the first page */
  readonly locator?: string;
  /** At most this many rows; the org may send fewer. */
  readonly maxRecords: number;
}

/** A page of a query job's result. */
export interface BulkPage {
  /** UTF-8 CSV with a header row, not parsed. Keeps a connection busy until it is read to its end. */
  readonly csv: AsyncIterable<Uint8Array>;
  /** How many rows the org announced. */
  readonly records: number;
  /** Absent on the last page. */
  readonly nextLocator?: string;
}

/** One page of a finished query job's rows; the header row stands on every page. */
export async function queryResults(calls: OrgCalls, jobId: string, page: BulkPageRequest): Promise<BulkPage> {
  const operation = 'fetch bulk query results';
  const query = new URLSearchParams({ maxRecords: String(page.maxRecords) });
  if (page.locator !== undefined) query.set('locator', page.locator);
  const response = await calls.send(
    streamed(operation, `${calls.basePath}/jobs/query/${jobId}/results?${query}`),
  );
  const records = Number(response.headers['sforce-numberofrecords'] ?? Number.NaN);
  const locator = response.headers['sforce-locator'];
  // The header of the last page reads `null`.
  const hasMore = locator !== undefined && locator !== '' && locator !== 'null';
  if (!Number.isSafeInteger(records) || records < 0 || (hasMore && !LOCATOR.test(locator))) {
    await leave(response.body);
    throw unexpectedResponse(operation, 'its count or locator cannot be read', response);
  }
  return { csv: response.body, records, ...(hasMore ? { nextLocator: locator } : {}) };
}

/** One of the three sets of an ended ingest job, in no order. */
export async function ingestResults(
  calls: OrgCalls,
  jobId: string,
  which: BulkResultSet,
): Promise<AsyncIterable<Uint8Array>> {
  const url = `${calls.basePath}/jobs/ingest/${jobId}/${RESULT_SETS[which]}/`;
  return (await calls.send(streamed(`fetch ${which} bulk results`, url))).body;
}

const streamed = (operation: string, url: string): SalesforceRequest => ({
  method: 'GET',
  url,
  operation,
  isRepeatable: true,
  headers: { accept: 'text/csv' },
  isStreamed: true,
});

async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break;
}
