import { valueIn } from '../mapping/values.ts';
import type { FieldMapping } from '../model/mapping.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';

/** Decoded values are complete: an absent field is null. */
export const at = (values: FieldValues, field: string): FieldValue => valueIn(values, field) ?? null;

/** The values of these fields, nulls included. */
export const pick = (fields: readonly FieldMapping[], values: FieldValues): FieldValues =>
  valuesOf(fields.map(({ localField }) => [localField, at(values, localField)]));

/** The values of these fields that have one. */
export const withoutNulls = (fields: readonly FieldMapping[], values: FieldValues): FieldValues =>
  pick(
    fields.filter(({ localField }) => at(values, localField) !== null),
    values,
  );

/** `fromEntries` defines own properties, so an attribute named `__proto__` is one like any other. */
export const valuesOf = (entries: readonly (readonly [string, FieldValue | undefined])[]): FieldValues =>
  Object.fromEntries(
    entries.filter((entry): entry is readonly [string, FieldValue] => entry[1] !== undefined),
  );

/** Whether there is not one field in it. */
export const hasNone = (values: FieldValues): boolean => Object.keys(values).length === 0;
