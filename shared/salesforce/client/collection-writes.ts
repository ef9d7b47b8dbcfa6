import * as z from 'zod/mini';
import { SyncError } from '../../contracts/next.ts';
import { callJson, deleting, type OrgCalls, writeHeaders, writing } from '../calls.ts';
import { composite, type Subrequest } from '../composite.ts';
import { outcomeUnknown, toSalesforceError } from '../errors.ts';
import { cleaned, type RowResult, rowResult } from '../row-results.ts';
import type { SalesforceResponse } from '../transport.ts';
import { type ChunkRow, type Pack, packed, toPacks } from './chunks.ts';
import {
  type FailedRecord,
  isUnreadable,
  type RefusedRecord,
  refusedRecordOrThrow,
  type UnsentRecord,
} from './outcomes.ts';
import { type WriteOptions, writeOptionHeaders } from './write-options.ts';

/** How many records at once are written. */
export interface CollectionOptions extends WriteOptions {
  /**
   * One refused record undoes the others **of its collection**, which is up to 200 records that this client put
   * together; never of the whole input. Whoever needs more than that in one transaction uses `compositeGraph`.
   *
   * @default false, each record stands for itself
   */
  readonly allOrNone?: boolean;
}

/** Triggers and flows of a thousand records take their time, and an answer given up is an unknown outcome. */
const TIMEOUT_MS = 120_000;

/** One kind of write of many records. */
export interface CollectionWrite<R extends ChunkRow, O> {
  readonly operation: string;
  /** The request for up to 200 of them; `path` below the version. */
  request(
    rows: readonly R[],
    allOrNone: boolean,
  ): { readonly method: 'POST' | 'PATCH' | 'DELETE'; readonly path: string; readonly body?: unknown };
  toOutcome(result: RowResult, answer: SalesforceResponse): O;
}

/** What becomes of a record, whatever the write is. */
type Otherwise = RefusedRecord | FailedRecord | UnsentRecord;

/**
 * Calls of one write that may look for records which the platform cannot read: enough for a few among thousands, and
 * no more than a few, where every record has the same mistake.
 */
const MAX_SEARCH_CALLS = 24;

const results = z.array(rowResult);

/**
 * Writes records as few calls as there can be, one after the other: 1,000 a call. One outcome for each, in the order
 * of the input. The error of the first call is thrown, since nothing else was done; that of a later one is the
 * outcome of its records, and what would have followed is left unsent.
 *
 * A collection of which the platform cannot read one value is refused as a whole. It is sent again in halves until
 * the record is found, which costs up to 8 calls for one and 24 for all; what was not found by then has failed.
 */
export async function writeAll<R extends ChunkRow, O>(
  calls: OrgCalls,
  rows: readonly R[],
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<(O | Otherwise)[]> {
  const outcomes = new Map<number, O | Otherwise>();
  const note = (chunk: readonly R[], outcome: (place: number) => O | Otherwise) => {
    for (const [place, row] of chunk.entries()) outcomes.set(row.index, outcome(place));
  };
  let failure: SyncError | undefined;
  let searchCallsLeft = options.allOrNone === true ? 0 : MAX_SEARCH_CALLS;
  const packs = toPacks(rows);
  // Grows while it is walked, by the halves.
  for (const [index, pack] of packs.entries()) {
    if (failure !== undefined) {
      const unsent: UnsentRecord = { kind: 'unsent', error: failure };
      for (const chunk of pack) note(chunk, () => unsent);
      continue;
    }
    try {
      const answers = await sendPack(calls, pack, write, options);
      const unread = pack.filter((chunk, place) => chunk.length > 1 && isUnreadable(answers[place]));
      const halves = packed(unread.flatMap(inHalves));
      const isSearched = halves.length <= searchCallsLeft;
      if (isSearched) {
        searchCallsLeft -= halves.length;
        packs.splice(index + 1, 0, ...halves);
      }
      for (const [place, chunk] of pack.entries())
        if (!isSearched || !unread.includes(chunk)) note(chunk, outcomesOf(chunk, answers[place], write));
    } catch (error) {
      if (index === 0) throw error;
      failure =
        error instanceof SyncError
          ? error
          : outcomeUnknown(write.operation, 'reading it failed', undefined, error);
      const failed: FailedRecord = { kind: 'failed', error: failure };
      for (const chunk of pack) note(chunk, () => failed);
    }
  }
  return rows.map((_, index) => {
    const outcome = outcomes.get(index);
    if (outcome === undefined) throw new Error('Every record has an outcome');
    return outcome;
  });
}

function inHalves<R>(chunk: readonly R[]): (readonly R[])[] {
  const middle = Math.ceil(chunk.length / 2);
  return [chunk.slice(0, middle), chunk.slice(middle)];
}

/** The results of a collection in their answer, or the error instead of them. */
type Answer = { readonly results: readonly RowResult[]; readonly response: SalesforceResponse } | SyncError;

/** What became of a collection's records, by their places in it. */
function outcomesOf<R extends ChunkRow, O>(
  chunk: readonly R[],
  answer: Answer | undefined,
  write: CollectionWrite<R, O>,
): (place: number) => O | Otherwise {
  const { operation } = write;
  if (answer === undefined || answer instanceof SyncError) {
    const error = answer ?? outcomeUnknown(operation, 'there is no answer');
    const isOfOne = isUnreadable(error) && chunk.length === 1;
    return () => (isOfOne ? refusedRecordOrThrow(error) : { kind: 'failed', error });
  }
  const { results, response } = answer;
  return (place) => {
    const result = results[place];
    if (results.length !== chunk.length || result === undefined) {
      const error = outcomeUnknown(operation, 'a result for each record is missing', response);
      return { kind: 'failed', error };
    }
    try {
      return write.toOutcome(result, response);
    } catch (error) {
      return { kind: 'failed', error: toSalesforceError(error, operation) };
    }
  };
}

/** The results of each chunk, or what became of it instead. Throws where the call as a whole failed. */
async function sendPack<R extends ChunkRow, O>(
  calls: OrgCalls,
  pack: Pack<R>,
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<readonly Answer[]> {
  try {
    return await sendWhole(calls, pack, write, options);
  } catch (error) {
    if (isUnreadable(error)) return pack.map(() => error);
    throw error;
  }
}

async function sendWhole<R extends ChunkRow, O>(
  calls: OrgCalls,
  pack: Pack<R>,
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<readonly Answer[]> {
  const { operation } = write;
  const { timeoutMs = TIMEOUT_MS, allOrNone = false } = options;
  const headers = writeOptionHeaders(options);
  const requests = pack.map((chunk) => write.request(chunk, allOrNone));
  const [only] = requests;
  if (only !== undefined && requests.length === 1) {
    const url = calls.basePath + only.path;
    const request =
      only.method === 'DELETE'
        ? deleting(operation, url, headers)
        : writing(operation, only.method, url, only.body, headers);
    const { data, response } = await callJson(calls, { ...request, timeoutMs }, results);
    return [{ results: cleaned(data, response), response }];
  }
  const steps = requests.map(
    ({ method, path, body }, place): Subrequest => ({
      method,
      url: calls.basePath + path,
      referenceId: `chunk${place}`,
      ...(body === undefined ? {} : { body }),
      httpHeaders: { ...writeHeaders, ...headers },
    }),
  );
  const answer = await composite(calls, operation, steps, false, { timeoutMs });
  return steps.map(({ referenceId }) => {
    try {
      const { response } = answer;
      return { results: cleaned(answer.bodyOf(referenceId, results), response), response };
    } catch (error) {
      if (error instanceof SyncError) return error;
      throw error;
    }
  });
}
