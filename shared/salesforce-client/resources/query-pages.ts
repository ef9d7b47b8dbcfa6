import * as z from 'zod/mini';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { incompleteQuery } from '../errors/errors.ts';
import { encodeSoql, type SoqlQuery } from '../soql/soql.ts';
import { callJson, type Headers, type OrgCalls, reading } from '../transport/calls.ts';
import type { SalesforceResponse } from '../transport/transport.ts';
import { compositeRead, MAX_QUERY_URL_BYTES } from './composite/subrequests.ts';

/** A row is only checked to be an object: to check every field would cost more than parsing. */
export const row = z.custom<WireRecord>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

export const queryPage = z.object({
  totalSize: z.number(),
  done: z.boolean(),
  nextRecordsUrl: z.nullish(z.string()),
  records: z.array(row),
});

type PageBody = z.infer<typeof queryPage>;

/** One page of a query, as the platform gives it. */
export interface Page {
  readonly records: readonly WireRecord[];
  /** How many records the whole query has. */
  readonly totalSize: number;
  /** The address of the next page, valid for about two days; absent on the last page. */
  readonly nextRecordsUrl?: string;
  /** Salesforce's time of the answer, ISO 8601. */
  readonly readAt: string;
}

/** The address of a query. */
export const queryUrl = (calls: OrgCalls, query: SoqlQuery, includeDeleted = false): string =>
  `${calls.basePath}/${includeDeleted ? 'queryAll' : 'query'}?q=${encodeSoql(query)}`;

/**
 * What cannot be of a query's first page, which counts the whole query: rows that it counts and does not have, with no
 * page to come that could have them. Later pages may have any number, even none.
 */
export const firstPageProblem = ({ records, totalSize, done }: PageBody): string | undefined => {
  const isFit = done ? records.length === totalSize : records.length < totalSize;
  return isFit
    ? undefined
    : `it has ${records.length} of ${totalSize} records, and is ${done ? '' : 'not '}done`;
};

/** Where a page is, and what is known of it before it is read. */
export interface PageRequest {
  readonly operation: string;
  readonly url: string;
  readonly headers?: Headers | undefined;
  /** What more cannot be of this page. @default nothing */
  readonly problemOf?: ((page: PageBody) => string | undefined) | undefined;
}

/**
 * Reads the page at an address. One call. There is no POST for queries, so an address that is too long for a request
 * line travels inside a composite call.
 *
 * @throws SalesforceApiError `QUERY_INCOMPLETE` for a page that cannot be
 */
export async function readPage(calls: OrgCalls, request: PageRequest): Promise<Page> {
  const { operation, url, headers } = request;
  const { data, response } =
    url.length <= MAX_QUERY_URL_BYTES
      ? await callJson(calls, reading(operation, url, headers), queryPage)
      : await compositeRead(calls, operation, url, queryPage, headers);
  return pageOf(calls, data, response, request);
}

/**
 * The page that an answer holds.
 *
 * @throws SalesforceApiError `QUERY_INCOMPLETE` for a page that cannot be
 */
export function pageOf(
  calls: OrgCalls,
  data: PageBody,
  response: SalesforceResponse,
  { operation, url, problemOf = () => undefined }: PageRequest,
): Page {
  const { records, totalSize, done, nextRecordsUrl } = data;
  const problem = leadingNowhere(data, url) ?? problemOf(data);
  if (problem !== undefined) throw incompleteQuery(operation, problem, response);
  const readAt = calls.answeredAt(response);
  return { records, totalSize, readAt, ...(done || !nextRecordsUrl ? {} : { nextRecordsUrl }) };
}

/** A page that would be read for ever, or says that there is more and not where. */
const leadingNowhere = ({ done, nextRecordsUrl }: PageBody, url: string): string | undefined => {
  if (done) return undefined;
  if (!nextRecordsUrl) return 'there is more, but no address of it';
  return nextRecordsUrl === url ? 'the next page is the one that was just read' : undefined;
};

/** A record's fields without `attributes` (type and address), which the REST API adds. */
export function withoutAttributes(record: WireRecord): WireRecord {
  const { attributes: _, ...fields } = record;
  return fields;
}
