import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, mustFindObject } from '../describe/schema.ts';
import { knownFailure, RowFailure } from '../errors/row-failure.ts';
import type { StoredRows, Values } from './row.ts';

/** Objects whose rows must be there, and not deleted, when a save refers to one. */
const CHECKED_PARENTS = new Set(['Account', 'Contact', 'User', 'RecordType']);

/** Throws `DUPLICATE_VALUE` when another live row has one of the values in a unique field. */
export function checkUnique(store: StoredRows, object: ObjectDefinition, id: string, values: Values): void {
  for (const item of object.fields.filter(({ unique }) => unique)) {
    const value = values.get(item.name) ?? null;
    if (value === null) continue;
    const other = store.findByField(object, item, value).find((found) => found !== id);
    if (!other) continue;
    const message = `duplicate value found: ${item.name} duplicates value on record with id: ${other}`;
    throw new RowFailure('DUPLICATE_VALUE', message, []);
  }
}

/** Throws `INVALID_CROSS_REFERENCE_KEY` or `ENTITY_IS_DELETED` when a lookup's value is not the id of a live row. */
export function checkReferences(store: StoredRows, object: ObjectDefinition, values: Values): void {
  for (const [name, value] of values) {
    const target = findField(object, name)?.referenceTo;
    if (!target || typeof value !== 'string' || !CHECKED_PARENTS.has(target)) continue;
    const parent = store.get(mustFindObject(target), value);
    if (name === 'RecordTypeId' && parent?.SobjectType !== object.name) {
      const message = `Record Type ID: this ID value isn't valid for the user: ${value}`;
      throw new RowFailure('INVALID_CROSS_REFERENCE_KEY', message, [name]);
    }
    if (!parent) throw knownFailure('INVALID_CROSS_REFERENCE_KEY');
    if (parent.IsDeleted === 1) throw knownFailure('ENTITY_IS_DELETED');
  }
}
