import type { RecordTypeInfo } from '../describe/describe.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import type { StoredRows } from './row.ts';

/** The active record types of an object; the first is every user's default. */
export function recordTypesOf(store: StoredRows, { name }: ObjectDefinition): RecordTypeInfo[] {
  const sql =
    'SELECT "Id", "Name", "DeveloperName" FROM "RecordType" WHERE "SobjectType" = ? AND "IsActive" = 1 ORDER BY "Id"';
  return store
    .prepare(sql)
    .all(name)
    .map((row) => ({
      recordTypeId: String(row.Id),
      name: String(row.Name),
      developerName: String(row.DeveloperName),
    }));
}
