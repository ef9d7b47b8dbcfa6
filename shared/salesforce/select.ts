import {
  isSalesforceError,
  type RecordQuery,
  type SalesforceClient,
  withoutAttributes,
} from '../salesforce-client/client.ts';
import { InvariantError } from '../sync/assert.ts';
import type { RecordPage, RecordSelection } from '../use-cases/ports/salesforce-org.ts';
import { countQuery, selectionQuery } from './selection.ts';

/** The first page of a selection. One call. */
export async function selectPage(client: SalesforceClient, selection: RecordSelection): Promise<RecordPage> {
  const query = selectionQuery(selection);
  return firstPage(selection.includeDeleted ? client.queryAll(query) : client.query(query));
}

/** The page at a `nextRecordsUrl`, which is followed as it is. One call. */
export const nextPage = (client: SalesforceClient, next: string): Promise<RecordPage> =>
  firstPage(client.queryMore(next));

/** What the platform answers where counting alone takes too long, or goes over too many records for the user. */
export const UNCOUNTABLE = new Set(['QUERY_TIMEOUT', 'OPERATION_TOO_LARGE']);

/** How many records a selection has, deleted ones too where it wants them. One call. */
export async function countSelected(
  client: SalesforceClient,
  selection: RecordSelection,
): Promise<number | 'too-many'> {
  const query = countQuery(selection);
  const counted = selection.includeDeleted ? client.queryAll(query) : client.query(query);
  try {
    for await (const { totalSize } of counted.pages()) return totalSize;
  } catch (error) {
    if (isSalesforceError(error) && UNCOUNTABLE.has(error.code)) return 'too-many';
    throw error;
  }
  throw new InvariantError('a query has at least one page');
}

async function firstPage(query: RecordQuery<object>): Promise<RecordPage> {
  for await (const { records, readAt, nextRecordsUrl: next } of query.pages())
    return { records: records.map(withoutAttributes), readAt, ...(next === undefined ? {} : { next }) };
  throw new InvariantError('a query has at least one page');
}
