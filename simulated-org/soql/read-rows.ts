import type { Query, FieldType as SelectedField } from '@jetstreamapp/soql-parser-js';
import type { Call } from '../http/call.ts';
import type { ObjectDefinition } from '../describe/schema.ts';
import { type QueryRecord, selectRecords } from './run-query.ts';
import { translateQuery } from './soql-to-sql.ts';

/**
 * Reads rows by id, deleted or not.
 *
 * @param fields - paths such as `Email` or `Account.Name`
 * @returns the rows that exist, by id
 * @throws ApiError `INVALID_FIELD`
 */
export function readRows(
  call: { readonly org: Pick<Call['org'], 'clock' | 'store'>; readonly version: string },
  object: ObjectDefinition,
  ids: readonly string[],
  fields: readonly string[],
): Map<string, QueryRecord> {
  const { clock, store } = call.org;
  const query: Query = { sObject: object.name, fields: [...new Set(fields)].map(toSelectedField) };
  const plan = translateQuery(query, fields.join(', '), { nowMs: clock.now(), includesDeleted: true });
  const found = [...new Set(ids)].filter((id) => store.get(object, id) !== undefined);
  const records = selectRecords(store, plan, found, { version: call.version, nowMs: clock.now() });
  return new Map(found.map((id, index) => [id, records[index] ?? {}]));
}

function toSelectedField(path: string): SelectedField {
  const names = path.trim().split('.');
  const field = names.pop() ?? '';
  return names.length === 0
    ? { type: 'Field', field }
    : { type: 'FieldRelationship', field, relationships: names };
}
