import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fromItem, toItem } from '../../../shared/aws/attribute-values.ts';
import { ExactNumber } from '../../../shared/contracts/exact-number.ts';

describe('values on their way through DynamoDB', () => {
  test('come back as they were, every double too', () => {
    const value = fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      // DynamoDB has no smaller and no larger ones.
      fc
        .double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 })
        .map((number) => number + 0),
    );
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((name) => name !== '__proto__'),
          value,
        ),
        (values) => {
          expect(fromItem(toItem({ values })).values).toEqual({ ...values });
        },
      ),
    );
  });

  test('leave out what is undefined', () => {
    expect(toItem({ a: undefined, b: null })).toEqual({ b: { NULL: true } });
  });
});

describe('numbers as somebody else wrote them', () => {
  test.each([
    ['1', 1],
    ['9007199254740991', 9007199254740991],
    ['9007199254740994', 9007199254740994],
    ['1E+21', 1e21],
    ['1000000000000000000000', 1e21],
    ['-9007199254740994.0', -9007199254740994],
  ])('%s is %s', (text, value) => {
    expect(fromItem({ value: { N: text } })).toEqual({ value });
  });

  test.each([
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['-9007199254740993', '-9007199254740993'],
    ['0.10000000000000000000001', '0.10000000000000000000001'],
    ['1.2345678901234567890E-20', '0.000000000000000000012345678901234567890'.replace(/0+$/, '')],
  ])('%s keeps its digits, since no double holds it', (text, digits) => {
    const { value } = fromItem({ value: { N: text } });
    expect(value).toEqual(ExactNumber.of(digits));
    expect(toItem({ value })).toEqual({ value: { N: digits } });
  });
});
