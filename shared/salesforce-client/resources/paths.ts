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
    throw unsendable('INVALID_NAME', `${what} is no API name, such as Contact or Invoice__c.`);
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
    `${what} is no Salesforce id: 15 characters, or 18 of which the last three fit the others.`,
  );
}

/** Below the connection's version: the address of an sObject's rows. */
export const sObjectUrl = (calls: OrgCalls, sObject: string): string =>
  `${calls.basePath}/sobjects/${apiName(sObject, 'The sObject')}`;

/** The address of one row. */
export const rowUrl = (calls: OrgCalls, sObject: string, id: string): string =>
  `${sObjectUrl(calls, sObject)}/${idOf(id, 'The id')}`;

/**
 * The address of the row with an external id, which is percent-encoded.
 *
 * @throws SalesforceApiError `UNADDRESSABLE_KEY` for the few values that no path can hold, and what `keyOf` throws
 */
export function keyUrl(calls: OrgCalls, sObject: string, field: string, value: string | number): string {
  const text = keyOf(value, `The value of ${sObject}.${field}`, field);
  // `.` and `..` are taken out of every path before it is sent, even encoded: they would name another resource.
  if (text === '.' || text === '..' || !text.isWellFormed()) {
    const why = `This value of ${sObject}.${field} cannot stand in an address: query by it, or write it by upsertRecords.`;
    throw unsendable('UNADDRESSABLE_KEY', why, [field]);
  }
  return `${sObjectUrl(calls, sObject)}/${apiName(field, 'The external id field')}/${encodeURIComponent(text)}`;
}

/**
 * The value of an external id as text, checked. What is no whole number has several spellings, or stands for no record
 * at all.
 *
 * @param what - whose it is, for the error
 * @throws SalesforceApiError `EMPTY_KEY`, `UNWRITABLE_VALUE`
 */
export function keyOf(value: string | number, what: string, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'string' || value == null) throw unsendable('EMPTY_KEY', `${what} is empty.`, [field]);
  if (Number.isSafeInteger(value)) return String(value);
  throw unsendable(
    'UNWRITABLE_VALUE',
    `${what} is neither text nor a whole number: pass what it should read as text.`,
    [field],
  );
}
