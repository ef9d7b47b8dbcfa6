import type { FieldDefinition } from '../describe/fields.ts';
import { RowFailure } from '../errors/row-failure.ts';

/** Whether every row must have a value in the field. */
export function isRequired(item: FieldDefinition): boolean {
  return item.createable && !item.nillable && !item.defaultedOnCreate;
}

/** Throws `REQUIRED_FIELD_MISSING` if any field is missing. */
export function requireNone(missing: readonly FieldDefinition[]): void {
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  throw new RowFailure('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, names);
}
