import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../../../shared/aws/errors.ts';
import { PAGE_RESERVE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import type { SweepPlace } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import { applyPlan } from '../../../../../shared/use-cases/reconciliation/plan/apply-plan.ts';
import { comparing } from '../../../../../shared/use-cases/reconciliation/plan/compare-step.ts';
import { makePlan } from '../../../../../shared/use-cases/reconciliation/plan/make-plan.ts';
import type { PlanTurn } from '../../../../../shared/use-cases/reconciliation/plan/work.ts';
import { aConfig, MAPPING_ID as mappingId } from '../schedules/a-stack.ts';
import { aPlannedStack } from './a-planned-stack.ts';

type Planned = Awaited<ReturnType<typeof aPlannedStack>>;
const stored = async ({ plans }: Planned) => must(await plans.get(mappingId), 'a plan');
const turnOf = async (stack: Planned): Promise<PlanTurn> => ({
  ports: stack.ports,
  open: await stack.opened(),
  current: await stored(stack),
  counts: NO_COUNTS,
});
const loseMoves = ({ plans }: Planned) => {
  plans.move = async () => undefined;
};

describe('a plan is made', () => {
  test('as long as there is time for another step, and not a moment longer', async () => {
    const stack = await aPlannedStack({ pageRows: 1 });
    await stack.ask();
    const turn = await turnOf(stack);
    turn.current = must(await stack.plans.move(turn.current, { basis: 'b' }), 'nobody else moves it');
    stack.ports.remainingMs = () => PAGE_RESERVE_MS - 1;
    expect(await makePlan(turn)).toBe('continue');
    expect(turn.current.place).not.toEqual({ phase: 'records' });
    stack.ports.remainingMs = () => PAGE_RESERVE_MS;
    expect(await makePlan(turn)).toBe('done');
  });

  test('by nobody whom another worker has overtaken', async () => {
    const stack = await aPlannedStack();
    await stack.ask();
    const turn = await turnOf(stack);
    loseMoves(stack);
    expect(await makePlan(turn)).toBe('taken-over');
  });

  test('with what applying it takes: a call a record where any field is left to a person', async () => {
    const title = { field: 'Title', conflictPolicy: 'manual' } as const;
    const fieldMap = { lastName: 'LastName', email: 'Email', title };
    const callsOf = async (config = aConfig()) => {
      const stack = await aPlannedStack({ config });
      return (await stack.plan()).toApply.calls;
    };
    const plain = { lastName: 'LastName', email: 'Email', title: 'Title' };
    // Bob and carla are each written by themselves, and read back together.
    expect(await callsOf(aConfig({ contact: { fieldMap } }))).toBe(
      (await callsOf(aConfig({ contact: { fieldMap: plain } }))) + 2,
    );
  });

  test('in pages that follow one another', async () => {
    const stack = await aPlannedStack({ pageRows: 1 });
    const { pages } = await stack.plan();
    expect(pages).toBeGreaterThan(2);
    const numbers = [...stack.staging.objects.keys()].map((name) => name.replace(/^.*\/page-/, ''));
    expect(numbers.sort()).toEqual(
      Array.from({ length: pages }, (_, number) => `${String(number).padStart(6, '0')}.json`),
    );
  });

  test('without mending what it compares with', async () => {
    const stack = await aPlannedStack();
    const { pointers } = stack.syncStore;
    pointers.delete(`${mappingId}#${stack.idOf('fay')}`);
    pointers.set(`${mappingId}#003000000000999AAA`, 'nobody');
    const before = new Map(pointers);

    const { totals } = await stack.plan();

    expect(pointers).toEqual(before);
    // Fay's record looks like one that nobody has linked, and her link leads to it: nothing would be written.
    expect(totals.kinds['create-item']).toBe(1);
  });

  test('with a look at each key once', async () => {
    const stack = await aPlannedStack();
    await stack.ask();
    const turn = await turnOf(stack);
    const looked: string[] = [];
    const { links } = stack.syncStore;
    const step = comparing(turn);
    const all: string[] = [];
    for (let isLast = false; !isLast; ) {
      const found = await step();
      const keys = found.pages.flat().map(({ key, localKey }) => localKey ?? key);
      all.push(...keys);
      await stack.plans.addKeys(turn.current, stack.clock.now(), keys);
      turn.current = must(await stack.plans.move(turn.current, found.move), 'nobody else moves it');
      isLast = found.isLast;
      // From the second turn on, each key that is read for a look is noted.
      stack.syncStore.links = async (id, keysAsked) => {
        looked.push(...keysAsked);
        return links.call(stack.syncStore, id, keysAsked);
      };
    }
    expect(all.sort()).toEqual(['ann', 'bob', 'carla', 'dan', 'eve']);
    // Carla was edited on both sides, and looked at for her record's sake.
    const times = (key: string) => looked.filter((one) => one === key).length;
    // The page of items asks for the links of all of them, and the look at bob for his once more.
    expect([times('carla'), times('bob')]).toEqual([1, 2]);
  });

  test.each<SweepPlace>([{ phase: 'open' }, { phase: 'proof' }] as never)(
    'and ends with the items: a full sweep alone goes on to %j',
    async (place) => {
      const stack = await aPlannedStack();
      await stack.ask();
      const turn = await turnOf(stack);
      turn.current = { ...turn.current, place };
      await expect(comparing(turn)()).rejects.toThrow('a plan ends with the items');
    },
  );
});

describe('a plan is applied', () => {
  const begun = async (pageRows = 1) => {
    const stack = await aPlannedStack({ pageRows });
    await stack.plan();
    await stack.askToApply();
    return { stack, turn: await turnOf(stack) };
  };

  test('page by page, as long as there is time for another', async () => {
    const { stack, turn } = await begun();
    const { pages } = turn.current;
    stack.ports.remainingMs = () => PAGE_RESERVE_MS - 1;
    for (let left = pages - 1; left > 0; left -= 1) {
      expect(await applyPlan(turn)).toBe('continue');
      expect(turn.current).toMatchObject({ applying: { page: left } });
      expect(turn.current).not.toHaveProperty('takenUntil');
    }
    // The last page needs no other turn for its end.
    expect(await applyPlan(turn)).toBe('done');
    expect(await stored(stack)).toMatchObject({ phase: 'applied', applying: { done: 5 } });
  });

  test('in one turn where there is time', async () => {
    const { stack, turn } = await begun();
    stack.ports.remainingMs = () => PAGE_RESERVE_MS;
    expect(await applyPlan(turn)).toBe('done');
  });

  test('and held meanwhile for as long as a worker may live', async () => {
    const { stack, turn } = await begun();
    const { move } = stack.plans;
    const taken: boolean[] = [];
    stack.plans.move = async (from, change) => {
      taken.push((change.takenUntil ?? 0) > stack.clock.nowMs());
      return move.call(stack.plans, from, change);
    };
    await applyPlan(turn);
    expect(taken).toEqual([...Array.from({ length: turn.current.pages }, () => true), false]);
  });

  test('by nobody whom another worker has overtaken, be it at the end', async () => {
    for (const page of [undefined, 0]) {
      const { stack, turn } = await begun();
      const { applying } = turn.current;
      if (page === 0 && applying) turn.current = { ...turn.current, applying: { ...applying, page } };
      loseMoves(stack);
      expect(await applyPlan(turn)).toBe('taken-over');
    }
  });

  test('and lists what is left, page by page, where anything is', async () => {
    const { stack, turn } = await begun();
    stack.org.edit(stack.idOf('ann'), { Title: 'President' });
    await applyPlan(turn);
    const lists = [...stack.staging.objects.keys()].filter((name) => name.includes('/left-'));
    expect(lists).toHaveLength(1);
    expect(turn.current.applying?.leftovers).toEqual({ changed: 1 });
  });

  test('later where the store is out, and never where a page is gone', async () => {
    const { stack, turn } = await begun();
    const { get } = stack.staging;
    stack.staging.get = async () => {
      throw new StoreUnavailable('STORE_UNAVAILABLE' as never);
    };
    await expect(applyPlan(turn)).rejects.not.toMatchObject({ code: 'PLAN_EXPIRED' });
    stack.staging.get = get;
    stack.staging.objects.clear();
    await expect(applyPlan(turn)).rejects.toMatchObject({ code: 'PLAN_EXPIRED', next: { do: 'stop' } });
  });

  test('and is what the mapping goes by from then on, where that asks for plans alone', async () => {
    for (const requirePlan of [false, true]) {
      const stack = await aPlannedStack({ config: aConfig({ contact: { requirePlan } }) });
      await stack.plan();
      await stack.apply();
      expect((await stack.state()).running !== undefined).toBe(requirePlan);
    }
  });

  test('but not where it only took something back', async () => {
    const config = aConfig({ contact: { requirePlan: true, history: { days: 30, keep: 'values' } } });
    const stack = await aPlannedStack({ config });
    await stack.plan();
    await stack.apply();
    stack.mappingStates.setRunning = async () => {
      throw new Error('an undo is no template');
    };
    await stack.undo({ from: '2026-01-01T00:00:00.000Z' });
    expect(await stack.apply()).toMatchObject({ phase: 'applied' });
  });
});
