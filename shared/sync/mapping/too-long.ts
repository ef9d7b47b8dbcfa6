import type { Mapping } from '../model/mapping.ts';
import type { FieldValues } from '../model/values.ts';
import { valueIn } from './values.ts';

/** A text that Salesforce would refuse for its length. */
export interface TooLong {
  /** The local attribute. */
  readonly field: string;
  /** Characters that the Salesforce field holds. */
  readonly maxLength: number;
}

/**
 * The texts of these values that are surely longer than their fields. A character outside of the basic plane is counted
 * as one here, though a program may count two: what lies in between is for Salesforce to say.
 */
export const tooLongIn = ({ fields }: Pick<Mapping, 'fields'>, values: FieldValues): TooLong[] =>
  fields.flatMap(({ localField, maxLength }) => {
    const value = valueIn(values, localField);
    if (maxLength === undefined || typeof value !== 'string' || value.length <= maxLength) return [];
    return [...value].length > maxLength ? [{ field: localField, maxLength }] : [];
  });
