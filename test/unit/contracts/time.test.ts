import { describe, expect, test } from '@jest/globals';
import { nowIso } from '../../../shared/contracts/clock.ts';
import { isCalendarDay, isoOf } from '../../../shared/contracts/time.ts';

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
