import { ExactNumber, numberFrom } from '../../../shared/contracts/exact-number.ts';
import { parseId } from '../../../shared/contracts/salesforce-id.ts';
import { isCalendarDay } from '../../../shared/contracts/time.ts';
import { toIso } from '../../../shared/salesforce-client/times.ts';
import type { ContactField } from './contact.ts';
import { RefusedRow, UnreadableValue } from './refusals.ts';

/** A value as the org keeps it: datetimes in ISO 8601, to the second; numbers that no double holds as digits. */
export type FieldValue = string | number | boolean | null;

/**
 * Reads a value as a save does: text is trimmed, and empty text is null.
 *
 * Not done: lengths, the form of an email address, a number's scale.
 *
 * @throws UnreadableValue for a value of another type
 * @throws RefusedRow for a checkbox that is cleared
 */
export function readValue(field: ContactField, value: unknown): FieldValue {
  if (value === null || value === undefined) return cleared(field);
  if (field.type === 'boolean') return toBoolean(field, value);
  if (field.type === 'number') return toNumber(field, value);
  if (typeof value !== 'string') throw new UnreadableValue(field.name);
  const text = value.replaceAll(/\r\n?/g, '\n').replaceAll(/^[\t-\r ]+|[\t-\r ]+$/g, '');
  if (text === '') return null;
  // The platform gives a multi-select picklist in the order of its definition.
  if (field.type === 'options') return [...new Set(text.split(';'))].sort().join(';');
  if (field.type === 'id') return parseId(text) ?? text;
  if (field.type === 'date' && !isCalendarDay(text)) throw new UnreadableValue(field.name);
  return field.type === 'datetime' ? toSecond(field, text) : text;
}

/** As REST writes it: the offset has no colon, and UTC is not `Z`. */
export const toJson = ({ type }: ContactField, value: FieldValue): FieldValue | ExactNumber => {
  if (typeof value !== 'string') return value;
  if (type === 'number') return ExactNumber.of(value);
  return type === 'datetime' ? value.replace(/Z$/, '+0000') : value;
};

/** As Bulk API writes it, where an empty cell is null: `1988.0` for a whole number. */
export function toCell(value: FieldValue): string | undefined {
  if (value === null) return undefined;
  return typeof value === 'number' && Number.isInteger(value) ? `${value}.0` : String(value);
}

/** To the second, which is all that the platform keeps. */
export const isoSecond = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();

function cleared({ name, type }: ContactField): null {
  if (type !== 'boolean') return null;
  const message = `${name}: value not of required type: `;
  throw new RefusedRow({ code: 'INVALID_TYPE_ON_FIELD_IN_RECORD', message, fields: [name] });
}

function toBoolean({ name }: ContactField, value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new UnreadableValue(name);
}

function toNumber({ name }: ContactField, value: unknown): string | number | null {
  if (value === '') return null;
  const number = typeof value === 'string' ? numberFrom(value) : value;
  if (number instanceof ExactNumber) return number.text;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new UnreadableValue(name);
  return number;
}

function toSecond({ name }: ContactField, text: string): string {
  const time = toIso(text);
  if (time === undefined) throw new UnreadableValue(name);
  return isoSecond(Date.parse(time));
}
