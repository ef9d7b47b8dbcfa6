import { setTimeout as sleep } from 'node:timers/promises';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { RawItem } from './attribute-values.ts';
import { attempt, Throttled } from './errors.ts';

/** A table and the client that reaches it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
}

/** Limits of BatchGetItem and BatchWriteItem. */
const GET_KEYS = 100;
const WRITE_REQUESTS = 25;
/** With the delays below, some five seconds: then the caller's own patience decides. */
const ROUNDS = 9;
/** Batches in flight at once: fills the connection pool without starving other work of the function. */
const PARALLEL = 4;
/** A page is up to 1 MB, so this is far more than any listing asks for. */
const MAX_QUERY_PAGES = 200;

/** 25 ms doubling up to a second, and somewhere between half and all of it, so that callers spread out. */
const backoffMs = (round: number): number => Math.min(1000, 25 * 2 ** round) * (0.5 + Math.random() / 2);

/** Waits before another round. */
export const backOff = (round: number): Promise<void> => sleep(backoffMs(round));

export const chunksOf = <T>(entries: readonly T[], size: number): T[][] => {
  const chunks: T[][] = [];
  for (let from = 0; from < entries.length; from += size) chunks.push(entries.slice(from, from + size));
  return chunks;
};

/** Runs the work on each entry, at most so many at once; the results are in order. The first error ends it. */
export const inParallel = async <T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  atOnce = PARALLEL,
): Promise<R[]> => {
  const results = new Map<number, R>();
  const queue = entries.entries();
  const worker = async (): Promise<void> => {
    for (const [index, entry] of queue) results.set(index, await work(entry));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, worker));
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
};

/**
 * Strongly consistent reads of any number of keys, each at most once, in no order.
 *
 * @param attributes - names of the top-level attributes to read; all if left out
 */
export const readAll = async (
  table: Table,
  keys: readonly RawItem[],
  what: string,
  attributes?: readonly string[],
): Promise<RawItem[]> => {
  const pages = await inParallel(chunksOf(keys, GET_KEYS), (chunk) =>
    readChunk(table, chunk, what, attributes),
  );
  return pages.flat();
};

const readChunk = async (
  table: Table,
  keys: readonly RawItem[],
  what: string,
  attributes?: readonly string[],
): Promise<RawItem[]> => {
  const found: RawItem[] = [];
  let left = [...keys];
  for (let round = 0; round < ROUNDS; round += 1) {
    const request = { Keys: left, ConsistentRead: true, ...(attributes && projection(attributes)) };
    const answer = await attempt(what, () =>
      table.client.send(new BatchGetItemCommand({ RequestItems: { [table.name]: request } })),
    );
    const items = answer.Responses?.[table.name] ?? [];
    found.push(...items);
    left = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
    if (left.length === 0) return found;
    // Leftovers of a batch that was merely too large for one answer need no wait.
    if (items.length === 0) await backOff(round);
  }
  throw new Throttled(what);
};

/** A projection of top-level attributes by placeholder: their names may be reserved words or hold dots. */
export const projection = (
  attributes: readonly string[],
): { ProjectionExpression: string; ExpressionAttributeNames: Record<string, string> } => {
  const names = [...new Set(attributes)];
  return {
    ProjectionExpression: names.map((_, index) => `#p${index}`).join(','),
    ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#p${index}`, name])),
  };
};

/** Unconditional puts and deletes of any number of items, none of them twice. */
export const writeAll = async (
  table: Table,
  requests: readonly WriteRequest[],
  what: string,
): Promise<void> => {
  await inParallel(chunksOf(requests, WRITE_REQUESTS), (chunk) => writeChunk(table, chunk, what));
};

const writeChunk = async (table: Table, requests: readonly WriteRequest[], what: string): Promise<void> => {
  let left = [...requests];
  for (let round = 0; round < ROUNDS; round += 1) {
    const answer = await attempt(what, () =>
      table.client.send(new BatchWriteItemCommand({ RequestItems: { [table.name]: left } })),
    );
    left = answer.UnprocessedItems?.[table.name] ?? [];
    if (left.length === 0) return;
    await backOff(round);
  }
  throw new Throttled(what);
};

/** The first `limit` items of a query, through as many pages as it takes. */
export const queryUpTo = async (
  table: Table,
  query: Omit<QueryCommandInput, 'TableName' | 'Limit' | 'ExclusiveStartKey'>,
  limit: number,
  what: string,
): Promise<RawItem[]> => {
  const found: RawItem[] = [];
  let start: RawItem | undefined;
  for (let page = 0; page < MAX_QUERY_PAGES && found.length < limit; page += 1) {
    const more = { Limit: limit - found.length, ...(start && { ExclusiveStartKey: start }) };
    const answer = await attempt(what, () =>
      table.client.send(new QueryCommand({ ...query, TableName: table.name, ...more })),
    );
    found.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
    if (!start) break;
  }
  return found;
};

/** True if the error is a condition that did not hold. */
export const isConditionFailure = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** Runs a conditional write: true if it was done, false if its condition did not hold. */
export const tryWrite = async (what: string, write: () => Promise<unknown>): Promise<boolean> =>
  attempt(what, async () => {
    try {
      await write();
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  });
