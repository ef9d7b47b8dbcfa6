import type { OrgCalls } from '../calls.ts';
import { to18 } from '../ids.ts';
import { identifier } from '../soql/soql.ts';
import { unsendable } from './unsendable.ts';

/** Below the connection's version: the address of an sObject's rows. */
export const sObjectUrl = (calls: OrgCalls, sObject: string): string =>
  `${calls.basePath}/sobjects/${identifier(sObject)}`;

/** The address of one row. */
export const rowUrl = (calls: OrgCalls, sObject: string, id: string): string =>
  `${sObjectUrl(calls, sObject)}/${to18(id)}`;

/**
 * The address of the row with an external id, which is percent-encoded.
 *
 * @throws SalesforceApiError `UNADDRESSABLE_KEY` for the few values that no path can hold
 */
export function keyUrl(calls: OrgCalls, sObject: string, field: string, value: string | number): string {
  const text = typeof value === 'number' ? numberText(value) : value;
  // `.` and `..` are taken out of every path before it is sent, even encoded: they would name another resource.
  if (text === '' || text === '.' || text === '..' || !text.isWellFormed()) {
    const why = `This value of ${sObject}.${field} cannot stand in an address; upsertRecords can write it.`;
    throw unsendable('UNADDRESSABLE_KEY', why, [field]);
  }
  return `${sObjectUrl(calls, sObject)}/${identifier(field)}/${encodeURIComponent(text)}`;
}

function numberText(value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError('A numeric external id is a whole number');
  return String(value);
}
