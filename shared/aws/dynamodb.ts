import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { StoredItemError } from '../contracts/stored-item-error.ts';
import type { RawItem } from './attribute-values.ts';
import { attempt, Refused, Throttled } from './errors.ts';
import { isTooLong, projectionOf } from './expressions.ts';
import { inRounds } from './rounds.ts';

/** A table and the client that reaches it. */
export interface Table {
  readonly client: DynamoDBClient;
  readonly name: string;
  /**
   * Told of an item that a listing passes over because it cannot be read, so that one bad item does not hide the others
   * or stop everybody's work. Without it the listing fails.
   */
  readonly onUnreadable?: (error: StoredItemError) => void;
}

/** The most that one BatchGetItem reads and one BatchWriteItem writes. */
const GET_KEYS = 100;
const WRITE_REQUESTS = 25;
/** Some three seconds of pauses: then the caller's own patience decides. */
const ROUNDS = 9;
/** Batches in flight at once: fills the connection pool without starving other work of the function. */
const PARALLEL = 4;
/** A page is up to 1 MB, so this is far more than any listing asks for. */
const MAX_QUERY_PAGES = 200;

export const chunksOf = <T>(entries: readonly T[], size: number): T[][] => {
  const chunks: T[][] = [];
  for (let from = 0; from < entries.length; from += size) chunks.push(entries.slice(from, from + size));
  return chunks;
};

/**
 * Runs the work on each entry, at most so many at once; the results are in order. After an error no further entry is
 * begun, and the error comes when those under way have ended: nothing goes on writing behind the caller's back.
 */
export const inParallel = async <T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  atOnce = PARALLEL,
): Promise<R[]> => {
  const results = new Map<number, R>();
  const errors: unknown[] = [];
  const queue = entries.entries();
  const worker = async (): Promise<void> => {
    for (const [index, entry] of queue) {
      if (errors.length > 0) return;
      try {
        results.set(index, await work(entry));
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, worker));
  if (errors.length > 0) throw errors[0];
  return [...results.entries()].sort(([a], [b]) => a - b).map(([, result]) => result);
};

/**
 * Strongly consistent reads of any number of keys, each at most once, in no order.
 *
 * @param attributes - names of the top-level attributes to read; all if left out
 * @throws Refused when there are more attributes than one request can name, some 500
 */
export const readAll = async (
  table: Table,
  keys: readonly RawItem[],
  what: string,
  attributes?: readonly string[],
): Promise<RawItem[]> => {
  if (keys.length === 0) return [];
  const projection = attributes && projectionOf(attributes);
  if (projection && isTooLong(projection.ProjectionExpression))
    throw new Refused(what, 'ValidationException');
  const pages = await inParallel(chunksOf(keys, GET_KEYS), (chunk) =>
    readChunk(table, chunk, what, projection),
  );
  return pages.flat();
};

const readChunk = (
  table: Table,
  keys: readonly RawItem[],
  what: string,
  projection?: ReturnType<typeof projectionOf>,
): Promise<RawItem[]> => {
  const found: RawItem[] = [];
  let left = [...keys];
  return inRounds(
    ROUNDS,
    async () => {
      const request = { Keys: left, ConsistentRead: true, ...projection };
      const answer = await attempt(what, () =>
        table.client.send(new BatchGetItemCommand({ RequestItems: { [table.name]: request } })),
      );
      const items = answer.Responses?.[table.name] ?? [];
      found.push(...items);
      left = answer.UnprocessedKeys?.[table.name]?.Keys ?? [];
      if (left.length === 0) return { answer: found };
      // What is left of a batch that was merely too large for one answer needs no pause.
      return items.length === 0 ? 'pause' : 'at-once';
    },
    () => {
      throw new Throttled(what);
    },
  );
};

/** Unconditional puts and deletes of any number of items, none of them twice. */
export const writeAll = async (
  table: Table,
  requests: readonly WriteRequest[],
  what: string,
): Promise<void> => {
  await inParallel(chunksOf(requests, WRITE_REQUESTS), (chunk) => writeChunk(table, chunk, what));
};

const writeChunk = (table: Table, requests: readonly WriteRequest[], what: string): Promise<void> => {
  let left = [...requests];
  return inRounds<void>(
    ROUNDS,
    async () => {
      const answer = await attempt(what, () =>
        table.client.send(new BatchWriteItemCommand({ RequestItems: { [table.name]: left } })),
      );
      left = answer.UnprocessedItems?.[table.name] ?? [];
      return left.length === 0 ? { answer: undefined } : 'pause';
    },
    () => {
      throw new Throttled(what);
    },
  );
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

/**
 * Reads the items of a listing; one that cannot be read is passed over where somebody is told of it.
 *
 * @throws StoredItemError where nobody is
 */
export const readListed = <T>(
  { onUnreadable }: Table,
  items: readonly RawItem[],
  read: (item: RawItem) => T,
): T[] =>
  items.flatMap((item) => {
    try {
      return [read(item)];
    } catch (error) {
      if (!(error instanceof StoredItemError) || onUnreadable === undefined) throw error;
      onUnreadable(error);
      return [];
    }
  });

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

/** Writes all or nothing: false where a condition does not hold, or somebody else is at one of the items just then. */
export const tryTransact = (
  { client }: Table,
  what: string,
  TransactItems: TransactWriteItem[],
): Promise<boolean> =>
  attempt(what, async () => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems }));
      return true;
    } catch (error) {
      if (error instanceof TransactionCanceledException) return false;
      throw error;
    }
  });
