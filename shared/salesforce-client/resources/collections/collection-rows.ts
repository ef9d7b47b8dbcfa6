import type { WireRecord } from '../../../contracts/salesforce.ts';
import { apiName, idOf, keyOf } from '../paths.ts';
import { checkedValues, looksLikeReference, type Values } from '../values.ts';
import type { ChunkRow } from './chunks.ts';

/** A record to create; a list may mix sObjects. */
export interface NewRecord<T extends object = WireRecord> {
  readonly sObject: string;
  readonly values: Values<T>;
}

/** A record to change. */
export interface ChangedRecord<T extends object = WireRecord> extends NewRecord<T> {
  readonly id: string;
}

/** A record to create or change, by its external id. */
export interface KeyedRecord<T extends object = WireRecord> {
  readonly key: string | number;
  readonly values: Values<T>;
}

/** A record as it goes into the body of a collection. */
export interface Row extends ChunkRow {
  readonly body: Readonly<Record<string, unknown>>;
}

/** Checks records to create. @throws SalesforceApiError for a name or a value that cannot be sent */
export const toNewRows = (records: readonly NewRecord[]): Row[] =>
  records.map(({ sObject, values }, index) => toRow(index, sObject, values, {}, undefined));

/** Checks records to change by id. @throws SalesforceApiError for an id, a name or a value that cannot be sent */
export const toChangedRows = (records: readonly ChangedRecord[]): Row[] =>
  records.map(({ sObject, id, values }, index) => {
    const id18 = idOf(id, `The id of record ${index + 1}`);
    return toRow(index, sObject, values, { id: id18 }, id18);
  });

/** Checks records to create or change by a key. @throws SalesforceApiError for what cannot be sent */
export function toKeyedRows(
  sObject: string,
  keyField: string,
  records: readonly KeyedRecord[],
  isCaseSensitive: boolean,
): Row[] {
  const isId = keyField.toLowerCase() === 'id';
  return records.map(({ key, values }, index) => {
    const what = `The ${keyField} of record ${index + 1}`;
    const row = (value: string, same: string) =>
      toRow(index, sObject, values, { [keyField]: value }, same, keyField);
    if (isId) {
      const id = idOf(String(key), what);
      return row(id, id);
    }
    // As text, which a number field takes too, while a text field takes no number.
    const value = keyOf(key, what, keyField);
    const stored = value.replaceAll('\r\n', '\n').trim();
    return row(value, isCaseSensitive ? stored : stored.toLowerCase());
  });
}

function toRow(
  index: number,
  sObject: string,
  values: object,
  identity: Readonly<Record<string, string>>,
  key: string | undefined,
  keyField?: string,
): Row {
  const what = `record ${index + 1}`;
  const type = apiName(sObject, `The sObject of ${what}`);
  const checked = checkedValues(sObject, values, { what, ...(keyField === undefined ? {} : { keyField }) });
  const body = { attributes: { type }, ...checked, ...identity };
  const json = JSON.stringify(body);
  return { index, type, key, body, bytes: Buffer.byteLength(json), isAlone: looksLikeReference(json) };
}
