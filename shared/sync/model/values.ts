import type { ExactNumber } from '../../contracts/exact-number.ts';

/**
 * A mapped field's value in the one form in which all sides are compared. Dates and datetimes are ISO 8601 strings; a
 * number that no double holds exactly is its digits (`ExactNumber.text`).
 */
export type FieldValue = string | number | boolean | null;

/** Values by local attribute name; a field that is absent from a record is `null` here, never left out. */
export type FieldValues = Readonly<Record<string, FieldValue>>;

/**
 * How a field is compared and written, from Salesforce's describe. `options` are the values of a multi-select picklist,
 * as text with semicolons: equal in any order. `rich` text is HTML, of which nothing is trimmed. `id` is a Salesforce id,
 * of 15 or 18 characters; `time` is a time of day.
 */
export type FieldType =
  | 'text'
  | 'id'
  | 'number'
  | 'boolean'
  | 'date'
  | 'datetime'
  | 'time'
  | 'options'
  | 'rich';

/** A value as it is written to a side. */
export type WireValue = FieldValue | ExactNumber;
