import * as z from 'zod/mini';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { unexpectedResponse } from '../errors/errors.ts';
import { encodeSoql, type SoqlQuery } from '../soql/soql.ts';
import { callJson, type Headers, type OrgCalls, reading } from '../transport/calls.ts';
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
 * Reads the page at an address. One call. There is no POST for queries, so an address that is too long for a request
 * line travels inside a composite call.
 */
export async function readPage(
  calls: OrgCalls,
  operation: string,
  url: string,
  headers?: Headers,
): Promise<Page> {
  const { data, response } =
    url.length <= MAX_QUERY_URL_BYTES
      ? await callJson(calls, reading(operation, url, headers), queryPage)
      : await compositeRead(calls, operation, url, queryPage, headers);
  const { records, totalSize, done, nextRecordsUrl } = data;
  if (!done && !nextRecordsUrl)
    throw unexpectedResponse(operation, 'there is more, but no address of it', response);
  const readAt = calls.answeredAt(response);
  return { records, totalSize, readAt, ...(done || !nextRecordsUrl ? {} : { nextRecordsUrl }) };
}

/** A record's fields without `attributes` (type and address), which the REST API adds. */
export function withoutAttributes(record: WireRecord): WireRecord {
  const { attributes: _, ...fields } = record;
  return fields;
}
