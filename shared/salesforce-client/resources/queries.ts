import type { WireRecord } from '../../contracts/salesforce.ts';
import { incompleteQuery } from '../errors/errors.ts';
import { unusable } from '../errors/unsendable.ts';
import { Soql, type SoqlQuery } from '../soql/soql.ts';
import type { Headers, OrgCalls } from '../transport/calls.ts';
import { firstPageProblem, type Page, type PageRequest, queryUrl, readPage } from './query-pages.ts';
import type { Read } from './values.ts';

export interface QueryOptions {
  /** The most records of a page, from 200 to 2,000; the org may send fewer. @default the org's own, at most 2,000 */
  readonly batchSize?: number;
}

/** One page of a query. */
export interface QueryPage<T> extends Omit<Page, 'records'> {
  readonly records: readonly T[];
}

/** More records should not be in memory at once. */
const MAX_RECORDS_AT_ONCE = 100_000;

/**
 * A query that runs each time it is read: `for await` gives its records, `pages()` its pages, `all()` everything at
 * once. Holds one page at a time, and costs one call a page.
 *
 * Reading it to its end throws `QUERY_INCOMPLETE` (retry) unless every record came that the first page counted. Records
 * that are deleted for good between two pages show so too: run the query again.
 */
export class RecordQuery<T extends object> implements AsyncIterable<Read<T>> {
  readonly #begin: () => Promise<QueryPage<Read<T>>>;
  readonly #go: (nextRecordsUrl: string) => Promise<QueryPage<Read<T>>>;
  readonly #isCounted: boolean;

  /** @internal use `query`, `queryAll` or `queryMore` of a client */
  constructor(
    begin: () => Promise<QueryPage<Read<T>>>,
    go: (url: string) => Promise<QueryPage<Read<T>>>,
    isCounted: boolean,
  ) {
    this.#begin = begin;
    this.#go = go;
    this.#isCounted = isCounted;
  }

  /** Page by page; a page may be empty although there are more. */
  pages(): AsyncGenerator<QueryPage<Read<T>>, void, undefined> {
    return this.#walk((page) => [page]);
  }

  [Symbol.asyncIterator](): AsyncGenerator<Read<T>, void, undefined> {
    return this.#walk(({ records }) => records);
  }

