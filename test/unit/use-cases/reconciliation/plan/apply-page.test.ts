import { describe, expect, test } from '@jest/globals';
import { BULK_LINK_LEASE_MS, LINK_LEASE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import type { PlanEntry } from '../../../../../shared/sync/plan/entry.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import { applyPage } from '../../../../../shared/use-cases/reconciliation/plan/apply-page.ts';
import { getPage } from '../../../../../shared/use-cases/reconciliation/plan/pages.ts';
import { aConfig, type Stack } from '../schedules/a-stack.ts';
import { aPlannedStack } from './a-planned-stack.ts';

const planOf = async (stack: Pick<Stack, 'plans'>) => must(await stack.plans.get('c1.contact'), 'a plan');
/** All of a plan, as it is stored. */
const entriesOf = async (stack: Pick<Stack, 'plans' | 'staging'>): Promise<readonly PlanEntry[]> => {
  const plan = await planOf(stack);
  const numbers = Array.from({ length: plan.pages }, (_, number) => number);
  const pages = await Promise.all(numbers.map((number) => getPage(stack.staging, plan, number)));
  return pages.flatMap(({ entries }) => entries);
};

/** A plan of all that differs, of which a test applies the entries itself. */
async function aPlannedPage(config = aConfig()) {
  const stack = await aPlannedStack({ config });
  await stack.plan();
  const entries = await entriesOf(stack);
  const of = (key: string): PlanEntry =>
    must(
      entries.find((one) => (one.localKey ?? one.key) === key),
      key,
    );
  return {
    ...stack,
    of,
    apply: async (...some: readonly PlanEntry[]) => {
      const current = await planOf(stack);
      return applyPage({ ports: stack.ports, open: await stack.opened(), current, counts: NO_COUNTS }, some);
    },
    hold: (key: string, ms: number) => {
      const lease = { owner: 'another', until: stack.clock.nowMs() + ms };
      stack.syncStore.storedLinks.set(`c1.contact#${key}`, { ...must(stack.link(key), 'a pair'), lease });
    },
  };
}
const keep = {
  by: 'key',
  key: 'fay',
  digest: 'd',
  actions: [{ kind: 'keep', code: 'UNDO_ONE_WAY' }],
} as const;

describe('of a page of a plan', () => {
  test('all is done that is as planned, and what stays is done without a look', async () => {
    const { apply, of, item, org } = await aPlannedPage();
    expect(await apply(of('ann'), of('dan'), of('eve'), keep)).toMatchObject({
      done: 4,
      left: [],
      counts: { updatedLocally: 1, createdLocally: 1, createdInSalesforce: 1 },
      waitMs: 0,
    });
    expect([item('ann')?.title, item('dan')?.lastName]).toEqual(['CEO', 'dan']);
    expect(org.withKey('eve')).toBeDefined();
    const { length: calls } = org.calls;
    expect(await apply(keep)).toMatchObject({ done: 1, left: [] });
    expect(org.calls).toHaveLength(calls);
  });

  test('nothing is done of a key that another worker holds', async () => {
    const { apply, of, hold, item } = await aPlannedPage();
    hold('ann', 60_000);
    hold('bob', 60_000);
    const { by, key, localKey } = of('ann');
    expect(await apply(of('ann'), of('bob'), of('dan'))).toMatchObject({
      done: 1,
      left: [
        { by, key, ...(localKey !== undefined && { localKey }), reason: 'held' },
        { key: of('bob').key, reason: 'held' },
      ],
      // What is not done of an ordinary plan, a sweep does.
      waitMs: 0,
    });
    expect(item('ann')?.title).toBe('CTO');
  });

  test('nothing is done of a record that has another key by now', async () => {
    const { apply, of, org, ids, tables } = await aPlannedPage();
    expect(of('dan')).toMatchObject({ by: 'id', key: ids.dan, localKey: 'dan' });
    org.edit(must(ids.dan, 'a record'), { External_Id__c: 'dora' });
    expect(await apply(of('dan'))).toEqual({
      done: 0,
      left: [{ by: 'id', key: ids.dan, localKey: 'dan', reason: 'changed' }],
      counts: expect.anything(),
      waitMs: 0,
    });
    expect(tables.keys('contacts')).not.toContain('dora');
  });

  test('a key is settled of which nothing is left to be done', async () => {
    const { apply, of, putItem, stream } = await aPlannedPage();
    putItem('bob', { title: 'CTO' });
    stream.length = 0;
    const { left } = await apply(of('bob'));
    expect(left).toEqual([{ by: 'key', key: 'bob', reason: 'settled' }]);
    expect(left[0]).not.toHaveProperty('localKey');
  });
});

describe('what only waits, or is refused', () => {
  /** Bob's title is no text any more. */
  const aRefusal = async () => {
    const stack = await aPlannedStack();
    stack.putItem('bob', { title: 5 });
    stack.stream.length = 0;
    await stack.plan();
    const bob = must(
      (await entriesOf(stack)).find(({ key }) => key === 'bob'),
      'bob',
    );
    const apply = async (entry: PlanEntry) => {
      const current = await planOf(stack);
      return applyPage({ ports: stack.ports, open: await stack.opened(), current, counts: NO_COUNTS }, [
        entry,
      ]);
    };
    return { ...stack, bob, apply };
  };

  test('is as planned where it still does, and a person is told', async () => {
    const { bob, apply, rejections } = await aRefusal();
    expect(bob.actions).toContainEqual({ kind: 'refuse', code: 'INVALID_ATTRIBUTE', fields: ['title'] });
    expect(await apply(bob)).toMatchObject({ done: 1, left: [] });
    expect(await rejections()).toEqual([{ key: 'bob', code: 'INVALID_ATTRIBUTE' }]);
  });

  test('is something else where another code was planned', async () => {
    const { bob, apply } = await aRefusal();
    const actions = bob.actions.map((action) => ({
      ...action,
      ...(action.code && { code: 'PARENT_MISSING' }),
    }));
    expect((await apply({ ...bob, actions })).left).toMatchObject([
      { reason: expect.stringMatching(/^(otherwise|changed)$/) },
    ]);
  });

  test('is something else where nothing was planned to be refused', async () => {
    const { bob, apply } = await aRefusal();
    const actions = [{ kind: 'change-record', fields: ['title'] }] as const;
    expect((await apply({ ...bob, actions })).left).toHaveLength(1);
  });
});

describe('of an undo', () => {
  /** Ann's and Bob's titles were changed, and are to be taken back. */
  const anUndo = async () => {
    const stack = await aPlannedStack({
      config: aConfig({ contact: { history: { days: 30, keep: 'values' } } }),
    });
    await stack.plan();
    await stack.apply();
    stack.clock.advance(60_000);
    const from = stack.clock.now();
    for (const key of ['ann', 'bob']) stack.putItem(key, { title: 'oops' });
    await stack.passes(5);
    await stack.undo({ from });
    const entries = (await entriesOf(stack)).filter(({ key }) => key === 'ann' || key === 'bob');
    expect(entries).toHaveLength(2);
    const hold = (key: string, ms: number) => {
      const lease = { owner: 'another', until: stack.clock.nowMs() + ms };
      stack.syncStore.storedLinks.set(`c1.contact#${key}`, { ...must(stack.link(key), 'a pair'), lease });
    };
    const apply = async () => {
      const current = await planOf(stack);
      return applyPage(
        { ports: stack.ports, open: await stack.opened(), current, counts: NO_COUNTS },
        entries,
      );
    };
    return { ...stack, hold, apply };
  };

  test('what is held is waited for, as long as the last of its holders may live', async () => {
    const { hold, apply } = await anUndo();
    hold('ann', 1_000);
    hold('bob', LINK_LEASE_MS);
    expect((await apply()).waitMs).toBe(LINK_LEASE_MS);
  });

  test('a step of a bulk job is waited for, and the job itself, which may take a day, is not', async () => {
    const { hold, apply } = await anUndo();
    hold('ann', BULK_LINK_LEASE_MS);
    expect((await apply()).waitMs).toBe(BULK_LINK_LEASE_MS);
    hold('ann', BULK_LINK_LEASE_MS + 1);
    const { waitMs, left } = await apply();
    expect({ waitMs, left }).toEqual({ waitMs: 0, left: [{ by: 'key', key: 'ann', reason: 'held' }] });
  });

  test('what it has done already, when its page was interrupted, is not left', async () => {
    const { apply, item } = await anUndo();
    expect(await apply()).toMatchObject({ done: 2, left: [] });
    expect(await apply()).toMatchObject({ done: 2, left: [] });
    expect(item('bob')?.title).toBe('CFO');
  });

  test('nothing is done of what no line tells of any more, and it is listed', async () => {
    const { apply, history, item } = await anUndo();
    history.stored.clear();
    expect(await apply()).toMatchObject({ done: 0, left: [{ reason: 'settled' }, { reason: 'settled' }] });
    expect(item('bob')?.title).toBe('oops');
  });
});
