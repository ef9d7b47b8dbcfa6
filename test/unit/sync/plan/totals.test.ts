import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PLAN_KINDS } from '../../../../shared/sync/plan/entry.ts';
import { withSamples } from '../../../../shared/sync/plan/samples.ts';
import { addTotals, NO_TOTALS, totalsOf } from '../../../../shared/sync/plan/totals.ts';
import { someEntries } from './arbitraries.ts';

describe('the totals of a plan', () => {
  test('are the same however it is cut into pages', () => {
    fc.assert(
      fc.property(someEntries, someEntries, (a, b) => {
        expect(addTotals(totalsOf(a), totalsOf(b))).toEqual(addTotals(NO_TOTALS, totalsOf([...a, ...b])));
      }),
    );
  });

  test('count a key once in each kind that is planned for it', () => {
    const change = { kind: 'change-item' } as const;
    const entry = { by: 'key', key: 'ann', digest: 'd' } as const;
    expect(totalsOf([{ ...entry, actions: [change, change, { kind: 'hold' }] }])).toEqual({
      keys: 1,
      kinds: { 'change-item': 1, hold: 1 },
    });
  });
});

describe('the samples of a plan', () => {
  test('are the first of each kind, whichever page they came with, and never more than three', () => {
    fc.assert(
      fc.property(someEntries, someEntries, (a, b) => {
        const samples = withSamples(withSamples({}, a), b);
        expect(samples).toEqual(withSamples({}, [...a, ...b]));
        const { kinds } = totalsOf([...a, ...b]);
        for (const kind of PLAN_KINDS) {
          expect(samples[kind]?.length ?? 0).toBe(Math.min(3, kinds[kind] ?? 0));
        }
      }),
    );
  });

  test('hold keys and names of fields, at most ten, and no value', () => {
    const fields = Array.from({ length: 30 }, (_, index) => `field-${index}`);
    const values = { 'field-0': 'a secret' };
    const samples = withSamples({}, [
      { by: 'id', key: '003', localKey: 'ann', digest: 'd', actions: [{ kind: 'hold', fields, values }] },
      { by: 'id', key: '004', digest: 'd', actions: [{ kind: 'refuse', code: 'TOO_LONG' }] },
    ]);
    expect(samples).toEqual({
      hold: [{ key: 'ann', fields: fields.slice(0, 10) }],
      refuse: [{ key: '004', code: 'TOO_LONG' }],
    });
  });

  test('show of a key only what is planned for it as that kind', () => {
    const actions = [
      { kind: 'change-item', fields: ['email'] },
      { kind: 'wait', code: 'X', fields: [] },
    ] as const;
    expect(withSamples({}, [{ by: 'key', key: 'ann', digest: 'd', actions }])).toEqual({
      'change-item': [{ key: 'ann', fields: ['email'] }],
      wait: [{ key: 'ann', code: 'X' }],
    });
  });
});
