import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunk } from '../../../../shared/sync/plan/chunk.ts';
import { chooseRoute } from '../../../../shared/sync/plan/route.ts';

describe('a list in pieces', () => {
  test('has each of its parts once and in order, and only the last piece is not full', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer({ min: 1, max: 7 }), (list, size) => {
        const pieces = chunk(list, size);
        expect(pieces.flat()).toEqual(list);
        for (const piece of pieces.slice(0, -1)) expect(piece).toHaveLength(size);
        expect(pieces.every(({ length }) => length > 0)).toBe(true);
      }),
    );
  });

  test.each([0, -1, 1.5, Number.NaN])('cannot have pieces of %s', (size) => {
    expect(() => chunk(['a'], size)).toThrow('a chunk has at least one place');
  });
});

test.each([
  [1_999, 'rows'],
  [2_000, 'bulk'],
  [2_001, 'bulk'],
  ['too-many', 'bulk'],
] as const)('with a threshold of 2,000, %s records travel by %s', (records, route) => {
  expect(chooseRoute(records, 2_000)).toBe(route);
});
