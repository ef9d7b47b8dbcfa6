import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExactNumber, numberFrom, parseJson } from '../../../shared/contracts/exact-number.ts';

const textOf = (number: unknown): string => (number instanceof ExactNumber ? number.text : String(number));

describe('a number from its text', () => {
  test.each([
    ['1', 1],
    ['1.0', 1],
    ['1e3', 1000],
    ['1988.0', 1988],
    ['9.12260031E8', 912_260_031],
    ['-0', 0],
    ['0.10', 0.1],
    ['.5', 0.5],
    ['9007199254740993.0', '9007199254740993'],
    ['123456789012345678', '123456789012345678'],
    ['1.23456789012345677E17', '123456789012345677'],
    ['1234567890123456.78', '1234567890123456.78'],
    ['-0.123456789012345678900', '-0.1234567890123456789'],
    ['4e-324', '0.'.padEnd(325, '0').concat('4')],
    ['1e400', undefined],
    ['1e999999999999', undefined],
    ['0e999999999999', 0],
    ['12a', undefined],
    ['', undefined],
    ['Infinity', undefined],
  ])('%s', (text, expected) => {
    const number = numberFrom(text);
    expect(number instanceof ExactNumber ? number.text : number).toBe(expected);
  });

  test('is a double where that double is written the same way', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    fc.assert(fc.property(double, (value) => expect(numberFrom(String(value))).toBe(value)));
  });

  test('keeps every digit, and is the same however it is written', () => {
    const decimal = fc.record({
      digits: fc.bigInt({ min: 1n, max: 10n ** 38n }),
      scale: fc.integer({ min: 0, max: 40 }),
      zeros: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(decimal, ({ digits, scale, zeros }) => {
        const plain = numberFrom(`${digits}e-${scale}`);
        const padded = numberFrom(`00${digits}${'0'.repeat(zeros)}E-${scale + zeros}`);
        expect(textOf(padded)).toBe(textOf(plain));
        const [whole = '', fraction = ''] = textOf(plain).split('e')[0]?.split('.') ?? [];
        if (plain instanceof ExactNumber) expect(BigInt(whole + fraction.padEnd(scale, '0'))).toBe(digits);
      }),
    );
  });
});

describe('JSON', () => {
  test('is read and written to the last digit', () => {
    const text =
      '{"a":123456789012345678,"b":[1,{"c":-0.1234567890123456789}],"d":"1234567890123456789","e":1.5}';
    const value = parseJson(text) as Record<string, unknown>;
    expect(value.a).toEqual(ExactNumber.of('123456789012345678'));
    expect(value.e).toBe(1.5);
    expect(value.d).toBe('1234567890123456789');
    expect(JSON.stringify(value)).toBe(text);
  });

  test('of any decimal comes back as it was', () => {
    const decimal = fc
      .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }))
      .map(([digits, scale]) => textOf(numberFrom(`${digits}e-${scale}`)));
    fc.assert(
      fc.property(decimal, (text) => {
        const read = parseJson(`{"x": ${text}}`) as { x: unknown };
        expect(textOf((parseJson(JSON.stringify(read)) as { x: unknown }).x)).toBe(textOf(read.x));
        expect(textOf(numberFrom(text))).toBe(textOf(read.x));
      }),
    );
  });
});
