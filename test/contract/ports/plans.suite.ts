import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Plan, Plans } from '../../../shared/use-cases/ports/plans.ts';
import { aPlan } from '../../builders/a-plan.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

/** What every Plans does. It may hold the plans of others. */
export const plansSuite = (open: () => Plans): void => {
  const begun = async (change: Partial<Plan> = {}) => {
    const plans = open();
    return { plans, plan: must(await plans.begin(aPlan(change), undefined), 'a plan') };
  };

  describe('a plan', () => {
    test('is as it was begun, and there is none before', async () => {
      const { plans, plan } = await begun({
        whatIf: { conflictPolicy: 'local-wins', deletePolicy: 'ignore' },
      });

      expect(await plans.get(plan.mappingId)).toEqual(plan);
      expect(await plans.get(`${randomUUID()}.contact`)).toBeUndefined();
    });

    test('is begun over the one that was read alone', async () => {
      const { plans, plan } = await begun();
      const { mappingId } = plan;

      expect(await plans.begin(aPlan({ mappingId, planId: 'two' }), undefined)).toBeUndefined();
      const second = await plans.begin(aPlan({ mappingId, planId: 'two' }), plan);
      expect(second).toMatchObject({ planId: 'two' });
      expect(await plans.begin(aPlan({ mappingId, planId: 'three' }), plan)).toBeUndefined();

      expect(await plans.get(mappingId)).toEqual(second);
    });

    test('moves for whoever read it last, keeps what does not change, and is free unless it is said to be taken', async () => {
      const { plans, plan } = await begun();
      const move = {
        basis: 'basis',
        place: { phase: 'links', bucket: 3, after: 'key' },
        compared: { records: 7, 'unlinked-item': 1 },
        pages: 2,
        pagesDigest: 'two pages',
        totals: { keys: 201, kinds: { 'create-record': 200, hold: 1 } },
        samples: { hold: [{ key: 'ann', fields: ['title'] }], refuse: [{ key: 'bob', code: 'TOO_LONG' }] },
        movedAt: LATER,
        takenUntil: 5,
      } as const;

      const moved = must(await plans.move(plan, move), 'the plan');

      expect(moved).toEqual({ ...plan, ...move, version: plan.version + 1 });
      expect(await plans.move(plan, { calls: 9 })).toBeUndefined();
      expect(await plans.get(plan.mappingId)).toEqual(moved);
      const free = must(await plans.move(moved, { calls: 3 }), 'the plan');
      expect(free).not.toHaveProperty('takenUntil');
      expect(await plans.get(plan.mappingId)).toEqual(free);
    });

    test('is applied, and ends', async () => {
      const { plans, plan } = await begun();
      const applying = {
        ...{ startedAt: LATER, page: 3, digest: 'three', done: 400, calls: 12 },
        leftovers: { changed: 2, otherwise: 1 },
      };
      const done = { phase: 'applied', hash: 'hash', plannedAt: AT, endedAt: LATER, applying } as const;

      await plans.move(plan, done);

      expect(await plans.get(plan.mappingId)).toMatchObject(done);
    });

    test('says why it ended before its time', async () => {
      const { plans, plan } = await begun();
      const ended = { endedAt: LATER, outcome: 'MAPPING_INVALID', problems: ['No such field.'] };

      await plans.move(plan, ended);

      expect(await plans.get(plan.mappingId)).toMatchObject(ended);
    });

    test('of another beginning is not moved by one of the same version', async () => {
      const { plans, plan } = await begun();
      const { mappingId } = plan;
      const second = must(await plans.begin(aPlan({ mappingId, planId: 'two' }), plan), 'a plan');

      expect(await plans.move({ ...plan, version: second.version }, { calls: 1 })).toBeUndefined();
    });
  });

  describe('its keys', () => {
    test('are remembered with it alone, however often and however many', async () => {
      const { plans, plan } = await begun();
      const keys = Array.from({ length: 230 }, (_, index) => `key-${index}`);
      await plans.addKeys(plan, AT, keys);
      await plans.addKeys(plan, AT, ['key-7', 'k'.repeat(2_000)]);
      await plans.addKeys(plan, AT, []);

      expect(await plans.keysIn(plan, [...keys, 'key-7', 'other'])).toEqual(new Set(keys));
      expect(await plans.keysIn(plan, ['k'.repeat(2_000)])).toEqual(new Set(['k'.repeat(2_000)]));
      expect(await plans.keysIn(plan, [])).toEqual(new Set());
      expect(await plans.keysIn({ ...plan, planId: 'two' }, keys)).toEqual(new Set());
    });
  });
};
