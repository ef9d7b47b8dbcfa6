import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  basisOf,
  digestAfter,
  hashOf,
  NO_PAGES,
} from '../../../../../shared/use-cases/reconciliation/plan/plan-hash.ts';
import { someEntries } from '../../../sync/plan/arbitraries.ts';
import { aStack } from '../schedules/a-stack.ts';

const pages = fc.array(someEntries, { minLength: 1, maxLength: 4 });
const digestOf = (all: readonly Parameters<typeof digestAfter>[1][]) => all.reduce(digestAfter, NO_PAGES);

describe('the digest of pages', () => {
  test('is another if any key or digest of any page is another, or pages come in another order', () => {
    fc.assert(
      fc.property(pages, pages, (a, b) => {
        expect(digestOf(a) === digestOf(b)).toBe(isDeepStrictEqual(a, b));
      }),
    );
  });

  test('is part of the hash, as is what the plan was made for', () => {
    expect(hashOf('a', 'b')).not.toBe(hashOf('a', 'c'));
    expect(hashOf('a', 'b')).not.toBe(hashOf('c', 'b'));
    expect(hashOf('a', 'b')).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('the basis of a plan', () => {
  test('is another where fields, policies, types or the revision are, and the same where it is swept otherwise', async () => {
    const stack = aStack();
    await stack.passes(10);
    const { mapping } = await stack.opened();
    const [first, ...rest] = mapping.fields;
    if (!first) throw new Error('a mapping has fields');
    for (const change of [
      { everyMinutes: 60 },
      { bulkThreshold: 7 },
      { fullSweepEveryDays: 3 },
      { fields: [...mapping.fields] },
    ])
      expect(basisOf({ ...mapping, ...change })).toBe(basisOf(mapping));
    for (const change of [
      { fieldsRevision: mapping.fieldsRevision + 1 },
      { filter: "Title = 'CEO'" },
      { deletePolicy: { fromSalesforce: 'propagate', toSalesforce: 'propagate' } } as const,
      { fields: rest },
      { fields: [{ ...first, conflictPolicy: 'manual' as const }, ...rest] },
      { fields: [{ ...first, type: 'number' as const }, ...rest] },
    ])
      expect(basisOf({ ...mapping, ...change })).not.toBe(basisOf(mapping));
  });
});
