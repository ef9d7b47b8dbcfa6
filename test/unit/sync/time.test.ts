import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { epochMs, isAfter, latest } from '../../../shared/sync/time.ts';

/** The same moments in every form that one side or the other writes. */
const times = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date('1999-12-31'), max: new Date('2000-01-02') }),
    fc.constantFrom(
      (iso: string) => iso,
      (iso: string) => iso.replace('Z', '+0000'),
      (iso: string) => iso.replace('Z', '-01:30'),
      (iso: string) => iso.replace(/\.\d+Z$/, 'Z'),
    ),
  )
  .map(([date, write]) => write(date.toISOString()));

describe('of two times', () => {
  test('the later is the later moment, in whatever form each is written', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        expect(isAfter(a, b)).toBe(epochMs(a) > epochMs(b));
        expect(epochMs(latest(a, b) ?? '')).toBe(Math.max(epochMs(a), epochMs(b)));
      }),
      { numRuns: 2000 },
    );
  });

  test('none is before an unknown one, and neither is after itself', () => {
    const time = '2024-01-01T00:00:00.000Z';

    expect(isAfter(time, undefined)).toBe(true);
    expect(isAfter(time, time)).toBe(false);
    expect(latest(undefined, time)).toBe(time);
    expect(latest(time, undefined)).toBe(time);
  });
});

test.each([
  ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
  ['2024-01-01T02:00:00.000+0200', '2024-01-01T00:00:00.000Z'],
  ['2023-12-31T18:30:00.000-0530', '2024-01-01T00:00:00.000Z'],
  ['2024-01-01T02:00:00+02:00', '2024-01-01T00:00:00.000Z'],
])('%s is the moment %s', (written, iso) => {
  expect(epochMs(written)).toBe(Date.parse(iso));
});

test('what is no time is a mistake of ours', () => {
  expect(() => epochMs('yesterday')).toThrow('a time is not ISO 8601');
});

test('of one moment in two forms, neither is after the other', () => {
  const [a, b] = ['2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00Z'];

  expect([isAfter(a, b), isAfter(b, a)]).toEqual([false, false]);
});
