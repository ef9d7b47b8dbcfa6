import { type FieldDefinition, isNumber, isText } from '../describe/fields.ts';
import { findObject } from '../describe/schema.ts';
import { RowFailure, UnreadableValue } from '../errors/row-failure.ts';
import { toWholeSecond } from '../org/clock.ts';
import { parseId } from '../org/ids.ts';
import { JsonNumber, roundedTo, scientific, wholeDigitsOf } from './decimals.ts';
import { requireNone } from './required-fields.ts';
import type { ColumnValue } from './row.ts';

const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * Turns a JSON value into what the database keeps, as a save does: trims text, makes empty text null, cuts
 * datetimes to seconds and rounds numbers to the field's scale.
 *
 * @throws RowFailure when the value breaks a rule of the field
 * @throws UnreadableValue when the value is of another type
 */
export function toColumn(item: FieldDefinition, value: unknown): ColumnValue {
  const column = toKey(item, value);
  if (column === null) return nullColumn(item);
  if (isNumber(item.type)) checkRange(item, column);
  if (isText(item.type)) checkText(item, String(column));
  if (item.type === 'reference' || item.type === 'id') checkReference(item, String(column));
  return column;
}

/**
 * Turns a JSON value into what rows are looked up by: read as a save reads it, but not checked by the field's rules. A
 * key that could never be saved is no error; it matches nothing.
 *
 * @throws UnreadableValue when the value is of another type
 */
export function toKey(item: FieldDefinition, value: unknown): ColumnValue {
  if (value === null || value === undefined) return null;
  if (item.type === 'boolean') return toBoolean(item, value);
  if (isNumber(item.type)) return toNumber(item, value);
  if (typeof value !== 'string') throw new UnreadableValue(item.name, parserType(item), value);
  const lines = value.replace(/\r\n?/g, '\n');
  // White space of ASCII alone, and of rich text none.
  const trimmed = item.extraTypeInfo === 'richtextarea' ? lines : lines.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
  if (trimmed === '') return null;
  if (item.type === 'multipicklist') return inOrder(item, trimmed);
  if (isText(item.type)) return trimmed;
  if (item.type === 'reference' || item.type === 'id') return parseId(trimmed) ?? trimmed;
  if (item.type === 'date') return toDate(item, trimmed);
  return toDatetime(item, trimmed);
}

/** A column as JSON answers show it. */
export function toJsonValue(
  item: FieldDefinition,
  column: ColumnValue,
): string | number | boolean | JsonNumber | null {
  if (column === null) return null;
  if (isNumber(item.type) && typeof column === 'string') return new JsonNumber(column);
  if (item.type === 'boolean') return column === 1;
  if (item.type === 'datetime') return toWireDatetime(String(column));
  return column;
}

/** A column as bulk results and outbound messages show it; null for an empty one. */
export function toXmlText(item: FieldDefinition, column: ColumnValue): string | null {
  if (column === null) return null;
  if (item.type === 'boolean') return column === 1 ? 'true' : 'false';
  if (item.type === 'double' || item.type === 'currency')
    return typeof column === 'string' ? scientific(column) : toJavaDouble(column);
  return String(column);
}

/** Simulated time as the database keeps datetimes: `2024-01-01T00:00:00.000Z`. */
export const toStoredDatetime = (epochMs: number): string => new Date(epochMs).toISOString();

/** A stored datetime as JSON answers write it: `+0000` without a colon instead of `Z`. */
export const toWireDatetime = (stored: string): string => stored.replace(/Z$/, '+0000');

