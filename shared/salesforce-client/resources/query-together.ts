import type { Clock } from '../../contracts/clock.ts';
import { SyncError } from '../../contracts/next.ts';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { isoOf } from '../../contracts/time.ts';
import type { SoqlQuery } from '../soql/soql.ts';
import type { OrgCalls } from '../transport/calls.ts';
import { composite, MAX_QUERY_URL_BYTES, type Subrequest } from './composite/subrequests.ts';
import { type FirstPage, firstPageOf, type QueryOptions, type QueryPage, readFirstPage } from './queries.ts';
import { pageOf, queryPage } from './query-pages.ts';

/** One of several queries that travel as one call. */
export interface JoinedQuery {
  readonly query: SoqlQuery;
  /** Deleted and archived records too. @default false */
  readonly includeDeleted?: boolean;
}

/** The first page of a joined query, or why there is none. */
export type JoinedPage =
  | { readonly kind: 'page'; readonly page: QueryPage<WireRecord> }
  | { readonly kind: 'failed'; readonly error: SyncError };

/** REST API guide, "Composite": how many steps of one call may be queries. */
const MAX_TOGETHER = 5;

/**
 * Reads the first pages of 1 to 5 queries, in their order. One call, and one more for each query that is too long for a
 * request line: those go alone. Later pages are read by `queryMore`.
 *
 * @throws what the call as a whole failed with
 */
export async function queryTogether(
  calls: OrgCalls,
  clock: Pick<Clock, 'nowMs'>,
  queries: readonly JoinedQuery[],
  options: QueryOptions,
): Promise<JoinedPage[]> {
  if (queries.length === 0 || queries.length > MAX_TOGETHER)
    throw new RangeError(`1 to ${MAX_TOGETHER} queries go together`);
  const firsts = queries.map(({ query, includeDeleted = false }) =>
    firstPageOf(calls, query, includeDeleted, options),
  );
  const joined = await readJoined(calls, clock, firsts.filter(isShort));
  const pages: JoinedPage[] = [];
  for (const first of firsts)
    pages.push(joined.get(first) ?? (await settled(() => readFirstPage<WireRecord>(calls, first))));
  return pages;
}

const isShort = ({ url }: FirstPage): boolean => url.length <= MAX_QUERY_URL_BYTES;

async function readJoined(
  calls: OrgCalls,
  clock: Pick<Clock, 'nowMs'>,
  firsts: readonly FirstPage[],
): Promise<ReadonlyMap<FirstPage, JoinedPage>> {
  if (firsts.length === 0) return new Map();
  // The object's name is for messages.
  const nameOf = ({ sObject }: FirstPage, index: number): string => `${sObject}_${index + 1}`;
  const steps = firsts.map((first, index): Subrequest => {
    const { url, headers } = first;
    return {
      method: 'GET',
      url,
      referenceId: nameOf(first, index),
      ...(headers && { httpHeaders: headers }),
    };
  });
  const startMs = clock.nowMs();
  const answer = await composite(calls, 'queries', steps, true);
  // They ran one after the other, so a row may be as old as the call. Who judges its age must not take it for newer.
  const tookMs = Math.max(0, clock.nowMs() - startMs);
  const readAt = isoOf(Date.parse(calls.answeredAt(answer.response)) - tookMs);
  const pages = new Map<FirstPage, JoinedPage>();
  for (const [index, first] of firsts.entries()) {
    const page = async () => {
      const body = answer.bodyOf(nameOf(first, index), queryPage);
      return { ...pageOf(calls, body, answer.response, first), readAt };
    };
    pages.set(first, await settled(page));
  }
  return pages;
}

async function settled(read: () => Promise<QueryPage<WireRecord>>): Promise<JoinedPage> {
  try {
    return { kind: 'page', page: await read() };
  } catch (error) {
    if (error instanceof SyncError) return { kind: 'failed', error };
    throw error;
  }
}
