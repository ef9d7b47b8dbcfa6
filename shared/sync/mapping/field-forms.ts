import { must } from '../assert.ts';
import type { FieldMapping } from '../model/mapping.ts';
import type { FieldValue, WireValue } from '../model/values.ts';
import { canonicalOptions, type Decoded, fromLocal, optionsIn, readWire, toLocal, toWire } from './values.ts';

/*
 * How an item writes a field, where that is not the field's own value: a multi-select picklist as a list of its values, a
 * picklist by its labels, a record type by its developer name.
 */

/** What an item takes: a value, or the values of a multi-select picklist. */
export type LocalValue = WireValue | readonly string[] | ReadonlySet<string>;

/** The canonical form of a local attribute, as `fromLocal`. */
export const readLocalField = (field: FieldMapping, value: unknown): Decoded =>
  isMany(field) ? fromMany(value) : fromLocal(field.type, value);

/** The canonical value as the item writes it; `null` removes the attribute. */
export const writeLocalField = (field: FieldMapping, value: FieldValue): LocalValue => {
  if (!isMany(field) || typeof value !== 'string') return toLocal(field.type, value);
  const options = optionsIn(value);
  return field.as === 'set' ? new Set(options) : options;
};

/** The canonical form of a value from Salesforce; undefined as for `readWire`. A value without a name stands for itself. */
export const readWireField = (field: FieldMapping, value: unknown): FieldValue | undefined => {
  const read = readWire(field.type, value);
  return field.names === undefined || typeof read !== 'string' ? read : nameOf(field, read);
};

/**
 * The value as Salesforce takes it.
 *
 * @throws InvariantError for a name that Salesforce does not have: see `unknownNames`
 */
export const writeWireField = (field: FieldMapping, value: FieldValue): WireValue => {
  if (field.names === undefined || typeof value !== 'string') return toWire(field.type, value);
  return must(valueNamed(field, value), 'a name without a value is rejected before it is sent');
};

/** Whether Salesforce has no value for the name that an item gives. */
export const isUnknownName = (field: FieldMapping, value: FieldValue | undefined): boolean =>
  field.names !== undefined && typeof value === 'string' && valueNamed(field, value) === undefined;

const isMany = ({ as }: FieldMapping): boolean => as === 'list' || as === 'set';

const fromMany = (value: unknown): Decoded => {
  if (value === undefined || value === null) return { ok: null };
  const options = value instanceof Set ? [...value] : value;
  const isReadable =
    Array.isArray(options) && options.every((one) => typeof one === 'string' && !one.includes(';'));
  return isReadable ? { ok: canonicalOptions(options) } : { problem: EXPECTED_MANY };
};

const EXPECTED_MANY = 'expected a list or a set of texts without semicolons';

const nameOf = ({ names = {} }: FieldMapping, value: string): string =>
  Object.hasOwn(names, value) ? (names[value] ?? value) : value;

/** By name first: one value may be called as another one is named. A value that has no name stands for itself. */
const valueNamed = ({ names = {} }: FieldMapping, name: string): string | undefined =>
  Object.entries(names).find(([, one]) => one === name)?.[0] ??
  (Object.hasOwn(names, name) ? name : undefined);
