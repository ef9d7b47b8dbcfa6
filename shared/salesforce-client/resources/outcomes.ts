import type { SyncError } from '../../contracts/next.ts';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import type { Traced } from '../../contracts/traced.ts';
import type { Duplicates } from '../errors/duplicates.ts';
import { plainCode } from '../errors/error-catalogue.ts';
import { isSalesforceError, outcomeUnknown, SalesforceApiError } from '../errors/errors.ts';
import { duplicatesOf, type Refused, type RowResult, refused, toRefusal } from '../errors/row-results.ts';
import { traceOfAnswer } from '../transport/request-id.ts';
import type { SalesforceResponse } from '../transport/transport.ts';

/** The record stands as it was written. */
export interface Written extends Traced {
  readonly kind: 'written';
  /** 18 characters. */
  readonly id: string;
  readonly created: boolean;
}

/** The record stands as it was written, and was read again after the write. */
export interface WrittenAndRead extends Written {
  /** Salesforce's time of the answer (ISO 8601, UTC). */
  readonly answeredAt: string;
  /**
   * The record after the write, with what triggers and flows made of it. Absent where it could not be read, which
   * undoes no write: its text must travel outside a composite call, its key is too long for a query, or the external
   * id field is a number field, which a query compares only with numbers.
   */
  readonly after?: WireRecord;
}

/** The record is in the recycle bin. */
export interface Deleted extends Traced {
  readonly kind: 'deleted';
  /** 18 characters. */
  readonly id: string;
}

/** Salesforce refused this record, and nothing of it was written. */
export interface RefusedRecord extends Refused {
  /** For `DUPLICATES_DETECTED` and `DUPLICATE_VALUE`: which records are its duplicates, where the platform lists them. */
  readonly duplicates?: Duplicates;
}

/**
 * The call that carried the record failed. If `error.next` is `reread`, nobody knows whether the record was written;
 * otherwise it was not.
 */
export interface FailedRecord {
  readonly kind: 'failed';
  readonly error: SyncError;
}

/** Not written, because an earlier call failed with this error. */
export interface UnsentRecord {
  readonly kind: 'unsent';
  readonly error: SyncError;
}

/** Somebody changed the record after the time that the update named, so nothing was written: read it again. */
export interface ModifiedMeanwhile {
  readonly kind: 'modified';
}

/** What became of one record of a write of many. */
export type WriteOutcome = Written | RefusedRecord | FailedRecord | UnsentRecord;
/** The same where the records were read again after the write. */
export type WriteAndReadOutcome = WrittenAndRead | RefusedRecord | FailedRecord | UnsentRecord;
/** What became of one record of a deletion of many. */
export type DeleteOutcome = Deleted | RefusedRecord | FailedRecord | UnsentRecord;

/** The outcome of one record, from its result in an answer. */
export function toWritten(
  operation: string,
  row: RowResult,
  created: boolean,
  answer: SalesforceResponse,
): Written | RefusedRecord {
  return row.success
    ? { kind: 'written', id: writtenId(operation, row, answer), created, ...traceOfAnswer(answer) }
    : refusedBy(row);
}

/** The same for a record that was read back in the same answer. */
export function toWrittenAndRead(
  operation: string,
  row: RowResult,
  created: boolean,
  { response, answeredAt, after }: AnswerWithRecords,
): WrittenAndRead | RefusedRecord {
  const outcome = toWritten(operation, row, created, response);
  if (outcome.kind !== 'written') return outcome;
  const record = after.get(outcome.id);
  return { ...outcome, answeredAt, ...(record === undefined ? {} : { after: record }) };
}

/** An answer with the records that were read back. */
interface AnswerWithRecords {
  readonly response: SalesforceResponse;
  readonly answeredAt: string;
  /** By id of 18 characters. */
  readonly after: ReadonlyMap<string, WireRecord>;
}

/** The same for a deletion. */
export function toDeleted(
  operation: string,
  row: RowResult,
  answer: SalesforceResponse,
): Deleted | RefusedRecord {
  return row.success
    ? { kind: 'deleted', id: writtenId(operation, row, answer), ...traceOfAnswer(answer) }
    : refusedBy(row);
}

function writtenId(operation: string, row: RowResult, answer: SalesforceResponse): string {
  const id = parseId(row.id ?? '');
  if (id === undefined) throw outcomeUnknown(operation, 'a written record has no id', answer);
  return id;
}

function refusedBy(row: RowResult): RefusedRecord {
  const duplicates = duplicatesOf(row);
  return duplicates === undefined ? toRefusal(row) : { ...toRefusal(row), duplicates };
}

/** Codes with status 400, 403 or 404 that are about the request, the session or the org, not about the record. */
const NOT_OF_THE_RECORD = new Set([
  'API_CURRENTLY_DISABLED',
  'API_DISABLED_FOR_ORG',
  'FUNCTIONALITY_NOT_ENABLED',
  'INVALID_HEADER',
  'INVALID_INPUT',
  'INVALID_TYPE',
  'UNEXPECTED_RESPONSE',
  'UNSUPPORTED_API_VERSION',
]);

/** The error of a single row's write as a refusal of that record. Throws an error that is about something else. */
export function refusedRecordOrThrow(error: unknown): RefusedRecord {
  if (!(error instanceof SalesforceApiError) || !isOfTheRecord(error)) throw error;
  const { code, detail, fields, duplicateRecords } = error;
  const record = refused(code, detail, fields);
  return duplicateRecords === undefined ? record : { ...record, duplicates: duplicateRecords };
}

function isOfTheRecord({ status, code, detail, next }: SalesforceApiError): boolean {
  if (status !== 400 && status !== 403 && status !== 404) return false;
  // Nobody knows whether the record was written, so it is not a refusal, whatever the status.
  if (next.do === 'reread') return false;
  return !NOT_OF_THE_RECORD.has(code) && !isUnknownKeyField(code, detail);
}

/**
 * Whether the platform could not read a value as its field's type. It reads a whole request before it writes any of
 * it, so nothing was written. With another status something before the platform only quotes the code.
 */
export const isUnreadable = (error: unknown): error is SalesforceApiError =>
  error instanceof SalesforceApiError && error.status === 400 && plainCode(error.code) === 'JSONPARSERERROR';

/** Whether an error says that the record does not exist, or is hidden from the user. */
export const isMissing = (error: unknown): boolean =>
  isSalesforceError(error) &&
  error.status === 404 &&
  (error.code === 'ENTITY_IS_DELETED' || error.code === 'NOT_FOUND') &&
  !isUnknownKeyField(error.code, error.detail);

/** Whether the field's name is wrong: the code is that of a missing record, but it would be the same for any record. */
const isUnknownKeyField = (code: string, detail: string): boolean =>
  code === 'NOT_FOUND' && detail.startsWith('Provided external ID field');
