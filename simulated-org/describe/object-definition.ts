import type { FieldDefinition } from './fields.ts';

/** One simulated object. */
export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  /** The first three characters of its ids. */
  readonly keyPrefix: string;
  /** Whether API clients may write and delete it. */
  readonly writable: boolean;
  readonly fields: readonly FieldDefinition[];
  readonly children: readonly ChildRelationship[];
}

/** A relationship from a parent to the records that look up to it. */
export interface ChildRelationship {
  readonly relationshipName: string;
  readonly childSObject: string;
  readonly field: string;
  /** Deleting the parent deletes the children. */
  readonly cascadeDelete: boolean;
}
