import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { callsOfDay, countCalls, HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import { observe, othersAt } from '../../../../shared/sync/allowance/usage.ts';

const NOW = 1_000 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;

describe('the ledger', () => {
  test('counts by class', () => {
    const ledger = countCalls(countCalls({ hours: {} }, 'hints', 2, NOW), 'schedules', 3, NOW);

    expect(callsOfDay(ledger, NOW, 'at-most')).toBe(5);
    expect(callsOfDay(ledger, NOW, 'at-most', 'hints')).toBe(2);
    expect(callsOfDay(ledger, NOW, 'at-most', 'loads')).toBe(0);
  });

  test('keeps the running hour and the 24 before it, and forgets what is older with the first call of an hour', () => {
    const old = [26, 25, 24, 1].reduce(
      (ledger, hours) => countCalls(ledger, 'hints', hours, NOW - hours * HOUR_MS),
      { hours: {} },
    );
    const kept = Object.keys(countCalls(old, 'hints', 1, NOW).hours).map((hour) => 1_000 - Number(hour));

    expect(kept.toSorted((a, b) => a - b)).toEqual([0, 1, 24]);
  });

  test('never counts too few at most, nor too many at least, and forgets what is past', () => {
    const call = fc.record({
      calls: fc.integer({ min: 1, max: 9 }),
      laterMs: fc.integer({ max: 5 * HOUR_MS, min: 0 }),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        let ledger = { hours: {} };
        let nowMs = NOW;
        const made: { atMs: number; calls: number }[] = [];
        for (const { calls: some, laterMs } of calls) {
          nowMs += laterMs;
          ledger = countCalls(ledger, 'hints', some, nowMs);
          made.push({ atMs: nowMs, calls: some });
        }
        const truly = made
          .filter(({ atMs }) => atMs > nowMs - DAY_MS)
          .reduce((sum, one) => sum + one.calls, 0);
        expect(callsOfDay(ledger, nowMs, 'at-most')).toBeGreaterThanOrEqual(truly);
        expect(callsOfDay(ledger, nowMs, 'at-least')).toBeLessThanOrEqual(truly);
        expect(Object.keys(ledger.hours).length).toBeLessThanOrEqual(26);
      }),
    );
  });
});

describe('what others use', () => {
  test('is what the org counts and is not surely ours', () => {
    const ledger = countCalls({ hours: {} }, 'hints', 300, NOW - 2 * HOUR_MS);

    expect(observe(undefined, { used: 1_000, max: 15_000, atMs: NOW }, ledger).others).toBe(700);
  });

  test('does not take our calls of the running hour off, which the org may not have counted yet', () => {
    const ledger = countCalls({ hours: {} }, 'hints', 300, NOW);

    expect(observe(undefined, { used: 700, max: 15_000, atMs: NOW }, ledger).others).toBe(700);
  });

  test('does not take off what the day’s edge cuts', () => {
    const ledger = countCalls({ hours: {} }, 'hints', 300, NOW - 24 * HOUR_MS);

    expect(observe(undefined, { used: 700, max: 15_000, atMs: NOW }, ledger).others).toBe(700);
    expect(
      observe(
        undefined,
        { used: 100, max: 15_000, atMs: NOW },
        countCalls({ hours: {} }, 'hints', 300, NOW - HOUR_MS),
      ).others,
    ).toBe(0);
  });

  test('is what was told last of one moment', () => {
    const first = { max: 1_000, others: 5, atMs: NOW };
    expect(observe(first, { used: 3, max: 2_000, atMs: NOW }, { hours: {} })).toEqual({
      max: 2_000,
      others: 5,
      atMs: NOW,
    });
  });

  test('fades when the count goes backwards, and is never less than what is seen', () => {
    const seen = observe(undefined, { used: 800, max: 15_000, atMs: NOW }, { hours: {} });
    const lower = observe(seen, { used: 100, max: 15_000, atMs: NOW + 60_000 }, { hours: {} });

    expect(lower.others).toBeGreaterThan(790);
    expect(othersAt(lower, NOW + 30 * HOUR_MS)).toBeLessThan(10);
    expect(observe(lower, { used: 900, max: 15_000, atMs: NOW + 120_000 }, { hours: {} }).others).toBe(900);
  });

  test('is not seen anew where an answer of yesterday is told again', () => {
    const old = { used: 14_000, max: 15_000, atMs: NOW };
    const seen = observe(undefined, old, { hours: {} });
    const now = { used: 200, max: 16_000, atMs: NOW + DAY_MS };
    const later = observe(seen, now, { hours: {} });

    expect(observe(seen, old, { hours: {} })).toEqual(seen);
    expect(observe(later, old, { hours: {} })).toEqual(later);
    expect(observe(observe(undefined, now, { hours: {} }), old, { hours: {} })).toEqual(later);
  });
});
