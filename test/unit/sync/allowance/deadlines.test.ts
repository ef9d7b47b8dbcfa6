import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { earliestFirst, type Known, knownOf } from '../../../../shared/sync/allowance/deadlines.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const NOW = 1_000 * DAY;
const self = (known: Known): Known => known;

describe('of sweeps that are due', () => {
  test('that of a minute comes before that of a day, though it was swept later', () => {
    const daily = { seenUntilMs: NOW - DAY + MINUTE, freshnessMs: DAY };
    const minutely = { seenUntilMs: NOW - MINUTE, freshnessMs: MINUTE };
    expect(earliestFirst([daily, minutely], self)).toEqual([minutely, daily]);
  });

  test('that of a day comes before that of a minute once its day is over for longer', () => {
    const daily = { seenUntilMs: NOW - DAY - 2 * MINUTE, freshnessMs: DAY };
    const minutely = { seenUntilMs: NOW - 2 * MINUTE, freshnessMs: MINUTE };
    expect(earliestFirst([minutely, daily], self)).toEqual([daily, minutely]);
  });

  test('a first pass comes last, and those of one deadline stay as they came', () => {
    const [a, b] = [
      { seenUntilMs: NOW - 15 * MINUTE, freshnessMs: 15 * MINUTE },
      { seenUntilMs: NOW - MINUTE, freshnessMs: MINUTE },
    ];
    const [first, second] = [
      { seenUntilMs: undefined, freshnessMs: MINUTE },
      { seenUntilMs: undefined, freshnessMs: DAY },
    ];
    expect(earliestFirst([first, second, a, b], self)).toEqual([a, b, first, second]);
  });
});

test('a deadline is what has been seen and the freshness asked for, or the schedule where none is', () => {
  const config = aSyncConfig({
    fresh: { ...CONTACTS, schedule: { everyMinutes: 1 }, freshness: '15m' },
    plain: { ...CONTACTS, schedule: { everyMinutes: 60 } },
  });
  const watermark = new Date(NOW).toISOString();
  expect(knownOf(config, { name: 'fresh', watermark })).toEqual({
    seenUntilMs: NOW,
    freshnessMs: 15 * MINUTE,
  });
  expect(knownOf(config, { name: 'plain' })).toEqual({ seenUntilMs: undefined, freshnessMs: 60 * MINUTE });
});

/** A sweep that is due from one slot of time on, and late after another. */
interface Job extends Known {
  readonly from: number;
}
const LAST = 6;
const job = fc
  .record({ seen: fc.integer({ min: -3, max: 4 }), freshness: fc.integer({ min: 1, max: 5 }) })
  .chain(({ seen, freshness }) =>
    fc.record({
      from: fc.integer({ min: 0, max: Math.max(0, Math.min(LAST, seen + freshness)) }),
      seenUntilMs: fc.constant(seen),
      freshnessMs: fc.constant(freshness),
    }),
  );
const isInTime = ({ seenUntilMs, freshnessMs }: Job, slot: number): boolean =>
  slot <= (seenUntilMs ?? 0) + freshnessMs;

/** Whether any way to give jobs to slots keeps all deadlines: every one is tried. */
const isFeasible = ([one, ...rest]: readonly Job[], seats: readonly number[]): boolean =>
  one === undefined ||
  seats.some(
    (free, slot) =>
      free > 0 && slot >= one.from && isInTime(one, slot) && isFeasible(rest, seats.with(slot, free - 1)),
  );

/** Slot by slot, as many of those that are due as there are seats. */
const meetsAll = (jobs: readonly Job[], seats: readonly number[]): boolean => {
  let left = jobs;
  for (const [slot, free] of seats.entries()) {
    const due = earliestFirst(
      left.filter(({ from }) => from <= slot),
      self,
    );
    const taken = due.slice(0, free);
    if (taken.some((one) => !isInTime(one as Job, slot))) return false;
    left = left.filter((one) => !taken.includes(one));
  }
  return left.length === 0;
};

test('all deadlines are met wherever any order meets them, however many seats each slot of time has', () => {
  const seats = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: LAST + 1 });
  let [feasible, runs] = [0, 0];
  fc.assert(
    fc.property(fc.array(job, { minLength: 1, maxLength: 6 }), seats, (jobs, free) => {
      const isPossible = isFeasible(jobs, free);
      feasible += isPossible ? 1 : 0;
      runs += 1;
      expect(meetsAll(jobs, free)).toBe(isPossible);
    }),
    { numRuns: 2_000 },
  );
  expect(feasible).toBeGreaterThan(runs / 20);
});
