import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlanEntry, PlanKind } from '../../../../shared/sync/plan/entry.ts';
import { callsOfPage, estimateOf } from '../../../../shared/sync/plan/estimate.ts';
import { type PlanTotals, totalsOf } from '../../../../shared/sync/plan/totals.ts';
import { someEntries } from './arbitraries.ts';

const someOf = (kind: PlanKind, count: number): PlanEntry[] =>
  Array.from({ length: count }, (_, index) => ({
    by: 'key',
    key: `${kind}-${index}`,
    actions: [{ kind }],
    digest: 'd',
  }));

describe('the calls of a page', () => {
  test.each<[string, readonly PlanEntry[], boolean, number]>([
    ['200 records that change: read and written', someOf('change-record', 200), false, 2],
    ['200 new records: looked for and written', someOf('create-record', 200), false, 2],
    [
      'both, and a deletion',
      [...someOf('change-record', 2), ...someOf('create-record', 2), ...someOf('delete-record', 1)],
      false,
      5,
    ],
    ['200 items that change: read', someOf('change-item', 200), false, 1],
    ['200 new items: the records are read', someOf('create-item', 200), false, 1],
    [
      'new items beside pairs: read by two ways',
      [...someOf('create-item', 2), ...someOf('pair', 2)],
      false,
      2,
    ],
    ['nothing', [], false, 0],
    [
      'a new record of which a field waits: looked for and written',
      [{ by: 'key', key: 'ann', digest: 'd', actions: [{ kind: 'hold' }, { kind: 'create-record' }] }],
      false,
      2,
    ],
    [
      'a page with every way of writing',
      [
        ...someOf('create-item', 1),
        ...someOf('create-record', 1),
        ...someOf('change-record', 1),
        ...someOf('delete-record', 1),
      ],
      false,
      6,
    ],
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

  test('counts what each kind writes, and reads every key', () => {
    const kinds = { 'create-record': 2, hold: 1, keep: 5 } as const;
    expect(estimateOf({ keys: 8, kinds }, 1, 3)).toEqual({
      calls: 3,
      writeUnits: 2 * 10 + 4 + 2,
      readUnits: 48,
      dollars: 0.01,
      minutes: 1,
    });
  });

  test('is dearer by what each of its parts costs', () => {
    const dollars = (keys: number, kinds: PlanTotals['kinds'], pages: number) =>
      estimateOf({ keys, kinds }, pages, 0).dollars;
    // By docs/costs.md: a million write units 0.625 dollars, a million read units 0.125, a second of Lambda 0.0000133.
    expect(dollars(0, { wait: 1_000_000 }, 0)).toBe(0.63);
    expect(dollars(1_000_000, {}, 0)).toBe(0.75);
    expect(dollars(0, {}, 1_000_000)).toBe(27.85);
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
