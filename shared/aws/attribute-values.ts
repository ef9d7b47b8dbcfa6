import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, NumberValueImpl, unmarshall } from '@aws-sdk/util-dynamodb';
import { type AnyNumber, ExactNumber, numberFrom } from '../contracts/exact-number.ts';

/** An item as the low-level API has it. */
export type RawItem = Record<string, AttributeValue>;

/**
 * An item from plain values; `undefined` is left out. Doubles beyond the safe integers are allowed: their shortest
 * decimal form reads back as the same double. An `ExactNumber` keeps every digit.
 */
export const toItem = (values: object): RawItem =>
  // Without this, a map with an attribute named `constructor` would count as an instance of a class and be refused.
  marshall(withDigits(values), {
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

/** Plain values of an item; numbers are read to the last digit. */
export const fromItem = (item: RawItem): Record<string, unknown> =>
  unmarshall(item, { wrapNumbers: toNumber });

/** The library knows numbers of its own class alone. Those of ours are found as values of the item itself. */
const withDigits = (values: object): object => {
  const entries = Object.entries(values);
  if (!entries.some(([, value]) => value instanceof ExactNumber)) return values;
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name,
      value instanceof ExactNumber ? NumberValueImpl.from(value.text) : value,
    ]),
  );
};

/** DynamoDB writes numbers out in full where they are short and with an exponent where they are not. */
const toNumber = (text: string): AnyNumber | { readonly notRead: string } =>
  numberFrom(text) ?? { notRead: text };
