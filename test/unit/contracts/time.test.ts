import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { nowIso } from '../../../shared/contracts/clock.ts';
import { isCalendarDay, isIsoTime, isoOf, isRestTime } from '../../../shared/contracts/time.ts';

describe('a calendar day', () => {
  test.each(['2024-01-31', '2024-02-29', '0001-01-01', '9999-12-31'])('is %s', (day) => {
    expect(isCalendarDay(day)).toBe(true);
  });

  test.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '2024-1-31',
    '2024-01',
    '+010000-01',
    '2024-01-31T00:00:00Z',
    ' 2024-01-31',
    '',
  ])('is not %j', (text) => {
    expect(isCalendarDay(text)).toBe(false);
  });
});

test('a time is written in UTC with milliseconds', () => {
  expect(isoOf(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(nowIso({ nowMs: () => 1_704_067_200_500 })).toBe('2024-01-01T00:00:00.500Z');
});

/** One time, with one of its characters replaced now and then: neighbours of what is right. */
const nearlyTime = fc
  .tuple(
    fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31T23:59:59.999Z') }),
    fc.nat({ max: 22 }),
    fc.constantFrom('0', '1', '2', '3', '5', '6', '9', 'T', 't', ':', '.', '-', '+', 'Z', ' ', '/', ';'),
    fc.constantFrom('Z', '+0000', '-0000', '+0100', 'z', ''),
  )
  .map(([date, place, character, end]) => {
    const iso = date.toISOString();
    return iso.slice(0, place) + character + iso.slice(place + 1, 23) + end;
  });

/** What `Date` itself writes for the text, where it writes years of four digits. */
const writtenByDate = (text: string): string | undefined => {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

test('a time is in the one form where Date would write it so, letter by letter', () => {
  let inForm = 0;
  fc.assert(
    fc.property(nearlyTime, (text) => {
      expect(isIsoTime(text)).toBe(writtenByDate(text) === text);
      expect(isRestTime(text)).toBe(
        text.length === 28 &&
          text.endsWith('+0000') &&
          writtenByDate(`${text.slice(0, 23)}Z`) === `${text.slice(0, 23)}Z`,
      );
      expect(isCalendarDay(text.slice(0, 10))).toBe(
        writtenByDate(`${text.slice(0, 10)}T00:00:00.000Z`)?.startsWith(text.slice(0, 10)) ?? false,
      );
      if (isIsoTime(text)) inForm += 1;
    }),
    { numRuns: 20_000 },
  );
  expect(inForm).toBeGreaterThan(200);
});

test('every day of four centuries is a day, and the one after the last of each month is none', () => {
  for (let ms = Date.UTC(1899, 11, 31); ms < Date.UTC(2301, 0, 1); ms += 86_400_000) {
    const day = isoOf(ms).slice(0, 10);
    const next = isoOf(ms + 86_400_000).slice(0, 10);
    expect(isCalendarDay(day)).toBe(true);
    if (next.endsWith('-01')) {
      expect(isCalendarDay(day.slice(0, 8) + String(Number(day.slice(8)) + 1).padStart(2, '0'))).toBe(false);
    }
  }
});
