import { ExactNumber } from '../../contracts/exact-number.ts';
import type { WireRecord } from '../../contracts/salesforce.ts';
import { unsendable } from '../errors/unsendable.ts';

/**
 * Values to write, by API name. `null` clears a field; a field that is left out stays as it is. A `Date` is for
 * datetime fields. A parent may be named by its external id, under the name of the relationship:
 * `Account: { ExtId__c: 'A1' }`; where it could be of several sObjects, with its type:
 * `What: { attributes: { type: 'Account' }, ExtId__c: 'A1' }`.
 */
export type Values<T extends object = WireRecord> = {
  readonly [K in keyof T]?: T[K] | Date | Readonly<Record<string, unknown>> | null;
};

/** A record as it was read: the requested fields, its type and its address. */
export type Read<T extends object = WireRecord> = T & {
  readonly attributes: { readonly type: string; readonly url?: string };
};

/** Which record the values are of. */
export interface ValuesOf {
  /** For the error: `record 3`. @default the record, without a number */
  readonly what?: string;
  /** The field that identifies the record, which the values must not name. */
  readonly keyField?: string;
}

/**
 * The values of one record, checked.
 *
 * @throws SalesforceApiError `UNWRITABLE_VALUE` for a value that JSON would drop or turn into null, and for `Id` and
 *   `attributes`, which cannot be written; `KEY_IN_VALUES` for the field that identifies the record
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
      throw unsendable('KEY_IN_VALUES', `${sObject}.${name} identifies ${what} and cannot be written too.`, [
        name,
      ]);
    if (lower === 'id' || name === 'attributes')
      throw unsendable('UNWRITABLE_VALUE', `${name} of ${what} is not a field that can be written.`, [name]);
    if (!isScalar(value) && !isParent(value)) {
      const why = `${sObject}.${name} of ${what} must be text, a finite number, a boolean, a date, null or a parent's external id.`;
      throw unsendable('UNWRITABLE_VALUE', why, [name]);
    }
    // The platform requires the type as the first member.
    if (isParent(value) && 'attributes' in value) typed[name] = { attributes: value.attributes, ...value };
  }
  return { ...values, ...typed };
}

const isScalar = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  value instanceof ExactNumber ||
  (value instanceof Date ? !Number.isNaN(value.getTime()) : Number.isFinite(value));

function isParent(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isScalar(value)) return false;
  const entries = Object.entries(value);
  return entries.length > 0 && entries.every(([name, one]) => name === 'attributes' || isScalar(one));
}

/**
 * Whether a composite call would read part of this JSON as a reference to another step. Such text cannot be escaped
 * there, so it is sent in another way.
 */
export const looksLikeReference = (json: string): boolean => json.includes('@{');
