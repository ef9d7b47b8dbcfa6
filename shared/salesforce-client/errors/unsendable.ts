import { SalesforceApiError } from './errors.ts';

/** Why something was not sent. */
export type UnsendableCode =
  /** A composite call, batch or graph would be refused as a whole; the message names all that is wrong. */
  | 'INVALID_COMPOSITE'
  | 'INVALID_BATCH'
  | 'INVALID_GRAPH'
  /** What stands for an sObject or a field is no API name. */
  | 'INVALID_NAME'
  /** What stands for an id is none. */
  | 'MALFORMED_ID'
  /** JSON would drop the value or turn it into null, or no write may name the field. */
  | 'UNWRITABLE_VALUE'
  /** A record to upsert has no external id. */
  | 'EMPTY_KEY'
  /** The values of a record to upsert name its external id once more. */
  | 'KEY_IN_VALUES'
  /** No address can hold this external id; a collection's body can. */
  | 'UNADDRESSABLE_KEY'
  /** One record comes so often in a list that it must be a mistake. */
  | 'TOO_MANY_REPEATS'
  /** More names than one address holds. */
  | 'TOO_MANY_NAMES'
  /** A condition's time is none. */
  | 'INVALID_TIME'
  /** A window of changes begins less than a whole minute before its end. */
  | 'INVALID_REPLICATION_DATE';

/** Why an answer is not gone on with. */
export type UnusableCode =
  /** A query has more records than were to be held at once. */
  | 'TOO_MANY_RECORDS'
  /** An sObject has no record type of that developer name, or none that this user sees. */
  | 'UNKNOWN_RECORD_TYPE';

/** The refusal of what the platform would surely refuse, or read as something else. Costs no call. */
export const unsendable = (
  code: UnsendableCode,
  why: string,
  fields: readonly string[] = [],
): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: `${why} Nothing was sent.`, fields });

/** The refusal to go on with what the platform answered, because it is not what the caller asked for. */
export const unusable = (code: UnusableCode, why: string): SalesforceApiError =>
  new SalesforceApiError({ code, next: { do: 'stop' }, message: why });
