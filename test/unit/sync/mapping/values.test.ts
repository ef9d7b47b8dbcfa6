import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ExactNumber } from '../../../../shared/contracts/exact-number.ts';
import { to18 } from '../../../../shared/contracts/salesforce-id.ts';
import {
  type Decoded,
  EXPECTED,
  fromLocal,
  isSameDouble,
  readWire,
  sameValue,
  toLocal,
  toWire,
  valueIn,
} from '../../../../shared/sync/mapping/values.ts';
import type { FieldType, FieldValue } from '../../../../shared/sync/model/values.ts';

/** In the form of `fromLocal`. */
const fromWire = (type: FieldType, value: unknown): Decoded => {
  const read = readWire(type, value);
  return read === undefined ? { problem: EXPECTED[type] } : { ok: read };
};

const TYPES: readonly FieldType[] = ['text', 'id', 'number', 'boolean', 'date', 'datetime', 'time'];

test.each<[FieldType, unknown, FieldValue]>([
  ['text', '  Ann\r\nLee\r ', 'Ann\nLee'],
  ['text', '', null],
  ['text', ' \t\n', null],
  ['text', '9.0', '9.0'],
  ['number', 50000.0, 50000],
  ['number', -0, 0],
  ['number', '9.12260031E8', 912260031],
  ['number', '1988.0', 1988],
  ['number', '-0.0', 0],
  ['number', '.5', 0.5],
  ['number', '+5.', 5],
  ['number', `${'0'.repeat(1_099)}7`, 7],
  ['number', '', null],
  ['boolean', 'true', true],
  ['boolean', 'FALSE', false],
  ['boolean', '1', true],
  ['boolean', '', null],
  ['date', '2024-02-29', '2024-02-29'],
  ['date', '', null],
  ['datetime', '2024-01-01T00:00:00.000+0000', '2024-01-01T00:00:00.000Z'],
  ['datetime', '2024-01-01T00:00:00+00:00', '2024-01-01T00:00:00.000Z'],
  ['datetime', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
  ['datetime', '2024-01-01T00:30:00.1239+01:00', '2023-12-31T23:30:00.123Z'],
  ['datetime', '2024-01-01T00:00:00-0530', '2024-01-01T05:30:00.000Z'],
  ['datetime', '', null],
  ['id', '001ak00000OQTie', '001ak00000OQTieAAH'],
  ['id', '001ak00000OQTieAAH', '001ak00000OQTieAAH'],
  ['id', ' 001AK00000OQTIEaah\n', '001ak00000OQTieAAH'],
  // Salesforce is to say what is wrong with it.
  ['id', ' no id ', 'no id'],
  ['id', '', null],
  ['time', '13:05:30.000Z', '13:05:30.000Z'],
  ['time', '13:05:30', '13:05:30.000Z'],
  ['time', '13:05', '13:05:00.000Z'],
  ['time', '13:05Z', '13:05:00.000Z'],
  ['time', '13:05:30.12345Z', '13:05:30.123Z'],
  ['time', '00:30:00.000+01:00', '23:30:00.000Z'],
  ['time', '23:30:00-0100', '00:30:00.000Z'],
  ['time', '', null],
])('reads the %s %j from the wire as %j', (type, wire, expected) => {
  expect(fromWire(type, wire)).toEqual({ ok: expected });
});

test.each(TYPES)('reads an absent %s as null from either side', (type) => {
  for (const absent of [null, undefined]) {
    expect(fromWire(type, absent)).toEqual({ ok: null });
    expect(fromLocal(type, absent)).toEqual({ ok: null });
  }
});

test.each<[FieldType, unknown]>([
  ['text', 5],
  ['text', ['a']],
  ['rich', 5],
  ['options', 5],
  ['number', Number.NaN],
  ['number', 'Infinity'],
  ['number', '1e999'],
  ['number', '0x10'],
  ['number', '1.2.3'],
  ['number', '.'],
  ['number', '0'.repeat(1_101)],
  ['number', `${'1'.repeat(131_072)}x`],
  ['number', '1,000'],
  ['number', ' 5'],
  ['boolean', 'yes'],
  ['boolean', 0],
  ['date', '2024-02-30'],
  ['date', '2023-02-29'],
  ['date', '2024-1-1'],
  ['date', '2024-01-01T00:00:00Z'],
  ['date', 20240101],
  ['datetime', '2024-01-01T00:00:00'],
  ['datetime', '2024-01-01'],
  ['datetime', '2024-02-30T00:00:00Z'],
  ['datetime', '2024-01-01T24:00:00Z'],
  ['datetime', '2024-01-01T00:00:60Z'],
  ['datetime', '2024-01-01T00:00:00+24:00'],
  ['datetime', '0000-01-01T00:00:00+23:59'],
  ['datetime', 1704067200000],
  ['datetime', ['2024-01-01T00:00:00+01:00']],
  ['datetime', '2024-01-01T00:00:00Z; DROP'],
  ['id', 15],
  ['time', '24:00:00Z'],
  ['time', '13:60:00Z'],
  ['time', '13:05:60Z'],
  ['time', '14:'],
  ['time', '1:05'],
  ['time', '13:05:30+24:00'],
  ['time', '2024-01-01T13:05:30Z'],
  ['time', 47130000],
])('refuses the %s %j without quoting it', (type, wire) => {
  const decoded = fromWire(type, wire);

  expect(decoded).toEqual({ problem: expect.stringMatching(/^expected /) });
  expect(JSON.stringify(decoded)).not.toContain(String(wire));
});

test('reads the longest number that can be written, and no text that is longer than any', () => {
  const smallest = `-0.${'0'.repeat(323)}4940656458412465`;

  expect(fromWire('number', smallest)).toEqual({ ok: smallest });
  expect(fromWire('number', `0.${'0'.repeat(1_099)}`)).toHaveProperty('problem');
  expect(fromWire('number', `${'1'.repeat(131_072)}x`)).toHaveProperty('problem');
});

test.each<[FieldType, unknown]>([
  ['number', '5'],
  ['boolean', 'true'],
])('refuses a local %s that is kept as text, since writing it back would change its type', (type, value) => {
  expect(fromLocal(type, value)).toHaveProperty('problem');
});

test('an absent boolean is the same as false and is written as false', () => {
  expect(sameValue('boolean', null, false)).toBe(true);
  expect(sameValue('boolean', null, true)).toBe(false);
  expect(sameValue('text', null, 'a')).toBe(false);
  expect(toWire('boolean', null)).toBe(false);
  expect(toWire('text', null)).toBe(null);
});

test('digits that no double holds are written to either side as a number of all of them', () => {
  const digits = '12345678901234567890';
  for (const write of [toWire, toLocal]) {
    expect(write('number', digits)).toEqual(ExactNumber.of(digits));
    expect(write('number', 5)).toBe(5);
    expect(write('text', digits)).toBe(digits);
  }
});

test.each<[FieldType, FieldValue, FieldValue, boolean]>([
  ['number', '123456789012345678', 123456789012345680, true],
  ['number', 123456789012345680, '123456789012345678', true],
  ['number', '123456789012345678', '123456789012345679', true],
  ['number', '123456789012345678', 5, false],
  // Two doubles are known to the last digit.
  ['number', 5, 5, false],
  ['number', '0', null, false],
  ['number', null, '0', false],
  ['text', '5', '5.0', false],
])('whether %s %j may be all that Salesforce tells of %j: %s', (type, a, b, isSame) => {
  expect(isSameDouble(type, a, b)).toBe(isSame);
});

test('what every object inherits is the value of no field', () => {
  for (const name of ['constructor', '__proto__', 'toString']) expect(valueIn({}, name)).toBeUndefined();
  expect(valueIn(undefined, 'name')).toBeUndefined();
  expect(valueIn({ name: null }, 'name')).toBeNull();
});

/** Each moment, and the ways in which people and programs write it. */
const spellings = fc
  .record({
    ms: fc.integer({ min: Date.UTC(1, 0, 2), max: Date.UTC(9999, 11, 30) }),
    offset: fc.integer({ min: -14 * 60, max: 14 * 60 }),
    hasColon: fc.boolean(),
  })
  .map(({ ms, offset, hasColon }) => {
    const utc = new Date(ms).toISOString();
    const there = new Date(ms + offset * 60_000).toISOString().slice(0, -1);
    const two = (part: number) => String(part).padStart(2, '0');
    const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map(two);
    const end = `${offset < 0 ? '-' : '+'}${hours}${hasColon ? ':' : ''}${minutes}`;
    return { utc, there: `${there}${end}` };
  });
const someId = fc.stringMatching(/^[0-9A-Za-z]{15}$/);
const readOf = (type: FieldType, value: unknown): FieldValue => {
  const read = fromLocal(type, value);
  if ('problem' in read) throw new Error(read.problem);
  return read.ok;
};

describe('what is spelt in several ways is one value', () => {
  test('a moment, whatever its offset and its fraction of zeros', () => {
    fc.assert(
      fc.property(spellings, ({ utc, there }) => {
        const known = readOf('datetime', utc);
        for (const spelt of [there, utc.replace('Z', '+0000'), utc.replace('Z', '+00:00')])
          expect(sameValue('datetime', known, readOf('datetime', spelt))).toBe(true);
        const whole = utc.replace(/\.\d+/, '.000');
        expect(readOf('datetime', whole.replace('.000', ''))).toBe(readOf('datetime', whole));
        // The same time of the day, without its day.
        expect(readOf('time', there.slice(11))).toBe(readOf('time', utc.slice(11)));
      }),
      { numRuns: 2000 },
    );
  });

  test('an id of 15 or of 18 characters, which is written with 18', () => {
    fc.assert(
      fc.property(someId, someId, fc.boolean(), (one, other, isUpper) => {
        const long = to18(one);
        const folded = isUpper ? long.toUpperCase() : long.toLowerCase();
        for (const spelt of [one, long, folded]) {
          const read = readOf('id', spelt);
          expect(read).toBe(long);
          expect([toWire('id', read), toLocal('id', read)]).toEqual([long, long]);
        }
        expect(sameValue('id', readOf('id', one), readOf('id', other))).toBe(one === other);
      }),
      { numRuns: 2000 },
    );
  });

  test('an id that was agreed upon before ids were told from text', () => {
    expect(sameValue('id', '001ak00000OQTie', '001ak00000OQTieAAH')).toBe(true);
    expect(sameValue('id', '001ak00000OQTie', null)).toBe(false);
    expect(sameValue('text', '001ak00000OQTie', '001ak00000OQTieAAH')).toBe(false);
    expect(sameValue('time', '13:05', '13:05:00.000Z')).toBe(true);
    expect(sameValue('time', '13:05', '13:06:00.000Z')).toBe(false);
    expect(sameValue('time', null, '13:06:00.000Z')).toBe(false);
  });
});

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
);

