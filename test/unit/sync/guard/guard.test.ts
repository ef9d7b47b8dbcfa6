import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  countOf,
  DELETION_LIMITS,
  decideHeld,
  decisionOn,
  type GuardState,
  limitOf,
  NEW_GUARD,
  needsPairs,
  pairsThatCount,
  reserve,
} from '../../../../shared/sync/guard/guard.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const LIMITS = { most: 10, share: 0.5, least: 2 };
const at = (ms: number): string => new Date(ms).toISOString();
const withPairs = (count: number): GuardState => ({ ...NEW_GUARD, pairs: { count, at: at(START) } });

describe('the limit of a day', () => {
  test.each([
    [undefined, 20],
    [0, 20],
    [400, 20],
    [1_000, 50],
    [10_000, 500],
    [1_000_000, 500],
  ])('is of %s pairs %s deletions', (pairs, limit) => {
    expect(limitOf(DELETION_LIMITS, pairs)).toBe(limit);
  });

  test('depends on no more pairs than are counted', () => {
    const counted = pairsThatCount(DELETION_LIMITS);
    expect(limitOf(DELETION_LIMITS, counted)).toBe(DELETION_LIMITS.most);
    expect(limitOf(DELETION_LIMITS, counted - 1)).toBeLessThan(DELETION_LIMITS.most);
  });

  test('needs the pairs only where they decide, and counts them once an hour', () => {
    expect(needsPairs(NEW_GUARD, 2, LIMITS, START)).toBe(false);
    expect(needsPairs(NEW_GUARD, 3, LIMITS, START)).toBe(true);
    expect(needsPairs(withPairs(8), 3, LIMITS, START + HOUR)).toBe(false);
    expect(needsPairs(withPairs(8), 3, LIMITS, START + HOUR + 1)).toBe(true);
    expect(needsPairs({ ...NEW_GUARD, closedSince: at(START) }, 3, LIMITS, START)).toBe(false);
    const full: GuardState = { ...NEW_GUARD, hours: { [at(START)]: 3 } };
    expect(needsPairs(full, 0, LIMITS, START)).toBe(false);
  });
});

describe('a guard', () => {
  test('lets through as many as may go, and holds the rest', () => {
    const { state, granted } = reserve(withPairs(8), 6, LIMITS, START);
    expect(granted).toBe(4);
    expect(state).toMatchObject({ held: 2, closedSince: at(START), version: 1 });
    expect(countOf(state, START)).toBe(4);
  });

  test('notes no hour in which nothing was let through, nor that it is closed while it is open', () => {
    const closed = reserve({ ...NEW_GUARD, closedSince: at(START) }, 2, LIMITS, START).state;
    expect(closed.hours).toEqual({});
    expect(reserve(NEW_GUARD, 2, LIMITS, START).state).not.toHaveProperty('closedSince');
  });

  test('that has held something lets nothing through, however many days pass', () => {
    const { state } = reserve(withPairs(8), 6, LIMITS, START);
    expect(reserve(state, 1, LIMITS, START + 100 * HOUR).granted).toBe(0);
  });

  test('counts a day, and an hour more rather than one less', () => {
    const { state } = reserve(withPairs(8), 4, LIMITS, START + HOUR - 1);
    expect(countOf(state, START + 24 * HOUR + HOUR - 1)).toBe(4);
    expect(countOf(state, START + 25 * HOUR)).toBe(0);
    expect(reserve(state, 4, LIMITS, START + 25 * HOUR).granted).toBe(4);
  });

  test('that a person opens begins anew; one that a person refuses goes on counting', () => {
    const { state } = reserve(withPairs(8), 6, LIMITS, START);
    const released = decideHeld(state, 'released', at(START + 1));
    expect(released).toMatchObject({ held: 0, version: 2 });
    expect(released).not.toHaveProperty('closedSince');
    expect(reserve(released, 4, LIMITS, START + 2).granted).toBe(4);
    expect(reserve(decideHeld(state, 'refused', at(START + 1)), 4, LIMITS, START + 2).granted).toBe(0);
  });

  test('knows what was decided about what was held by then, and of nothing later', () => {
    const state = decideHeld(NEW_GUARD, 'refused', at(START));
    expect(decisionOn(state, at(START))).toBe('refused');
    expect(decisionOn(state, at(START + 1))).toBeUndefined();
    expect(decisionOn(state, undefined)).toBeUndefined();
    expect(decisionOn(undefined, at(START))).toBeUndefined();
  });

  test('goes by the first decision that found something held: a later one is about what was held later', () => {
    const refused = decideHeld(NEW_GUARD, 'refused', at(START));
    const state = decideHeld(refused, 'released', at(START + 10));
    expect(decisionOn(state, at(START))).toBe('refused');
    expect(decisionOn(state, at(START + 1))).toBe('released');
    expect(decisionOn(state, at(START + 11))).toBeUndefined();
    expect(decisionOn(decideHeld(state, 'released', at(START + 20)), at(START + 11))).toBe('released');
  });

  test('goes by a later release where a refusal cannot be carried out', () => {
    const refused = decideHeld(NEW_GUARD, 'refused', at(START));
    expect(decisionOn(refused, at(START), false)).toBe('refused');
    expect(decisionOn(decideHeld(refused, 'released', at(START + 10)), at(START), false)).toBe('released');
  });

  test('refuses in the end what a decision was about that is forgotten', () => {
    let state = NEW_GUARD;
    for (let index = 0; index < 30; index++)
      state = decideHeld(state, index % 2 === 0 ? 'released' : 'refused', at(START + index));
    expect(state.decisions).toHaveLength(20);
    expect(decisionOn(state, at(START))).toBe('refused');
    expect(decisionOn(state, at(START + 29))).toBe('refused');
    expect(decisionOn(state, at(START + 28))).toBe('released');
  });

  test('never lets through more than the limit in any 24 hours, and loses none', () => {
    const steps = fc.array(
      fc.record({ afterMs: fc.nat(3 * HOUR), wanted: fc.nat(5), isReleased: fc.nat(20).map((n) => n === 0) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        let state = withPairs(8);
        let nowMs = START;
        let grants: { readonly atMs: number; readonly count: number }[] = [];
        for (const { afterMs, wanted, isReleased } of all) {
          nowMs += afterMs;
          if (isReleased) {
            state = decideHeld(state, 'released', at(nowMs));
            grants = [];
          }
          const before = state.held;
          const reserved = reserve(state, wanted, LIMITS, nowMs);
          expect(reserved.granted + (reserved.state.held - before)).toBe(wanted);
          state = reserved.state;
          grants.push({ atMs: nowMs, count: reserved.granted });
          const inDay = grants.filter(({ atMs }) => nowMs - atMs < 24 * HOUR);
          expect(inDay.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(4);
        }
      }),
    );
  });
});
