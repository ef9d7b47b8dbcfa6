import type { Query, FieldType as SelectedField } from '@jetstreamapp/soql-parser-js';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import type { RecordStore } from '../store/records.ts';
import { type QueryRecord, selectRecords } from './run-query.ts';
import { translateQuery } from './soql-to-sql.ts';

/** The API version in the addresses of records that the org reads for itself. */
export const OWN_VERSION = '59.0';

/** What reading rows takes from the org and from the request. */
export interface ReadContext {
  readonly store: RecordStore;
  readonly nowMs: number;
  /** API version in the addresses of the records. */
  readonly version: string;
}

/**
 * Reads rows by id, deleted or not.
 *
 * @param fields - paths such as `Email` or `Account.Name`
 * @returns the rows that exist, by id
 * @throws ApiError `INVALID_FIELD`
 */
export function readRows(
  context: ReadContext,
  object: ObjectDefinition,
  ids: readonly string[],
  fields: readonly string[],
): Map<string, QueryRecord> {
  const { store, nowMs, version } = context;
  const query: Query = { sObject: object.name, fields: [...new Set(fields)].map(toSelectedField) };
  const plan = translateQuery(query, fields.join(', '), { nowMs, includesDeleted: true });
  const found = [...new Set(ids)].filter((id) => store.get(object, id) !== undefined);
  const records = selectRecords(store, plan, found, { version, nowMs });
  return new Map(found.map((id, index) => [id, records[index] ?? {}]));
}

function toSelectedField(path: string): SelectedField {
  const names = path.trim().split('.');
  const field = names.pop() ?? '';
  return names.length === 0
    ? { type: 'Field', field }
    : { type: 'FieldRelationship', field, relationships: names };
}
