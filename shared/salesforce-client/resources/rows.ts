import type * as z from 'zod/mini';
import { parseId, to18 } from '../../contracts/salesforce-id.ts';
import { isSalesforceError, outcomeUnknown } from '../errors/errors.ts';
import { rowResult } from '../errors/row-results.ts';
import { unsendable } from '../errors/unsendable.ts';
import { toIso } from '../times.ts';
import {
  callJson,
  deleting,
  type Headers,
  type OrgCalls,
  reading,
  readJson,
  writing,
} from '../transport/calls.ts';
import { traceOfAnswer } from '../transport/request-id.ts';
import type { SalesforceRequest, SalesforceResponse } from '../transport/transport.ts';
import { compositeRead, MAX_QUERY_URL_BYTES } from './composite/subrequests.ts';
import {
  type Deleted,
  isMissing,
  type ModifiedMeanwhile,
  type RefusedRecord,
  refusedRecordOrThrow,
  toWritten,
  type Written,
} from './outcomes.ts';
import { apiName, keyUrl, rowUrl, sObjectUrl } from './paths.ts';
import { row } from './query-pages.ts';
import { checkedValues } from './values.ts';
import { type WriteOptions, writeOptionHeaders } from './write-options.ts';

export interface ReadRowOptions {
  /** API names; of an empty list the id alone is read. @default every field that the user may see */
  readonly fields?: readonly string[];
}

export interface UpdateRowOptions extends WriteOptions {
  /**
   * Write only if nobody changed the record after this time: its `LastModifiedDate` as it was read, ISO 8601 or a
   * `Date`. Whole seconds: a change within the same second is not noticed.
   */
  readonly ifUnmodifiedSince?: string | Date;
}

export interface UpsertRowOptions extends WriteOptions {
  /** Change an existing record, and never create one. */
  readonly updateOnly?: boolean;
}

/** The outcome of a single upsert. Up to API version 45.0 the answer to an update lacks the id. */
export type UpsertOutcome = RefusedRecord | (Omit<Written, 'id'> & { readonly id?: string });