describe('whatever comes', () => {
  test('is read or refused, and what was read reads as itself again from either side', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), hostile, (type, value) => {
        for (const decoded of [fromWire(type, value), fromLocal(type, value)]) {
          if (!('ok' in decoded)) continue;
          expect(fromWire(type, decoded.ok)).toEqual(decoded);
          expect(fromLocal(type, decoded.ok)).toEqual(decoded);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('goes to Salesforce and back as the same, as JSON and as CSV text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), hostile, (type, value) => {
        const decoded = fromLocal(type, value);
        if (!('ok' in decoded)) return;
        const wire = toWire(type, decoded.ok);
        const csv = wire === null ? null : String(wire);

        for (const back of [fromWire(type, JSON.parse(JSON.stringify(wire))), fromWire(type, csv)]) {
          expect('ok' in back && sameValue(type, back.ok, decoded.ok)).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test.each([
  ['text', ' a\t', 'a'],
  ['text', '\u00a0a\u2003', '\u00a0a\u2003'],
  ['text', '\u00a0', '\u00a0'],
  ['text', '\u0008a\u000e', '\u0008a\u000e'],
  ['text', ' a', 'a'],
  ['text', 'a ', 'a'],
  ['text', ' \n ', null],
  ['rich', ' <p>a</p>\r\n', ' <p>a</p>\n'],
  ['rich', '', null],
] as const)('%s keeps of %j what Salesforce keeps', (type, text, kept) => {
  expect(fromLocal(type, text)).toEqual({ ok: kept });
  expect(fromWire(type, text)).toEqual({ ok: kept });
});

test.each<[FieldType, unknown, unknown]>([
  ['text', 'one\rtwo\r\nthree', 'one\ntwo\nthree'],
  ['boolean', 'TRUE', true],
  ['boolean', 'False', false],
  ['boolean', '1', true],
  ['boolean', '0', false],
  ['datetime', '2024-01-01T00:00:00.1234567Z', '2024-01-01T00:00:00.123Z'],
  ['datetime', '2024-01-01T23:59:00+23:59', '2024-01-01T00:00:00.000Z'],
  ['datetime', '2024-01-01T00:00:00-00:59', '2024-01-01T00:59:00.000Z'],
])('reads the %s %j as %j', (type, wire, value) => {
  expect(fromWire(type, wire)).toEqual({ ok: value });
});

test('a minute of an offset ends at 59', () => {
  expect(fromWire('datetime', '2024-01-01T00:00:00+01:60')).toHaveProperty('problem');
});
