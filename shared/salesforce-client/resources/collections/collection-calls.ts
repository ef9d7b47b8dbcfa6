import * as z from 'zod/mini';
import { SyncError } from '../../../contracts/next.ts';
import type { WireRecord } from '../../../contracts/salesforce.ts';
import { parseId } from '../../../contracts/salesforce-id.ts';
import { outcomeUnknown, toSalesforceError } from '../../errors/errors.ts';
import { cleaned, type RowResult, rowResult } from '../../errors/row-results.ts';
import type { SoqlQuery } from '../../soql/soql.ts';
import { callJson, deleting, type OrgCalls, writeHeaders, writing } from '../../transport/calls.ts';
import type { SalesforceResponse } from '../../transport/transport.ts';
import { composite, type Subrequest } from '../composite/subrequests.ts';
import { type FailedRecord, isUnreadable, type RefusedRecord, refusedRecordOrThrow } from '../outcomes.ts';
import { queryPage, queryUrl } from '../query-pages.ts';
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

/** How many records at once are written by a key. */
export interface UpsertManyOptions extends CollectionOptions {
  /**
   * The external id field is case sensitive, so that keys which differ in case are different records and travel in
   * one call.
   *
   * @default false, they may be one record, and go into calls that follow each other
   */
  readonly caseSensitiveKeys?: boolean;
}

/** A request for the records of one collection. */
export interface CollectionRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  /** Below the connection's version. */
  readonly path: string;
  readonly body?: unknown;
}

/** One kind of write of many records. */
export interface CollectionWrite<R extends ChunkRow, O> {
  readonly operation: string;
  /** Of a call, where the caller names none. @default the transport's */
  readonly timeoutMs?: number;
  /** The request for up to 200 of them. */
  request(rows: readonly R[], allOrNone: boolean): CollectionRequest;
  /**
   * The query that reads them again, in the same call, after the write; `undefined` where none can.
   *
   * @default they are not read
   */
  readBack?(rows: readonly R[]): SoqlQuery | undefined;
  toOutcome(result: RowResult, answer: CollectionAnswer): O;
}

const results = z.array(rowResult);

/** What came for a collection. */
export interface CollectionAnswer {
  readonly response: SalesforceResponse;
  /** Salesforce's time of it (ISO 8601, UTC). */
  readonly answeredAt: string;
  /** The records as they were read back, by id of 18 characters; none where that failed or was not asked for. */
  readonly after: ReadonlyMap<string, WireRecord>;
}

/** The results of a collection with their answer, or the error instead of them. */
export type Answer = (CollectionAnswer & { readonly results: readonly RowResult[] }) | SyncError;

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
      return write.toOutcome(result, answer);
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
  const { timeoutMs = write.timeoutMs } = options;
  const timed = timeoutMs === undefined ? options : { ...options, timeoutMs };
  const [only] = pack;
  // What looks like a reference travels alone: a composite call, which reading back needs, would read it as one.
  const isBare = write.readBack === undefined || only?.[0]?.isAlone === true;
  return only !== undefined && pack.length === 1 && isBare
    ? [await sendOne(calls, only, write, timed)]
    : sendTogether(calls, pack, write, timed);
}

async function sendOne<R extends ChunkRow, O>(
  calls: OrgCalls,
  chunk: readonly R[],
  write: CollectionWrite<R, O>,
  { timeoutMs, allOrNone = false, ...options }: CollectionOptions,
): Promise<Answer> {
  const { operation } = write;
  const headers = writeOptionHeaders(options);
  const { method, path, body } = write.request(chunk, allOrNone);
  const url = calls.basePath + path;
  const request =
    method === 'DELETE' ? deleting(operation, url, headers) : writing(operation, method, url, body, headers);
  const { data, response } = await callJson(
    calls,
    timeoutMs === undefined ? request : { ...request, timeoutMs },
    results,
  );
  return { ...answerOf(calls, response), results: cleaned(data, response) };
}

async function sendTogether<R extends ChunkRow, O>(
  calls: OrgCalls,
  pack: Pack<R>,
  write: CollectionWrite<R, O>,
  { timeoutMs, allOrNone = false, ...options }: CollectionOptions,
): Promise<readonly Answer[]> {
  const httpHeaders = { ...writeHeaders, ...writeOptionHeaders(options) };
  const steps = pack.flatMap((chunk, place): Subrequest[] => {
    const { method, path, body } = write.request(chunk, allOrNone);
    const url = calls.basePath + path;
    const sent = { method, url, referenceId: `chunk${place}`, httpHeaders };
    const query = write.readBack?.(chunk);
    return [
      body === undefined ? sent : { ...sent, body },
      // Runs after the write, so it sees what triggers and flows made of it.
      ...(query === undefined
        ? []
        : [{ method: 'GET', url: queryUrl(calls, query), referenceId: `after${place}` } as const]),
    ];
  });
  const answer = await composite(
    calls,
    write.operation,
    steps,
    false,
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  const { response } = answer;
  return pack.map((_, place) => {
    try {
      const rows = cleaned(answer.bodyOf(`chunk${place}`, results), response);
      // Where reading back failed, the write still stands.
      const read = write.readBack && answer.bodyIfAny(`after${place}`, queryPage);
      return { ...answerOf(calls, response, read?.records), results: rows };
    } catch (error) {
      if (error instanceof SyncError) return error;
      throw error;
    }
  });
}

function answerOf(
  calls: OrgCalls,
  response: SalesforceResponse,
  records: readonly WireRecord[] = [],
): CollectionAnswer {
  const after = new Map<string, WireRecord>();
  for (const record of records) {
    const id = typeof record.Id === 'string' ? parseId(record.Id) : undefined;
    if (id !== undefined) after.set(id, record);
  }
  return { response, answeredAt: calls.answeredAt(response), after };
}
