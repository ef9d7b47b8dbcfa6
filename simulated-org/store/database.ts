import { DatabaseSync } from 'node:sqlite';
import { type FieldDefinition, isNumber, isText } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { OBJECTS } from '../describe/schema.ts';

/**
 * Opens an org's database in memory, with one table for each object. Text comparison ignores case through `fold`, since
 * SQLite's own NOCASE knows only ASCII.
 */
export function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  database.function('fold', { deterministic: true }, (value) =>
    typeof value === 'string' ? value.toLowerCase() : value,
  );
  for (const object of OBJECTS) createTable(database, object);
  return database;
}

/** An identifier of the schema, quoted for SQL. Never for text from outside. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The fields with a column of their own; the others are computed from them when read. */
const columnFields = (object: ObjectDefinition): FieldDefinition[] =>
  object.fields.filter(({ type, virtualSql }) => type !== 'address' && virtualSql === null);

function createTable(database: DatabaseSync, object: ObjectDefinition): void {
  const columns = columnFields(object).map(column).join(', ');
  database.exec(`CREATE TABLE IF NOT EXISTS ${quoted(object.name)} (${columns})`);
  for (const item of object.fields) {
    const isIndexed = item.idLookup || item.type === 'reference' || item.name === 'SystemModstamp';
    if (!isIndexed || item.type === 'id') continue;
    // Queries compare this expression, so the index must be on it too.
    const key = isText(item.type) && !item.caseSensitive ? `fold(${quoted(item.name)})` : quoted(item.name);
    const index = quoted(`${object.name}_${item.name}`);
    database.exec(`CREATE INDEX IF NOT EXISTS ${index} ON ${quoted(object.name)} (${key})`);
  }
}

function column(item: FieldDefinition): string {
  const name = quoted(item.name);
  if (item.type === 'id') return `${name} TEXT PRIMARY KEY`;
  if (item.computedSql) return `${name} TEXT GENERATED ALWAYS AS (${item.computedSql}) VIRTUAL`;
  if (item.type === 'boolean') return `${name} INTEGER NOT NULL DEFAULT 0`;
  // Without a type of its own, which would make a double of a long number's digits.
  return isNumber(item.type) ? name : `${name} TEXT`;
}
