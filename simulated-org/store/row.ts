import type { StatementSync } from 'node:sqlite';
import type { FieldDefinition } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';

/** A value as the database keeps it: text, number (booleans are 0 and 1), ISO date or datetime, or null. */
export type ColumnValue = string | number | null;

/** Column values by field name, spelt as in the schema. */
export type Values = ReadonlyMap<string, ColumnValue>;

/** One row as the database keeps it. */
export type Row = Readonly<Record<string, ColumnValue>>;

/** A record that was created, changed or brought back. */
export interface SavedRecord {
  readonly object: ObjectDefinition;
  readonly id: string;
}

/** What the checks of a row need of the rows that are stored already. */
export interface StoredRows {
  /** The row of that 18-character id, deleted or not. */
  get(object: ObjectDefinition, id: string): Row | undefined;
  /** The ids of live rows whose field has that value, at most ten. */
  findByField(object: ObjectDefinition, item: FieldDefinition, value: ColumnValue): string[];
  /** A statement, prepared once for each text. */
  prepare(sql: string): StatementSync;
}
