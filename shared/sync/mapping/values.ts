import { ExactNumber, numberFrom } from '../../contracts/exact-number.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { isCalendarDay, isIsoTime, isoOf, isRestTime } from '../../contracts/time.ts';
import { unreachable } from '../assert.ts';
import type { FieldType, FieldValue, FieldValues, WireValue } from '../model/values.ts';

/** A canonical value, or what was expected instead; the problem never quotes the value. */
export type Decoded = { readonly ok: FieldValue } | { readonly problem: string };

/** What a value of each type must be, for whoever has to mend one that is not. */
export const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: 'expected text',
  rich: 'expected text',
  id: 'expected a Salesforce id as text',
  options: 'expected text with semicolons between the values',
  number: 'expected a finite number',
  boolean: 'expected true or false',
  date: 'expected a date such as 2024-01-31',
  datetime: 'expected a date and time with its offset, such as 2024-01-31T12:00:00Z',
  time: 'expected a time of day such as 13:05:30.000Z',
};

/**
 * The canonical form of a local attribute. A missing attribute, `null` and empty text are `null`.
 * Strict about types: a number kept as text is a problem, since writing it back would change the attribute's type.
 */
export const fromLocal = (type: FieldType, value: unknown): Decoded => {
  const read = readLocal(type, value);
  return read === undefined ? { problem: EXPECTED[type] } : { ok: read };
};

/** As `fromLocal`, or undefined for what is not of the type. */
const readLocal = (type: FieldType, value: unknown): FieldValue | undefined => {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'text':
      return typeof value === 'string' ? canonicalText(value) : undefined;
    case 'rich':
      return typeof value === 'string' ? withLineFeeds(value) || null : undefined;
    case 'id':
      return typeof value === 'string' ? canonicalId(value) : undefined;
    case 'options':
      return typeof value === 'string' ? canonicalOptions(optionsIn(value)) : undefined;
    case 'number':
      if (value instanceof ExactNumber) return value.text;
      // Adding 0 turns -0, which no side can tell from 0, into 0.
      return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'date':
      return typeof value === 'string' ? dateOf(value) : undefined;
    case 'datetime':
      return typeof value === 'string' ? datetimeOf(value) : undefined;
    case 'time':
      return typeof value === 'string' ? timeOf(value) : undefined;
    default:
      return unreachable(type, 'unknown field type');
  }
};

/**
 * The canonical form of a value from Salesforce, JSON from REST or text from Bulk CSV; undefined where it is not of the
 * type (`EXPECTED`). Rows come by the million, so there is no object for each value.
 */
export const readWire = (type: FieldType, value: unknown): FieldValue | undefined => {
  if (typeof value !== 'string') return readLocal(type, value);
  switch (type) {
    case 'number':
      return value === '' ? null : readLocal(type, numberFrom(value) ?? value);
    case 'boolean':
      return value === '' ? null : booleanOf(value);
    default:
      return readLocal(type, value);
  }
};

/** The value to write to Salesforce. Its booleans cannot be null: an absent one is written as `false`. */
export const toWire = (type: FieldType, value: FieldValue): WireValue =>
  type === 'boolean' && value === null ? false : withDigits(type, value);

/** The value to write into an item. */
export const toLocal = (type: FieldType, value: FieldValue): WireValue => withDigits(type, value);

const withDigits = (type: FieldType, value: FieldValue): WireValue =>
  type === 'number' && typeof value === 'string' ? ExactNumber.of(value) : value;

/**
 * Whether a number is one that a double cannot hold, and the other what the same double makes of it. Salesforce may
 * answer with doubles, whatever it stores: then nobody can tell the two apart.
 */
export const isSameDouble = (type: FieldType, a: FieldValue, b: FieldValue): boolean =>
  type === 'number' &&
  a !== null &&
  b !== null &&
  (typeof a === 'string' || typeof b === 'string') &&
  Number(a) === Number(b);

/** Whether two canonical values are the same to both sides; an absent boolean is `false`, as Salesforce has no third. */
export const sameValue = (type: FieldType, a: FieldValue, b: FieldValue): boolean => {
  if (a === b) return true;
  switch (type) {
    case 'boolean':
      return (a ?? false) === (b ?? false);
    case 'options':
      return isSameSet(a, b);
    // What was stored while these types were text is not in their form.
    case 'id':
    case 'time':
      return (readLocal(type, a) ?? a) === (readLocal(type, b) ?? b);
    default:
      return false;
  }
};

