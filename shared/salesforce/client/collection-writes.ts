import * as z from 'zod/mini';
import { SyncError } from '../../contracts/next.ts';
import { callJson, deleting, type OrgCalls, writeHeaders, writing } from '../calls.ts';
import { composite, type Subrequest } from '../composite.ts';
import { outcomeUnknown, toSalesforceError } from '../errors.ts';
import { cleaned, type RowResult, rowResult } from '../row-results.ts';
import { type ChunkRow, type Pack, toPacks } from './chunks.ts';
import type { FailedRecord, UnsentRecord } from './outcomes.ts';
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
  toOutcome(result: RowResult): O;
}

const results = z.array(rowResult);

/**
 * Writes records as few calls as there can be, one after the other: 1,000 a call. One outcome for each, in the order
 * of the input. The error of the first call is thrown, since nothing else was done; that of a later one is the
 * outcome of its records, and what would have followed is left unsent.
 */
export async function writeAll<R extends ChunkRow, O>(
  calls: OrgCalls,
  rows: readonly R[],
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<(O | FailedRecord | UnsentRecord)[]> {
  const outcomes = new Map<number, O | FailedRecord | UnsentRecord>();
  const note = (chunk: readonly R[], outcome: (place: number) => O | FailedRecord | UnsentRecord) => {
    for (const [place, row] of chunk.entries()) outcomes.set(row.index, outcome(place));
  };
  let failure: SyncError | undefined;
  for (const [index, pack] of toPacks(rows).entries()) {
    if (failure !== undefined) {
      const unsent: UnsentRecord = { kind: 'unsent', error: failure };
      for (const chunk of pack) note(chunk, () => unsent);
      continue;
    }
    try {
      const answers = await sendPack(calls, pack, write, options);
      for (const [place, chunk] of pack.entries()) noteAnswer(chunk, answers[place], write, note);
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

type Answer = readonly RowResult[] | SyncError | undefined;

function noteAnswer<R extends ChunkRow, O>(
  chunk: readonly R[],
  answer: Answer,
  write: CollectionWrite<R, O>,
  note: (chunk: readonly R[], outcome: (place: number) => O | FailedRecord) => void,
): void {
  const { operation } = write;
  const isWhole = !(answer instanceof SyncError) && answer?.length === chunk.length;
  note(chunk, (place) => {
    if (answer instanceof SyncError) return { kind: 'failed', error: answer };
    const result = answer?.[place];
    if (!isWhole || result === undefined)
      return { kind: 'failed', error: outcomeUnknown(operation, 'a result for each record is missing') };
    try {
      return write.toOutcome(result);
    } catch (error) {
      return { kind: 'failed', error: toSalesforceError(error, operation) };
    }
  });
}

/** The results of each chunk, or what became of it instead. Throws where the call as a whole failed. */
async function sendPack<R extends ChunkRow, O>(
  calls: OrgCalls,
  pack: Pack<R>,
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<Answer[]> {
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
    return [cleaned(data, response)];
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
      return cleaned(answer.bodyOf(referenceId, results), answer.response);
    } catch (error) {
      if (error instanceof SyncError) return error;
      throw error;
    }
  });
}