  async *#walk<X>(give: (page: QueryPage<Read<T>>) => Iterable<X>): AsyncGenerator<X, void, undefined> {
    const seen = new Set<string>();
    const { next: second, totalSize, rows } = yield* onePage(this.#begin, give);
    let next = second;
    let read = rows;
    while (next !== undefined) {
      if (seen.has(next)) throw incompleteQuery('query more', 'the next page is one that was read already');
      seen.add(next);
      const url: string = next;
      const page: ReadPage = yield* onePage(() => this.#go(url), give);
      next = page.next;
      read += page.rows;
    }
    if (this.#isCounted && read !== totalSize)
      throw incompleteQuery('query more', `its pages have ${read} of ${totalSize} records`);
  }

  /**
   * Every record at once.
   *
   * @param maxRecords - @default 100,000
   * @throws SalesforceApiError `TOO_MANY_RECORDS` after the first page, if there are more
   */
  async all(maxRecords = MAX_RECORDS_AT_ONCE): Promise<Read<T>[]> {
    const all: Read<T>[] = [];
    for await (const { records, totalSize } of this.pages()) {
      if (totalSize > maxRecords || all.length + records.length > maxRecords) {
        const why = `The query has ${totalSize} records, and at most ${maxRecords} were to be read at once.`;
        throw unusable('TOO_MANY_RECORDS', `${why} Read it page by page.`);
      }
      for (const record of records) all.push(record);
    }
    return all;
  }

  /** The first record; `undefined` if there is none. */
  async first(): Promise<Read<T> | undefined> {
    for await (const record of this) return record;
    return undefined;
  }
}

/** What is remembered of a page. */
interface ReadPage {
  readonly next: string | undefined;
  readonly totalSize: number;
  readonly rows: number;
}

/** Yields from one page, and returns what it says of the others. It is freed before the next one is requested. */
async function* onePage<T, X>(
  read: () => Promise<QueryPage<T>>,
  give: (page: QueryPage<T>) => Iterable<X>,
): AsyncGenerator<X, ReadPage, undefined> {
  const page = await read();
  // Faster than `yield*`, which waits for each element in a wrapper of its own.
  for (const one of give(page)) yield one;
  return { next: page.nextRecordsUrl, totalSize: page.totalSize, rows: page.records.length };
}

/** A query of live records, or with `includeDeleted` of deleted and archived ones too. */
export function makeQuery<T extends object>(
  calls: OrgCalls,
  query: SoqlQuery,
  includeDeleted: boolean,
  options: QueryOptions,
): RecordQuery<T> {
  const first = firstPageOf(calls, query, includeDeleted, options);
  const { headers } = first;
  return new RecordQuery(
    () => readFirstPage<T>(calls, first),
    (url) => readPageOf<T>(calls, { operation: 'query more', url, headers }),
    isCountedByRows(query),
  );
}

/** The first page of a query, before it is read. */
export interface FirstPage extends PageRequest {
  readonly sObject: string;
}

/** Where the first page of a query is. @throws TypeError for a query in plain text */
export function firstPageOf(
  calls: OrgCalls,
  query: SoqlQuery,
  includeDeleted: boolean,
  options: QueryOptions,
): FirstPage {
  if (!Soql.is(query)) throw new TypeError('A query is built with soql`…`, never out of plain text');
  const sObject = objectOf(query);
  return {
    sObject,
    operation: `query ${sObject}`,
    url: queryUrl(calls, query, includeDeleted),
    headers: pageHeaders(options),
    problemOf: isCountedByRows(query) ? firstPageProblem : undefined,
  };
}

/** Reads it. One call. */
export const readFirstPage = <T extends object>(
  calls: OrgCalls,
  first: FirstPage,
): Promise<QueryPage<Read<T>>> => readPageOf<T>(calls, first);

/** Counts and gives no rows, or rows of another system or store, whose number nobody here knows for certain. */
const NOT_COUNTED = /^\s*SELECT\s+COUNT\s*\(\s*\)|\bFROM\s+\w+__[xb]\b/i;

/** Whether the `totalSize` of a query is the number of its rows; values come after the first FROM. */
const isCountedByRows = (query: SoqlQuery): boolean => !NOT_COUNTED.test(query.toString());

/** The sObject of a query, for messages. Values come after the first FROM, so that none is taken for it. */
export const objectOf = (query: SoqlQuery): string =>
  /\bFROM\s+([A-Za-z]\w{0,79})/i.exec(query.toString())?.[1] ?? 'records';

/** The records from `nextRecordsUrl` on: that of an earlier page, or of a child subquery. */
export function resumeQuery<T extends object>(
  calls: OrgCalls,
  nextRecordsUrl: string,
  options: QueryOptions,
): RecordQuery<T> {
  const headers = pageHeaders(options);
  const go = (url: string) => readPageOf<T>(calls, { operation: 'query more', url, headers });
  // How many records came before it is not known.
  return new RecordQuery(() => go(nextRecordsUrl), go, false);
}

/** How many records a `SELECT COUNT() FROM …` counts, or another query would give. One call. */
export async function countRecords(calls: OrgCalls, query: SoqlQuery): Promise<number> {
  for await (const { totalSize } of makeQuery<WireRecord>(calls, query, false, {}).pages()) return totalSize;
  throw new Error('A query has at least one page');
}

async function readPageOf<T extends object>(
  calls: OrgCalls,
  request: PageRequest,
): Promise<QueryPage<Read<T>>> {
  const page = await readPage(calls, request);
  const records: readonly object[] = page.records;
  // The caller wrote the query, so the type of its records is the caller's claim.
  return { ...page, records: records as readonly Read<T>[] };
}

function pageHeaders({ batchSize }: QueryOptions): Headers | undefined {
  if (batchSize === undefined) return undefined;
  if (!Number.isInteger(batchSize) || batchSize < 200 || batchSize > 2_000)
    throw new RangeError('batchSize is a whole number from 200 to 2,000');
  return { 'sforce-query-options': `batchSize=${batchSize}` };
}