const isSameSet = (a: FieldValue, b: FieldValue): boolean => {
  const [some, others] = [optionSet(a), optionSet(b)];
  return some.size === others.size && [...some].every((option) => others.has(option));
};

const optionSet = (value: FieldValue): ReadonlySet<string> => new Set(optionsIn(String(value ?? '')));

/** The values in the text of a multi-select picklist. */
export const optionsIn = (text: string): string[] =>
  text
    .split(';')
    .map(trimmed)
    .filter((option) => option !== '');

/** Each value once, in the order given, without empty ones. */
export const canonicalOptions = (options: readonly string[]): string | null => {
  const chosen = new Set(options.map(trimmed).filter((option) => option !== ''));
  return chosen.size === 0 ? null : [...chosen].join(';');
};

/**
 * The value of a field, or undefined where there is none. An attribute may have any name, even `constructor`: what an
 * object inherits under it is a function or an object, which no value of a field is.
 */
export const valueIn = (values: FieldValues | undefined, field: string): FieldValue | undefined => {
  const value: unknown = values?.[field];
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
    ? undefined
    : (value as FieldValue | undefined);
};

/**
 * Salesforce trims text when it saves, keeps empty text as null, and may turn CRLF into LF. So white space at the
 * ends and the kind of line end are not differences, and are not carried across.
 */
const canonicalText = (text: string): string | null => trimmed(withLineFeeds(text)) || null;

/** In the form of 18 characters. What is no id is left for Salesforce to refuse. */
const canonicalId = (text: string): string | null => {
  const id = canonicalText(text);
  return id === null ? null : (parseId(id) ?? id);
};

const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** White space of ASCII alone, as Salesforce does: a no-break space at an end is kept. */
const trimmed = (text: string): string => {
  let [start, end] = [0, text.length];
  // There is no character beyond either end.
  while (isAsciiSpace(text.charCodeAt(start))) start += 1;
  while (isAsciiSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
};

const isAsciiSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

const booleanOf = (text: string): boolean | undefined => {
  switch (text.toLowerCase()) {
    case 'true':
    case '1':
      return true;
    case 'false':
    case '0':
      return false;
    default:
      return undefined;
  }
};

const dateOf = (text: string): string | null | undefined => {
  if (text === '') return null;
  return isCalendarDay(text) ? text : undefined;
};

const DATETIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/;

/** Any offset, with or without a colon or milliseconds; finer fractions are cut off. */
const datetimeOf = (text: string): string | null | undefined => {
  if (text === '') return null;
  // As Bulk and REST write them: what is in the form, or nearly so, needs no parsing.
  if (isIsoTime(text)) return text;
  if (isRestTime(text)) return `${text.slice(0, 23)}Z`;
  const [, day = '', time = '', fraction = '', sign, hours = 0, minutes = 0] = DATETIME.exec(text) ?? [];
  if (!isCalendarDay(day)) return undefined;
  const clock = Date.parse(`${day}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // `24:00:00` parses as the next day, which no writer of ours or theirs means.
  const isNoTime = Number.isNaN(clock) || time.startsWith('24');
  if (isNoTime || Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const iso = isoOf(clock - offsetMs);
  // An offset can carry the first or last hours of the calendar into years of other widths.
  return iso.length === 24 ? iso : undefined;
};

const TIME = /^(\d\d:\d\d)(?::(\d\d(?:\.\d{1,9})?))?(Z|[+-]\d\d:?\d\d)?$/;

/** A time of day as Salesforce writes it, `13:05:30.000Z`. It has no day and no zone: an offset is only a way to write it. */
const timeOf = (text: string): string | null | undefined => {
  if (text === '') return null;
  const [, minutes = '', seconds = '00', offset = 'Z'] = TIME.exec(text) ?? [];
  return datetimeOf(`${SOME_DAY}T${minutes}:${seconds}${offset}`)?.slice('0000-00-00T'.length);
};

const SOME_DAY = '2000-01-01';
