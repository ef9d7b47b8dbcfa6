import * as z from 'zod/mini';
import { SyncError } from '../../../contracts/next.ts';
import { outcomeUnknown, toSalesforceError } from '../../errors/errors.ts';
import { cleaned, type RowResult, rowResult } from '../../errors/row-results.ts';
import { callJson, deleting, type OrgCalls, writeHeaders, writing } from '../../transport/calls.ts';
import type { SalesforceResponse } from '../../transport/transport.ts';
import { composite, type Subrequest } from '../composite/subrequests.ts';
import { type FailedRecord, isUnreadable, type RefusedRecord, refusedRecordOrThrow } from '../outcomes.ts';
import { type WriteOptions, writeOptionHeaders } from '../write-options.ts';
import type { ChunkRow, Pack } from './chunks.ts';

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

const results = z.array(rowResult);

/** The results of a collection in their answer, or the error instead of them. */
export type Answer =
  | { readonly results: readonly RowResult[]; readonly response: SalesforceResponse }
  | SyncError;

/** What became of a call's collections. */
export interface SentPack {
  /** One for each collection. */
  readonly answers: readonly Answer[];
  /** Whether all of them are one refusal of the call as a whole, which blames no one of its collections. */
  readonly isShared: boolean;
}

/** What became of a collection's records, by their places in it. */
export function outcomesOf<R extends ChunkRow, O>(
  chunk: readonly R[],
  answer: Answer | undefined,
  isShared: boolean,
  write: CollectionWrite<R, O>,
): (place: number) => O | RefusedRecord | FailedRecord {
  const { operation } = write;
  if (answer === undefined || answer instanceof SyncError) {
    const error = answer ?? outcomeUnknown(operation, 'there is no answer');
    const isOfOne = isUnreadable(error) && chunk.length === 1 && !isShared;
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

/** Sends the collections of one call. Throws where it failed as a whole, unless it could not be read. */
export async function sendPack<R extends ChunkRow, O>(
  calls: OrgCalls,
  pack: Pack<R>,
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<SentPack> {
  try {
    return { answers: await sendWhole(calls, pack, write, options), isShared: false };
  } catch (error) {
    if (isUnreadable(error)) return { answers: pack.map(() => error), isShared: pack.length > 1 };
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
