import { canonicalOptions, optionsIn, sameValue, valueIn } from '../mapping/values.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { FieldType, FieldValue, FieldValues } from '../model/values.ts';

/** The two sides of a pair, as a certificate names them. */
export const PROOF_SIDES = ['local', 'salesforce'] as const;
export type ProofSide = (typeof PROOF_SIDES)[number];

/** Why the two sides need not, or cannot, show the same raw value of a field. */
export type Uncovered = 'reference' | 'name' | 'create-or-update-only';

/**
 * Why a certificate leaves a field out, or undefined for one that it covers: a reference is a key on one side and an id
 * on the other, a label needs the org's own list to be read, and what is sent with some writes alone may differ.
 */
export const uncoveredBecause = ({ reference, names, sentAt }: FieldMapping): Uncovered | undefined => {
  if (reference !== undefined) return 'reference';
  if (names !== undefined) return 'name';
  return sentAt === undefined ? undefined : 'create-or-update-only';
};

/** The fields that a certificate covers, by attribute: the order of the values of a row. */
export const coveredFields = ({ fields }: Pick<Mapping, 'fields'>): readonly FieldMapping[] =>
  fields
    .filter((field) => uncoveredBecause(field) === undefined)
    // By code unit, as any verifier can.
    .toSorted((a, b) => (a.localField < b.localField ? -1 : 1));

/** Whether a pair has the same to say in every field that is covered. */
export const agree = (fields: readonly FieldMapping[], a: FieldValues, b: FieldValues): boolean =>
  fields.every(({ type, localField }) =>
    sameValue(type, valueIn(a, localField) ?? null, valueIn(b, localField) ?? null),
  );

/**
 * A row of one side as one text, the same whatever way it was exported: a JSON array of the side, the key (the item's
 * key, or the record's id of 18 characters) and the values in the order of the fields. The form is written down in
 * docs/19-proof.md, for verifiers that know nothing of this code.
 */
export const canonicalRow = (
  side: ProofSide,
  key: string,
  fields: readonly FieldMapping[],
  values: FieldValues,
): string =>
  JSON.stringify([
    side,
    key,
    ...fields.map(({ type, localField }) => canonicalText(type, valueIn(values, localField) ?? null)),
  ]);

/** A canonical value as the text of the written form; null where there is none. */
export const canonicalText = (type: FieldType, value: FieldValue): string | null => {
  // Salesforce has no third boolean.
  if (type === 'boolean') return String(value ?? false);
  if (value === null) return null;
  switch (type) {
    case 'number':
      return decimal(String(value));
    case 'options':
      return canonicalOptions(optionsIn(String(value)).toSorted(byCodeUnit));
    default:
      return String(value);
  }
};

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Its significant digits and the power of ten after them: `12.50` is `125e-1`, however it was spelt. */
export const decimal = (text: string): string => {
  const isNegative = text.startsWith('-');
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = (/^[+-]/.test(mantissa) ? mantissa.slice(1) : mantissa).split('.');
  const digits = withoutLeadingZeros(whole + fraction);
  if (digits === '') return '0';
  const significant = withoutTrailingZeros(digits);
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${isNegative ? '-' : ''}${significant}e${power}`;
};

const withoutLeadingZeros = (digits: string): string => {
  let start = 0;
  while (digits[start] === '0') start += 1;
  return digits.slice(start);
};

const withoutTrailingZeros = (digits: string): string => {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
};
