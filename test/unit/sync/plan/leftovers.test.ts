import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addLeftovers, LEFTOVER_REASONS } from '../../../../shared/sync/plan/leftovers.ts';

describe('planned keys that were left', () => {
  test('are counted by why', () => {
    const reasons = fc.array(fc.constantFrom(...LEFTOVER_REASONS));
    fc.assert(
      fc.property(reasons, reasons, (a, b) => {
        const counts = addLeftovers(addLeftovers({}, a), b);
        expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(a.length + b.length);
        expect(Object.keys(counts).sort()).toEqual([...new Set([...a, ...b])].sort());
      }),
    );
  });

  test('add up page after page', () => {
    expect(addLeftovers({ held: 2, changed: 1 }, ['held', 'otherwise'])).toEqual({
      changed: 1,
      held: 3,
      otherwise: 1,
    });
  });
});
