import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Allowance } from '../../../../shared/sync/allowance/admit.ts';
import { forecast, probesPerDay } from '../../../../shared/sync/allowance/forecast.ts';
import { countCalls, HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import { intervalOf, nextOnGrid, stretchedMs } from '../../../../shared/sync/allowance/probes.ts';
import { runOrgs } from '../../../simulation/allowance/orgs.ts';

const MINUTE = 60_000;
const NOW = 1_000 * HOUR_MS;
const anAllowance = (change: Partial<Allowance> = {}): Allowance => ({
  ledger: { hours: {} },
  usage: { max: 100_000, others: 0, atMs: NOW },
  share: 0.5,
  scheduledPerDay: 0,
  stopped: [],
  ...change,
});

describe('sweeps that find nothing', () => {
  test.each([
    [0, 1],
    [1, 2],
    [3, 8],
    [4, 15],
    [500, 15],
  ])('after %d of them, the next comes %d minutes later', (idleRounds, minutes) => {
    expect(intervalOf({ everyMs: MINUTE, freshnessMs: 15 * MINUTE, idleRounds })).toBe(minutes * MINUTE);
  });

  test('stay at the schedule where that is longer than the freshness asked for', () => {
    expect(intervalOf({ everyMs: 60 * MINUTE, freshnessMs: 15 * MINUTE, idleRounds: 9 })).toBe(60 * MINUTE);
  });
});

describe('the next sweep of a mapping', () => {
  const anInstant = fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => seconds * 1_000);
  const anInterval = fc.integer({ min: 1, max: 1_440 }).map((minutes) => minutes * MINUTE);

  test('comes after now, and never later than after its interval', () => {
    fc.assert(
      fc.property(fc.string(), anInterval, anInstant, (connectionId, interval, now) => {
        const waits = nextOnGrid(connectionId, interval, now) - now;
        expect(waits).toBeGreaterThan(0);
        expect(waits).toBeLessThanOrEqual(interval);
      }),
    );
  });

  test('comes a whole interval after one that came in time', () => {
    fc.assert(
      fc.property(fc.string(), anInterval, anInstant, (connectionId, interval, now) => {
        const next = nextOnGrid(connectionId, interval, now);
        expect(nextOnGrid(connectionId, interval, next)).toBe(next + interval);
        // The dispatcher comes up to a minute late.
        expect(nextOnGrid(connectionId, interval, next + MINUTE - 1)).toBe(next + interval);
      }),
    );
  });

  test('of a slow one comes together with one of each that is faster by a whole factor', () => {
    fc.assert(
      fc.property(
        fc.string(),
        anInterval,
        fc.integer({ min: 1, max: 96 }),
        anInstant,
        (id, fast, factor, now) => {
          const slow = nextOnGrid(id, fast * factor, now);
          expect(nextOnGrid(id, fast, slow - 1)).toBe(slow);
        },
      ),
    );
  });

  test('comes at other times for other connections', () => {
    const ids = Array.from({ length: 1_000 }, (_, n) => `c${(n * 7_919).toString(16).padStart(24, '0')}`);
    const ofMinutes = Map.groupBy(ids, (id) => Math.floor((nextOnGrid(id, 15 * MINUTE, NOW) - NOW) / MINUTE));
    for (const ofMinute of ofMinutes.values()) expect(ofMinute.length).toBeLessThan(150);
  });
});

describe('sweeps that the budget does not suffice for', () => {
  const DAY = 1_440;
  test.each([
    [1, 1, 1],
    [15, 1.5, 22.5],
    [1, 1_440, DAY],
    [60, 25, DAY],
    [60, 1_440, DAY],
    // What may be older than a day anyway.
    [2 * DAY, 1.5, 2 * DAY],
  ])('each %d minutes, stretched by %d, come every %d', (minutes, stretch, becomes) => {
    expect(stretchedMs(minutes * MINUTE, stretch)).toBe(becomes * MINUTE);
  });
});

describe('the calls that freshness needs', () => {
  test.each([
    [[1], 1_440],
    [[1, 1, 1, 1, 1], 1_440],
    [[1, 1, 1, 1, 1, 1], 2_880],
    // The seats that the first leaves are taken by the others.
    [[1, 15, 15, 1_440], 1_440],
    [[1_440, 15, 1, 15], 1_440],
    [[15, 15, 15, 15, 15, 1_440], 97],
    [[], 0],
  ])('of mappings every %j minutes are %d a day', (minutes, calls) => {
    expect(probesPerDay(minutes.map((one) => one * MINUTE))).toBe(calls);
  });
});

test('a forecast says whether what is asked for fits into the budget, and what it becomes if not', () => {
  const ledger = countCalls({ hours: {} }, 'hints', 2_750, NOW - HOUR_MS);

  expect(forecast(anAllowance({ ledger, scheduledPerDay: 37_625 }), NOW)).toMatchObject({
    hintsPerDay: 2_750,
    availablePerDay: 37_625,
    isFeasible: true,
    stretch: 1,
  });
  expect(forecast(anAllowance({ ledger, scheduledPerDay: 75_250 }), NOW)).toMatchObject({
    isFeasible: false,
    stretch: 2,
  });
});

test('freshness never costs more calls than one for each mapping, nor fewer than one for five', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(1, 15, 60, 1_440), { minLength: 1, maxLength: 20 }), (minutes) => {
      const alone = minutes.reduce((sum, one) => sum + 1_440 / one, 0);
      const calls = probesPerDay(minutes.map((one) => one * MINUTE));
      expect(calls).toBeLessThanOrEqual(alone);
      expect(calls).toBeGreaterThanOrEqual(alone / 5);
    }),
  );
});

test('thirty days of some orgs use no allowance up, touch no reserve, and keep what fits', () => {
  // A runaway among them, an org of 15,000 calls, and others that come in one night's job.
  for (const seed of [9, 11, 19, 23]) {
    const figures = runOrgs(1, 30, seed);

    expect(figures.refusedByUs).toBe(0);
    expect(figures.reserveTouched).toBe(0);
    expect(figures.deadlines).toBeGreaterThan(5_000);
    expect(figures.late / figures.deadlines).toBeLessThan(0.01);
    expect(figures.mostCalls).toBeLessThan(1.1);
  }
});

test('an org whose budget often does not suffice goes on sharing calls', () => {
  // Nine mappings, and some days without room for them: due whenever each has waited for its time, they need 1.21.
  expect(runOrgs(1, 30, 778).mostCalls).toBeLessThan(1.1);
});
