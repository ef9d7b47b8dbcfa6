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

/** How a write of many records is to be treated. */
export interface CollectionOptions extends WriteOptions {
  /**
   * One refused record undoes the others **of its collection**: up to 200 records that this client put together, never
   * the whole input. For one transaction of your own choice use `compositeGraph`.
   *
   * @default false, each record is written or refused independently
   */
  readonly allOrNone?: boolean;
}

/** How a write of many records by a key is to be treated. */
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
  /** Below `/services/data/v59.0`. */
  readonly path: string;
  readonly body?: unknown;
}

/** One kind of write of many records. */
export interface CollectionWrite<R extends ChunkRow, O> {
  readonly operation: string;
  /** How long a call may take if the caller does not say. @default the transport's */
  readonly timeoutMs?: number;
  /** The request for up to 200 records. */
  request(rows: readonly R[], allOrNone: boolean): CollectionRequest;
  /**
   * The query that reads the records after the write, in the same call; `undefined` where no query can.
   *
   * @default they are not read
   */
  readBack?(rows: readonly R[]): SoqlQuery | undefined;
  toOutcome(result: RowResult, answer: CollectionAnswer): O;
}

const results = z.array(rowResult);

/** The answer to a collection. */
export interface CollectionAnswer {
  readonly response: SalesforceResponse;
  /** Salesforce's time of it (ISO 8601, UTC). */
  readonly answeredAt: string;
  /** The records as they were read back, by id of 18 characters; empty if they could not be, or were not to be. */
  readonly after: ReadonlyMap<string, WireRecord>;
}

/** The results of a collection with their answer, or the error instead of them. */
export type Answer = (CollectionAnswer & { readonly results: readonly RowResult[] }) | SyncError;

/** What became of the collections of a call. */
export interface SentPack {
  /** One for each collection. */
  readonly answers: readonly Answer[];
  /** Whether the call was refused as a whole, so that each answer is that refusal and the collection at fault is unknown. */
  readonly isShared: boolean;
}

/** What became of the records of a collection, by their places in it. */
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

/** Sends the collections of one call. Throws if the call failed, unless Salesforce could not read a value in it. */
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
  // Text that looks like a reference travels outside a composite call, and is therefore not read back.
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
