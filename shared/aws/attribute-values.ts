import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** An item as the low-level API has it. */
export type RawItem = Record<string, AttributeValue>;

/**
 * An item from plain values; `undefined` is left out. Doubles beyond the safe integers are allowed: their shortest
 * decimal form reads back as the same double.
 */
export const toItem = (values: object): RawItem =>
  // Without this, a map with an attribute named `constructor` would count as an instance of a class and be refused.
  marshall(values, {
    removeUndefinedValues: true,
    allowImpreciseNumbers: true,
    convertClassInstanceToMap: true,
  });

/** One attribute from a plain value. */
export const toAttribute = (value: unknown): AttributeValue => {
  const { value: attribute } = toItem({ value });
  if (!attribute) throw new TypeError('undefined is not an attribute value');
  return attribute;
};

/**
 * Plain values of an item. An integer that no double holds exactly comes out as an object, which compares with
 * nothing: somebody's long id must not be rounded. Fractions come out as the nearest double.
 */
export const fromItem = (item: RawItem): Record<string, unknown> =>
  unmarshall(item, { wrapNumbers: toNumber });

const toNumber = (text: string): unknown => {
  const value = Number(text);
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value;
  return isExact(text, value) ? value : { notExact: text };
};

/** DynamoDB writes numbers out in full where they are short and with an exponent where they are not. */
const isExact = (text: string, value: number): boolean => digitsOf(text) === digitsOf(String(value));

/** The digits that count, and the sign; both texts are of the same magnitude, so that is enough. */
const digitsOf = (text: string): string => {
  const [mantissa = ''] = text.toLowerCase().split('e');
  return mantissa
    .replace('.', '')
    .replace(/^([+-]?)0+/, '$1')
    .replace(/^\+/, '')
    .replace(/(?<!0)0+$/, '');
};
