import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlanEntry, PlanKind } from '../../../../shared/sync/plan/entry.ts';
import { callsOfPage, estimateOf } from '../../../../shared/sync/plan/estimate.ts';
import { totalsOf } from '../../../../shared/sync/plan/totals.ts';
import { someEntries } from './arbitraries.ts';

const someOf = (kind: PlanKind, count: number): PlanEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    by: 'key',
    key: `${kind}-${index}`,
    actions: [{ kind }],
    digest: 'd',
  }));

describe('the calls of a page', () => {
  test.each([
    ['200 records that change: read and written', someOf('change-record', 200), false, 2],
    ['200 new records: looked for and written', someOf('create-record', 200), false, 2],
    [
      'both, and a deletion',
      [...someOf('change-record', 2), ...someOf('create-record', 2), ...someOf('delete-record', 1)],
      false,
      5,
    ],
    ['200 items that change: read', someOf('change-item', 200), false, 1],
    [
      '60 records that are written only if nobody changed them: each by itself, and read back by fifty',
      someOf('change-record', 60),
      true,
      63,
    ],
  ])('%s', (_, entries, isConditional, calls) => {
    expect(callsOfPage(entries, isConditional)).toBe(calls);
  });
});

describe('an estimate', () => {
  test('is that of docs/costs.md for a million changed items', () => {
    const totals = { keys: 1_000_000, kinds: { 'change-item': 1_000_000 } } as const;
    const { writeUnits, dollars, minutes } = estimateOf(totals, 5_000, 10_000);
    expect(writeUnits).toBe(4_010_000);
    expect(dollars).toBeGreaterThan(3);
    expect(dollars).toBeLessThan(5);
    expect(minutes).toBe(167);
  });

  test('never falls as more is planned', () => {
    fc.assert(
      fc.property(someEntries, someEntries, (a, b) => {
        const less = estimateOf(totalsOf(a), 1, callsOfPage(a, false));
        const more = estimateOf(totalsOf([...a, ...b]), 2, callsOfPage([...a, ...b], false));
        expect(more.writeUnits).toBeGreaterThanOrEqual(less.writeUnits);
        expect(more.readUnits).toBeGreaterThanOrEqual(less.readUnits);
        expect(more.dollars).toBeGreaterThanOrEqual(less.dollars);
        expect(more.calls).toBeGreaterThanOrEqual(less.calls);
      }),
    );
  });

  test('of nothing is nothing', () => {
    expect(estimateOf({ keys: 0, kinds: {} }, 0, 0)).toEqual({
      calls: 0,
      writeUnits: 0,
      readUnits: 0,
      dollars: 0,
      minutes: 0,
    });
  });
});
