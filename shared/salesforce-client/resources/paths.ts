import { parseId } from '../../contracts/salesforce-id.ts';
import { unsendable } from '../errors/unsendable.ts';
import { identifier } from '../soql/soql.ts';
import type { OrgCalls } from '../transport/calls.ts';

/**
 * An sObject or field by its API name, checked.
 *
 * @param what - which name it is, for the error: `The sObject of record 3`
 * @throws SalesforceApiError `INVALID_NAME`
 */
export function apiName(name: string, what: string): string {
  try {
    return identifier(name).toString();
  } catch {
    throw unsendable('INVALID_NAME', `${what} is not an API name, such as Contact or Invoice__c.`);
  }
}

/**
 * An id in its 18-character form.
 *
 * @param what - whose id it is, for the error: `The id of record 3`
 * @throws SalesforceApiError `MALFORMED_ID`
 */
export function idOf(id: string, what: string): string {
  const id18 = typeof id === 'string' ? parseId(id) : undefined;
  if (id18 !== undefined) return id18;
  throw unsendable(
    'MALFORMED_ID',
    `${what} is not a Salesforce id of 15 characters, or of 18 with the right checksum.`,
  );
}

/** The address of an sObject's rows. */
export const sObjectUrl = (calls: OrgCalls, sObject: string): string =>
  `${calls.basePath}/sobjects/${apiName(sObject, 'The sObject')}`;

/** The address of one row. */
export const rowUrl = (calls: OrgCalls, sObject: string, id: string): string =>
  `${sObjectUrl(calls, sObject)}/${idOf(id, 'The id')}`;

/**
 * The address of the row with an external id, which is percent-encoded.
 *
 * @throws SalesforceApiError `UNADDRESSABLE_KEY` for the few values that no path can hold, and the errors of `keyOf`
 */
export function keyUrl(calls: OrgCalls, sObject: string, field: string, value: string | number): string {
  const text = keyOf(value, `The value of ${sObject}.${field}`, field);
  // URL parsers remove `.` and `..` from every path, even encoded, so the address would name another resource.
  if (text === '.' || text === '..' || !text.isWellFormed()) {
    const why = `This value of ${sObject}.${field} cannot be part of an address: query by it, or write it with upsertRecords.`;
    throw unsendable('UNADDRESSABLE_KEY', why, [field]);
  }
  return `${sObjectUrl(calls, sObject)}/${apiName(field, 'The external id field')}/${encodeURIComponent(text)}`;
}

/**
 * The value of an external id as text, checked. A number must be whole, because a fraction has several spellings.
 *
 * @param what - which value it is, for the error
 * @throws SalesforceApiError `EMPTY_KEY`, `UNWRITABLE_VALUE`
 */
export function keyOf(value: string | number, what: string, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'string' || value == null) throw unsendable('EMPTY_KEY', `${what} is empty.`, [field]);
  if (Number.isSafeInteger(value)) return String(value);
  throw unsendable('UNWRITABLE_VALUE', `${what} is neither text nor a whole number: pass it as text.`, [
    field,
  ]);
}
