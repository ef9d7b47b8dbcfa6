import type { WireRecord } from '../../contracts/salesforce.ts';
import { unsendable } from '../errors/unsendable.ts';

/**
 * Values to write, by API name. `null` clears a field; one that is left out stays as it is. A `Date` is a datetime
 * field's; a parent may be named by its external id under the relationship's name: `Account: { ExtId__c: 'A1' }`, and
 * where it could be of several sObjects with its type: `What: { attributes: { type: 'Account' }, ExtId__c: 'A1' }`.
 */
export type Values<T extends object = WireRecord> = {
  readonly [K in keyof T]?: T[K] | Date | Readonly<Record<string, unknown>> | null;
};

/** A record as it was read: the fields asked for, and where it came from. */
export type Read<T extends object = WireRecord> = T & {
  readonly attributes: { readonly type: string; readonly url?: string };
};

/** Which record's values they are. */
export interface ValuesOf {
  /** For the error: `record 3`. @default the record, without a number */
  readonly what?: string;
  /** The field that names the record, which cannot be written too. */
  readonly keyField?: string;
}

/**
 * The values of one record, checked.
 *
 * @throws SalesforceApiError `UNWRITABLE_VALUE` for what JSON would drop or turn into null, and for `Id` and
 *   `attributes`, which are not fields to write; `KEY_IN_VALUES` for the field that names the record
 */
export function checkedValues(
  sObject: string,
  values: object,
  { what = 'the record', keyField }: ValuesOf = {},
): Readonly<Record<string, unknown>> {
  if (typeof values !== 'object' || values === null)
    throw unsendable('UNWRITABLE_VALUE', `The values of ${what} are missing.`);
  const typed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    const lower = name.toLowerCase();
    if (lower === keyField?.toLowerCase())
      throw unsendable('KEY_IN_VALUES', `${sObject}.${name} names ${what} and cannot be written too.`, [
        name,
      ]);
    if (lower === 'id' || name === 'attributes')
      throw unsendable('UNWRITABLE_VALUE', `${name} of ${what} is no field that can be written.`, [name]);
    if (!isScalar(value) && !isParent(value)) {
      const why = `${sObject}.${name} of ${what} is no text, number, boolean, date, null or parent's external id.`;
      throw unsendable('UNWRITABLE_VALUE', why, [name]);
    }
    // The platform refuses a type that is not the first member.
    if (typeof value === 'object' && value !== null && 'attributes' in value)
      typed[name] = { attributes: value.attributes, ...value };
  }
  return { ...values, ...typed };
}

const isScalar = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (value instanceof Date ? !Number.isNaN(value.getTime()) : Number.isFinite(value));

function isParent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([name, one]) => name === 'attributes' || isScalar(one));
}

/**
 * Whether a composite call would read something of this JSON as a reference to another step. The platform names no
 * way to write such text there, so whoever has it goes another way.
 */
export const looksLikeReference = (json: string): boolean => json.includes('@{');