/** Whether the calendar has a day, written as `2024-02-29`. JavaScript reads February 30 as a day in March. */
export function isRealDay(day: string): boolean {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function nullColumn(item: FieldDefinition): null {
  if (item.type === 'boolean') {
    throw new RowFailure('INVALID_TYPE_ON_FIELD_IN_RECORD', `${item.label}: value not of required type: `, [
      item.name,
    ]);
  }
  if (item.type === 'reference' && !item.nillable) {
    const message = `${item.label}: owner cannot be blank`;
    throw new RowFailure('INVALID_CROSS_REFERENCE_KEY', message, [item.name]);
  }
  // A default applies to a field that is left out, not to one that is set to null.
  if (!item.nillable && item.defaultedOnCreate) requireNone([item]);
  return null;
}

function toBoolean(item: FieldDefinition, value: unknown): number {
  if (value === true || value === 'true') return 1;
  if (value === false || value === 'false') return 0;
  throw new UnreadableValue(item.name, 'boolean', value);
}

function toNumber(item: FieldDefinition, value: unknown): ColumnValue {
  if (value === '') return null;
  const text = value instanceof JsonNumber ? value.source : value;
  const isReadable = typeof text === 'number' || typeof text === 'string';
  const rounded = isReadable ? roundedTo(String(text).trim(), item.scale) : undefined;
  if (rounded === undefined) throw new UnreadableValue(item.name, parserType(item), value);
  return rounded;
}

function checkRange(item: FieldDefinition, value: string | number): void {
  const wholeDigits = item.type === 'int' ? item.digits : item.precision - item.scale;
  if (wholeDigitsOf(value) <= wholeDigits) return;
  throw new RowFailure('NUMBER_OUTSIDE_VALID_RANGE', `${item.label}: value outside of valid range`, [
    item.name,
  ]);
}

function checkText(item: FieldDefinition, trimmed: string): void {
  if (trimmed.length > item.length) {
    throw new RowFailure(
      'STRING_TOO_LONG',
      `${item.label}: data value too large: ${trimmed} (max length=${item.length})`,
      [item.name],
    );
  }
  const options = item.type === 'multipicklist' ? trimmed.split(';') : [trimmed];
  if (item.restricted && !options.every((option) => item.picklist.includes(option))) {
    throw new RowFailure(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${item.label}: bad value for restricted picklist field: ${trimmed}`,
      [item.name],
    );
  }
  if (item.type === 'email' && !EMAIL.test(trimmed)) {
    throw new RowFailure('INVALID_EMAIL_ADDRESS', `${item.label}: invalid email address: ${trimmed}`, [
      item.name,
    ]);
  }
}

function checkReference(item: FieldDefinition, text: string): void {
  const id = parseId(text);
  const target = item.referenceTo ? findObject(item.referenceTo) : undefined;
  if (!id || (target && !id.startsWith(target.keyPrefix))) {
    throw new RowFailure('MALFORMED_ID', `${item.label}: id value of incorrect type: ${text}`, [item.name]);
  }
}

/** A day as it is written; the platform refuses a time or an offset with it. */
function toDate(item: FieldDefinition, text: string): string {
  if (!DATE.test(text) || !isRealDay(text)) throw new UnreadableValue(item.name, 'date', text);
  return text;
}

function toDatetime(item: FieldDefinition, text: string): string {
  const epochMs = DATETIME.test(text) && isRealDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(epochMs)) throw new UnreadableValue(item.name, 'datetime', text);
  return toStoredDatetime(toWholeSecond(epochMs));
}

/** Each value of a multi-select picklist once, in the order of its definition, and others behind them. */
function inOrder({ picklist }: FieldDefinition, text: string): string | null {
  const chosen = new Set(text.split(';').map((option) => option.trim()));
  const others = [...chosen].filter((option) => option !== '' && !picklist.includes(option));
  return [...picklist.filter((option) => chosen.has(option)), ...others].join(';') || null;
}

function parserType(item: FieldDefinition): string {
  if (isText(item.type)) return 'string';
  return item.type === 'currency' ? 'double' : item.type;
}

/** Writes a double as Java's `Double.toString` does: `1988.0`, and `9.12260031E8` from ten million on. */
function toJavaDouble(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude >= 1e7 || magnitude < 1e-3)) {
    const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
    return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
