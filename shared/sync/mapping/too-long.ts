import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { isUnknownName, writeWireField } from './field-forms.ts';
import { valueIn } from './values.ts';

/** A text that Salesforce would refuse for its length. */
export interface TooLong {
  /** The local attribute. */
  readonly field: string;
  /** Characters that the Salesforce field holds. */
  readonly maxLength: number;
}

/**
 * The texts of these values that are surely longer than their fields, as Salesforce would get them. A character outside of
 * the basic plane is counted as one here, though a program may count two: what lies in between is for Salesforce to say.
 */
export const tooLongIn = ({ fields }: Pick<Mapping, 'fields'>, values: FieldValues): TooLong[] =>
  fields.flatMap((field) => {
    const { localField, maxLength } = field;
    if (maxLength === undefined) return [];
    const sent = sentText(field, valueIn(values, localField));
    if (sent === undefined || sent.length <= maxLength) return [];
    return [...sent].length > maxLength ? [{ field: localField, maxLength }] : [];
  });

/** Of a reference an id is sent, however long the key; and a name that Salesforce does not have is not sent at all. */
const sentText = (field: FieldMapping, value: FieldValue | undefined): string | undefined => {
  if (value === undefined || field.reference !== undefined || isUnknownName(field, value)) return undefined;
  const sent = writeWireField(field, value);
  return typeof sent === 'string' ? sent : undefined;
};
