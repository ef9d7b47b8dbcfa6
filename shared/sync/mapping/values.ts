import { isCalendarDay, isoOf } from '../../contracts/time.ts';
import { unreachable } from '../assert.ts';
import type { FieldType, FieldValue, FieldValues } from '../model/values.ts';

/** A canonical value, or what was expected instead; the problem never quotes the value. */
export type Decoded = { readonly ok: FieldValue } | { readonly problem: string };

const ok = (value: FieldValue): Decoded => ({ ok: value });
const problem = (expected: string): Decoded => ({ problem: `expected ${expected}` });

/**
 * The canonical form of a local attribute. A missing attribute, `null` and empty text are `null`.
 * Strict about types: a number kept as text is a problem, since writing it back would change the attribute's type.
 */
export const fromLocal = (type: FieldType, value: unknown): Decoded => {
  if (value === undefined || value === null) return ok(null);
  switch (type) {
    case 'text':
      return typeof value === 'string' ? ok(canonicalText(value)) : problem('text');
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? ok(value + 0) : problem('a finite number');
    case 'boolean':
      return typeof value === 'boolean' ? ok(value) : problem('true or false');
    case 'date':
      return dateOf(value);
    case 'datetime':
      return datetimeOf(value);
    default:
      return unreachable(type, 'unknown field type');
  }
};

/** The canonical form of a value from Salesforce: JSON from REST, or text from Bulk CSV. */
export const fromWire = (type: FieldType, value: unknown): Decoded => {
  if (typeof value !== 'string' || type === 'text') return fromLocal(type, value);
  if (value === '') return ok(null);
  switch (type) {
    case 'number':
      return numberOf(value);
    case 'boolean':
      return booleanOf(value);
    default:
      return fromLocal(type, value);
  }
};

/** The JSON value to write to Salesforce. Its booleans cannot be null: an absent one is written as `false`. */
export const toWire = (type: FieldType, value: FieldValue): FieldValue =>
  type === 'boolean' && value === null ? false : value;

/** Whether two canonical values are the same to both sides; an absent boolean is `false`, as Salesforce has no third. */
export const sameValue = (type: FieldType, a: FieldValue, b: FieldValue): boolean =>
  type === 'boolean' ? (a ?? false) === (b ?? false) : a === b;

/** The value of a field, or undefined where there is none; an attribute may have any name, even `constructor`. */
export const valueIn = (values: FieldValues | undefined, field: string): FieldValue | undefined =>
  values !== undefined && Object.hasOwn(values, field) ? values[field] : undefined;

/**
 * Salesforce trims text when it saves, keeps empty text as null, and may turn CRLF into LF. So white space at the
 * ends and the kind of line end are not differences, and are not carried across.
 */
const canonicalText = (text: string): string | null => {
  const trimmed = text.replace(/\r\n?/g, '\n').trim();
  return trimmed === '' ? null : trimmed;
};

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** The longest double is written with some 770 digits, and one with all its zeros with 1,100 characters. */
const MAX_NUMBER_CHARS = 1_100;

/** Bulk CSV writes large doubles as `9.12E8`, and decimals may keep trailing zeros. */
const numberOf = (text: string): Decoded => {
  const isNumber = text.length <= MAX_NUMBER_CHARS && NUMBER.test(text);
  const parsed = isNumber ? Number(text) : Number.NaN;
  // Adding 0 turns -0, which no side can tell from 0, into 0.
  return Number.isFinite(parsed) ? ok(parsed + 0) : problem('a finite number');
};

const booleanOf = (text: string): Decoded => {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return ok(true);
  return lower === 'false' || lower === '0' ? ok(false) : problem('true or false');
};

const dateOf = (value: unknown): Decoded => {
  if (value === '') return ok(null);
  const isDate = typeof value === 'string' && isCalendarDay(value);
  return isDate ? ok(value) : problem('a date such as 2024-01-31');
};

const DATETIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/;

/** Any offset, with or without a colon or milliseconds; finer fractions are cut off. */
const datetimeOf = (value: unknown): Decoded => {
  if (value === '') return ok(null);
  const expected = 'a date and time with its offset, such as 2024-01-31T12:00:00Z';
  const match = typeof value === 'string' ? DATETIME.exec(value) : null;
  const [, day, time, fraction = '', sign, hours = '00', minutes = '00'] = match ?? [];
  if (day === undefined || time === undefined || !isCalendarDay(day)) return problem(expected);
  const clock = Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // `24:00:00` parses as the next day, which no writer of ours or theirs means.
  if (Number.isNaN(clock) || time.startsWith('24') || Number(hours) > 23 || Number(minutes) > 59) {
    return problem(expected);
  }
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const iso = isoOf(clock - offsetMs);
  // An offset can carry the first or last hours of the calendar into years of other widths.
  return iso.length === 24 ? ok(iso) : problem(expected);
};
