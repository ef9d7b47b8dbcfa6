import * as z from 'zod/mini';
import type { RecordPage, RecordSelection, WireRecord } from '../use-cases/ports/salesforce-org.ts';
import { callJson, type OrgCalls, reading } from './calls.ts';
import { compositeRead, MAX_QUERY_URL_BYTES } from './composite.ts';
import { unexpectedResponse } from './errors.ts';
import { countQuery, selectionQuery } from './soql/selection.ts';
import { encodeSoql, type SoqlQuery } from './soql/soql.ts';
import type { SalesforceResponse } from './transport.ts';

/** Rows are the platform's to shape, so each is only asked to be an object; checking every cell would cost more than parsing. */
export const row = z.custom<WireRecord>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

export const queryPage = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.nullish(z.string()),
  records: z.array(row),
});
type QueryPage = z.infer<typeof queryPage>;

/** The first page of a selection. One call. */
export async function select(calls: OrgCalls, selection: RecordSelection): Promise<RecordPage> {
  const operation = `query ${selection.sObject}`;
  const { data, response } = await runQuery(calls, operation, selectionQuery(selection), selection);
  return toRecordPage(calls, operation, data, response);
}

/** The page at `nextRecordsUrl`, which is followed as it is. One call. */
export async function nextPage(calls: OrgCalls, next: string): Promise<RecordPage> {
  const { data, response } = await callJson(calls, reading('query more', next), queryPage);
  return toRecordPage(calls, 'query more', data, response);
}

/** How many records a selection has. One call. */
export async function count(calls: OrgCalls, selection: RecordSelection): Promise<number> {
  const { data } = await runQuery(calls, `count ${selection.sObject}`, countQuery(selection), selection);
  return data.totalSize;
}

/** The address of a query below the connection's version. */
export const queryUrl = (calls: OrgCalls, query: SoqlQuery, includeDeleted = false): string =>
  `${calls.basePath}/${includeDeleted ? 'queryAll' : 'query'}?q=${encodeSoql(query)}`;

/** There is no POST for queries: one that does not fit into a request line travels inside a composite call. */
function runQuery(calls: OrgCalls, operation: string, query: SoqlQuery, selection: RecordSelection) {
  const url = queryUrl(calls, query, selection.includeDeleted);
  return url.length <= MAX_QUERY_URL_BYTES
    ? callJson(calls, reading(operation, url), queryPage)
    : compositeRead(calls, operation, url, queryPage);
}

function toRecordPage(
  calls: OrgCalls,
  operation: string,
  page: QueryPage,
  response: SalesforceResponse,
): RecordPage {
  if (!page.done && !page.nextRecordsUrl)
    throw unexpectedResponse(operation, 'there is more, but no address of it', response);
  const readAt = calls.answeredAt(response);
  const records = page.records.map(withoutAttributes);
  return page.done || !page.nextRecordsUrl
    ? { records, readAt }
    : { records, readAt, next: page.nextRecordsUrl };
}

/** `attributes` (type and address) is the envelope's, not the record's. */
export function withoutAttributes(record: WireRecord): WireRecord {
  const { attributes: _, ...fields } = record;
  return fields;
}
