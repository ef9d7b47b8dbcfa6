import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fullSweepTick, LOST_AFTER_MS } from '../../../../shared/sync/full-sweep/due.ts';

const NOW = Date.parse('2026-01-10T12:00:00.000Z');
const DAY_MS = 24 * 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

describe('a tick', () => {
  test('has nothing to do where nobody wants a full sweep', () => {
    expect(fullSweepTick('c1.contact', undefined, undefined, NOW)).toEqual({ isDue: false });
    expect(fullSweepTick('c1.contact', iso(NOW + 1), undefined, NOW)).toEqual({ isDue: false });
  });

  test('sends what is due, and comes back to it, should that get lost', () => {
    const sent = { isDue: true, at: iso(NOW + LOST_AFTER_MS) };
    expect(fullSweepTick('c1.contact', iso(NOW), undefined, NOW)).toEqual(sent);
    expect(fullSweepTick('c1.contact', iso(NOW - DAY_MS), 7 * DAY_MS, NOW)).toEqual(sent);
  });

  test('begins to count for a new schedule, within its days, and not at the same minute for all', () => {
    const firsts = Array.from({ length: 50 }, (_, n) =>
      fullSweepTick(`c${n}.contact`, undefined, 7 * DAY_MS, NOW),
    );

    const times = firsts.map(({ at = '' }) => Date.parse(at));
    expect(firsts.every(({ isDue }) => !isDue)).toBe(true);
    expect(Math.min(...times)).toBeGreaterThan(NOW + 6 * DAY_MS);
    expect(Math.max(...times)).toBeLessThanOrEqual(NOW + 7 * DAY_MS);
    expect(new Set(times).size).toBeGreaterThan(40);
    const [first] = firsts;
    expect(fullSweepTick('c0.contact', first?.at, 7 * DAY_MS, NOW)).toEqual({ isDue: false });
  });

  test('comes back to a sweep that is due more than once an hour as often as that', () => {
    const sent = { isDue: true, at: iso(NOW + 15 * 60_000) };
    expect(fullSweepTick('c1.contact', iso(NOW), 15 * 60_000, NOW)).toEqual(sent);
  });

  test('is never further off than the schedule says, and always ahead', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.option(fc.integer({ min: -90 * 1440, max: 90 * 1440 }), { nil: undefined }),
        fc.oneof(
          fc.integer({ min: 15, max: 1440 }),
          fc.integer({ min: 1, max: 90 }).map((days) => days * 1440),
        ),
        (mappingId, dueIn, everyMinutes) => {
          const at = dueIn === undefined ? undefined : iso(NOW + dueIn * 60_000);
          const tick = fullSweepTick(mappingId, at, everyMinutes * 60_000, NOW);
          const nextMs = Date.parse(tick.at ?? at ?? '');
          expect(nextMs).toBeGreaterThan(NOW);
          expect(nextMs).toBeLessThanOrEqual(NOW + everyMinutes * 60_000);
          expect(tick.isDue).toBe(dueIn !== undefined && dueIn <= 0);
        },
      ),
    );
  });

  test('counts anew where the schedule is shorter than before', () => {
    const { at = '' } = fullSweepTick('c1.contact', iso(NOW + 20 * DAY_MS), DAY_MS, NOW);

    expect(Date.parse(at)).toBeLessThanOrEqual(NOW + DAY_MS);
  });
});
