import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import type { FieldType, FieldValue } from '../../../../shared/sync/model/values.ts';
import {
  agree,
  canonicalRow,
  canonicalText,
  coveredFields,
  decimal,
  uncoveredBecause,
} from '../../../../shared/sync/proof/canonical.ts';

const aField = (localField: string, change: Partial<FieldMapping> = {}): FieldMapping => ({
  localField,
  sfField: `${localField}__c`,
  direction: 'both',
  conflictPolicy: 'last-write-wins',
  type: 'text',
  since: 0,
  ...change,
});

/** Canonical values of a type, as both sides' readers make them. */
const VALUES: Readonly<Record<FieldType, fc.Arbitrary<FieldValue>>> = {
  text: fc.option(fc.string({ minLength: 1, unit: 'grapheme' })),
  rich: fc.option(fc.string({ minLength: 1 })),
  id: fc.option(fc.constantFrom('001ak00000OQTieAAH', '001ak00000OQTifAAH')),
  time: fc.option(fc.constantFrom('13:05:00.000Z', '13:06:00.000Z')),
  number: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  boolean: fc.option(fc.boolean()),
  date: fc.option(fc.constantFrom('2026-01-01', '2026-02-01')),
  datetime: fc.option(fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z')),
  options: fc.option(
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((some) => some.join(';')),
  ),
};
const TYPES = Object.keys(VALUES) as FieldType[];

describe('the written form of a row', () => {
  test('is the same exactly where both sides say the same', () => {
    const someFields = TYPES.map((type) => aField(type, { type }));
    const someValues = fc.record(VALUES);
    fc.assert(
      fc.property(someValues, someValues, fc.subarray(TYPES), (a, other, taken) => {
        // Mostly alike, so that rows differ in one field or in none.
        const b = { ...a, ...Object.fromEntries(taken.slice(0, 1).map((type) => [type, other[type]])) };
        const [one, another] = [a, b].map((values) => canonicalRow('local', 'k', someFields, values));
        expect(one === another).toBe(agree(someFields, a, b));
      }),
      { numRuns: Number(process.env.PROOF_RUNS ?? 20_000) },
    );
  });

  test('tells sides, keys and the places of values apart', () => {
    const fields = [aField('a'), aField('b')];
    const rows = [
      canonicalRow('local', 'k', fields, { a: 'x' }),
      canonicalRow('salesforce', 'k', fields, { a: 'x' }),
      canonicalRow('local', 'k2', fields, { a: 'x' }),
      canonicalRow('local', 'k', fields, { b: 'x' }),
      canonicalRow('local', 'k', fields, { a: '","x' }),
      canonicalRow('local', 'k', fields, { a: 'null' }),
      canonicalRow('local', 'k', fields, {}),
    ];
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows[0]).toBe('["local","k","x",null]');
  });
});

describe('a number', () => {
  test.each([
    ['12.50', '125e-1'],
    ['1.25e1', '125e-1'],
    ['-0', '0'],
    ['0.000', '0'],
    ['+007', '7e0'],
    ['1e21', '1e21'],
    ['1000', '1e3'],
    ['-.5', '-5e-1'],
    ['1e+3', '1e3'],
    ['1E-3', '1e-3'],
    ['12345678901234567890.12', '1234567890123456789012e-2'],
  ])('%s is %s', (text, written) => {
    expect(decimal(text)).toBe(written);
  });

  test('has one form however many zeros it is written with', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
        fc.nat(20),
        fc.nat(6),
        (digits, places, zeros) => {
          const short = `${digits}e-${places}`;
          const long = `${digits}${'0'.repeat(zeros)}e-${places + zeros}`;
          expect(decimal(long)).toBe(decimal(short));
          expect(decimal(`${digits + 1n}e-${places}`)).not.toBe(decimal(short));
        },
      ),
    );
  });
});

describe('what a certificate covers', () => {
  test('is every field that both sides spell alike, by attribute', () => {
    const fields = [
      aField('title'),
      aField('account', { reference: { targets: [], isCyclic: false } }),
      aField('kind', { names: { a: 'A' } }),
      aField('source', { sentAt: 'create' }),
      aField('email'),
    ];
    expect(coveredFields({ fields }).map(({ localField }) => localField)).toEqual(['email', 'title']);
    const three = ['b', 'c', 'a', 'B'].map((name) => aField(name));
    expect(coveredFields({ fields: three }).map(({ localField }) => localField)).toEqual([
      'B',
      'a',
      'b',
      'c',
    ]);
    expect(fields.map(uncoveredBecause)).toEqual([
      undefined,
      'reference',
      'name',
      'create-or-update-only',
      undefined,
    ]);
  });

  test('takes an absent boolean for false, and options for a set', () => {
    expect(canonicalText('boolean', null)).toBe('false');
    expect(canonicalText('options', 'b;a')).toBe(canonicalText('options', 'a;b'));
    expect(canonicalText('text', null)).toBeNull();
    expect(canonicalText('number', '12.50')).toBe('125e-1');
    expect(canonicalText('text', '12.50')).toBe('12.50');
    expect(canonicalText('options', 'b;c;a;B')).toBe('B;a;b;c');
  });
});
