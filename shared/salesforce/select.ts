import type { WireRecord } from '../contracts/salesforce.ts';
import {
  isSalesforceError,
  type QueryPage,
  type RecordQuery,
  type SalesforceClient,
  withoutAttributes,
} from '../salesforce-client/client.ts';
import { InvariantError } from '../sync/assert.ts';
import type { RecordPage, RecordSelection, SelectOutcome } from '../use-cases/ports/salesforce-org.ts';
import { countQuery, selectionQuery } from './selection.ts';

/** The first page of a selection. One call. */
export async function selectPage(client: SalesforceClient, selection: RecordSelection): Promise<RecordPage> {
  const query = selectionQuery(selection);
  return firstPage(selection.includeDeleted ? client.queryAll(query) : client.query(query));
}

/** Five pages in one answer have no more rows than one page by itself. */
export const ROWS_TOGETHER = 400;

/** The first pages of 1 to 5 selections. One call, and one for each whose query is too long to travel with others. */
export async function selectTogether(
  client: SalesforceClient,
  selections: readonly RecordSelection[],
): Promise<readonly SelectOutcome[]> {
  const queries = selections.map((selection) => ({
    query: selectionQuery(selection),
    includeDeleted: selection.includeDeleted === true,
  }));
  const pages = await client.queryTogether(queries, { batchSize: ROWS_TOGETHER });
  return pages.map((one) => (one.kind === 'page' ? { kind: 'page', page: toRecordPage(one.page) } : one));
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

async function firstPage(query: RecordQuery<WireRecord>): Promise<RecordPage> {
  for await (const page of query.pages()) return toRecordPage(page);
  throw new InvariantError('a query has at least one page');
}

const toRecordPage = ({ records, readAt, nextRecordsUrl: next }: QueryPage<WireRecord>): RecordPage => ({
  records: records.map(withoutAttributes),
  readAt,
  ...(next === undefined ? {} : { next }),
});