/** Reads one row; `undefined` where it does not exist, is deleted, or is hidden from the user. One call. */
export async function readRow(
  calls: OrgCalls,
  operation: string,
  url: string,
  options: ReadRowOptions,
): Promise<z.infer<typeof row> | undefined> {
  const names = options.fields?.map((name, index) => apiName(name, `Field ${index + 1}`));
  // An empty parameter would ask for every field.
  const whole = names === undefined ? url : `${url}?fields=${names.join(',') || 'Id'}`;
  try {
    const { data } =
      whole.length <= MAX_QUERY_URL_BYTES
        ? await callJson(calls, reading(operation, whole), row)
        : await compositeRead(calls, operation, whole, row);
    return data;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Creates one row. One call. */
export async function createRow(
  calls: OrgCalls,
  sObject: string,
  values: object,
  options: WriteOptions,
): Promise<Written | RefusedRecord> {
  const operation = `create ${sObject}`;
  const url = sObjectUrl(calls, sObject);
  const body = checkedValues(sObject, values);
  const request = timed(writing(operation, 'POST', url, body, writeOptionHeaders(options)), options);
  try {
    const { data, response } = await callJson(calls, request, rowResult);
    return toWritten(operation, data, true, response);
  } catch (error) {
    // Here only the sObject can be missing. A deleted parent has another code, and refuses the record.
    if (isSalesforceError(error) && error.code === 'NOT_FOUND') throw error;
    return refusedRecordOrThrow(error);
  }
}

/** Changes one row. One call. */
export async function updateRow(
  calls: OrgCalls,
  sObject: string,
  id: string,
  values: object,
  options: UpdateRowOptions,
): Promise<Written | RefusedRecord | ModifiedMeanwhile> {
  const headers = { ...writeOptionHeaders(options), ...condition(options.ifUnmodifiedSince) };
  const url = rowUrl(calls, sObject, id);
  const request = writing(`update ${sObject}`, 'PATCH', url, checkedValues(sObject, values), headers);
  try {
    return await asOutcome(async () => {
      const answer = await sendExpecting204(calls, timed(request, options));
      return { kind: 'written', id: to18(id), created: false, ...traceOfAnswer(answer) } as const;
    });
  } catch (error) {
    if (isSalesforceError(error) && error.status === 412) return { kind: 'modified' };
    throw error;
  }
}

/** Puts one row into the recycle bin. One call. */
export async function deleteRow(
  calls: OrgCalls,
  sObject: string,
  id: string,
  options: WriteOptions,
): Promise<Deleted | RefusedRecord> {
  const request = deleting(`delete ${sObject}`, rowUrl(calls, sObject, id), writeOptionHeaders(options));
  return asOutcome(async () => {
    const answer = await sendExpecting204(calls, timed(request, options));
    return { kind: 'deleted', id: to18(id), ...traceOfAnswer(answer) } as const;
  });
}

/**
 * Creates or changes the row with an external id. One call.
 *
 * @throws MultipleChoicesError where several rows have it
 */
export async function upsertRow(
  calls: OrgCalls,
  sObject: string,
  key: { readonly field: string; readonly value: string | number },
  values: object,
  options: UpsertRowOptions,
): Promise<UpsertOutcome> {
  const operation = `upsert ${sObject}`;
  const body = checkedValues(sObject, values, { keyField: key.field });
  const url = keyUrl(calls, sObject, key.field, key.value) + (options.updateOnly ? '?updateOnly=true' : '');
  const request = timed(writing(operation, 'PATCH', url, body, writeOptionHeaders(options)), options);
  try {
    return await sendUpsert(calls, request);
  } catch (error) {
    // Where a record may be created, only the sObject can be missing; by its id no record can be created.
    const mayCreate = !options.updateOnly && key.field.toLowerCase() !== 'id';
    if (isSalesforceError(error) && error.code === 'NOT_FOUND' && mayCreate) throw error;
    return refusedRecordOrThrow(error);
  }
}

async function sendUpsert(calls: OrgCalls, request: SalesforceRequest): Promise<UpsertOutcome> {
  const { operation } = request;
  const response = await calls.send(request);
  if (response.status === 204)
    return {
      kind: 'written',
      created: false,
      ...idIn(response.headers.location),
      ...traceOfAnswer(response),
    };
  const result = await readJson(response, request, rowResult);
  return toWritten(operation, result, result.created ?? response.status === 201, response);
}

/** Sends a write whose only good answer is 204. A page with another good status comes from a proxy, and tells nothing. */
async function sendExpecting204(calls: OrgCalls, request: SalesforceRequest): Promise<SalesforceResponse> {
  const response = await calls.send(request);
  if (response.status !== 204)
    throw outcomeUnknown(request.operation, `${response.status} instead of 204`, response);
  return response;
}

async function asOutcome<T>(write: () => Promise<T>): Promise<T | RefusedRecord> {
  try {
    return await write();
  } catch (error) {
    return refusedRecordOrThrow(error);
  }
}

const timed = (request: SalesforceRequest, { timeoutMs }: WriteOptions): SalesforceRequest =>
  timeoutMs === undefined ? request : { ...request, timeoutMs };

function condition(since: string | Date | undefined): Headers {
  if (since === undefined) return {};
  const iso = typeof since === 'string' ? toIso(since) : toIso(since.toJSON() ?? '');
  if (iso === undefined)
    throw unsendable('INVALID_TIME', 'ifUnmodifiedSince must be a real time, in ISO 8601 with a zone.');
  return { 'if-unmodified-since': new Date(iso).toUTCString() };
}

function idIn(location: string | undefined): { readonly id?: string } {
  const id = parseId(location?.split('/').at(-1) ?? '');
  return id === undefined ? {} : { id };
}
