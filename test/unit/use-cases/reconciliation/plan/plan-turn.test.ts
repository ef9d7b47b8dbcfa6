import { describe, expect, test } from '@jest/globals';
import { LINK_LEASE_MS, PAGE_RESERVE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import type { Plan } from '../../../../../shared/use-cases/ports/plans.ts';
import {
  endPlan,
  isUnderWay,
  planTurn,
} from '../../../../../shared/use-cases/reconciliation/plan/plan-turn.ts';
import { aConfig, MAPPING_ID as mappingId } from '../schedules/a-stack.ts';
import { aPlannedStack } from './a-planned-stack.ts';

/** A plan that was asked for, and whose message a test hands to a worker itself. */
async function anAskedPlan(pageRows = 50) {
  const stack = await aPlannedStack({ pageRows });
  const { planId } = await stack.ask();
  stack.hints.take(10);
  const stored = async () => must(await stack.plans.get(mappingId), 'a plan');
  return {
    ...stack,
    planId,
    stored,
    move: async (move: Parameters<typeof stack.plans.move>[1]) =>
      must(await stack.plans.move(await stored(), move), 'nobody else moves it'),
    turn: (id = planId) => planTurn(stack.ports, { kind: 'plan', mappingId, planId: id }),
    /** From the `nth` move of the plan on, somebody else is faster. */
    loseRace: (nth: number) => {
      const { move } = stack.plans;
      let moves = 0;
      stack.plans.move = async (...args) => {
        moves += 1;
        return moves >= nth ? undefined : move.apply(stack.plans, args);
      };
    },
    onlyOneStep: () => {
      stack.ports.remainingMs = () => PAGE_RESERVE_MS - 1;
    },
  };
}
const PLAN_TAKEN = 'PLAN_TAKEN';

test.each<[string, Partial<Plan>, boolean]>([
  ['is made', { phase: 'planning' }, true],
  ['is ready', { phase: 'planned' }, false],
  ['is applied', { phase: 'applying' }, true],
  ['was applied', { phase: 'applied' }, false],
  ['ended before its time', { phase: 'planning', endedAt: '2026-01-01T00:00:00.000Z' }, false],
])('whether a worker has to do anything of a plan that %s', (_what, plan, wanted) => {
  expect(isUnderWay(plan as Plan)).toBe(wanted);
});

describe('a turn of a plan', () => {
  test('plans, tells what it took, and has nobody wait for the plan any more', async () => {
    const { turn, stored, org, mappingStates, state } = await anAskedPlan();
    await mappingStates.setPlanDue(mappingId, { planId: 'one', at: '2030-01-01T00:00:00.000Z' });
    const before = org.usage().calls;

    const outcome = await turn();

    const calls = org.usage().calls - before;
    expect(calls).toBeGreaterThan(0);
    expect(outcome).toEqual({ kind: 'done', counts: { ...NO_COUNTS, calls }, usage: org.usage() });
    expect(await stored()).toMatchObject({ phase: 'planned', calls });
    expect(await stored()).not.toHaveProperty('takenUntil');
    expect(await state()).not.toHaveProperty('planDue.planId');
  });

  test('is none for a message of another plan, or of one that has ended', async () => {
    const { turn, stored, move } = await anAskedPlan();
    const before = await stored();
    expect(await turn('another')).toEqual({ kind: 'done', counts: NO_COUNTS });
    expect(await stored()).toEqual(before);
    const ended = await move({ endedAt: '2026-01-01T00:00:00.000Z' });
    expect(await turn()).toEqual({ kind: 'done', counts: NO_COUNTS });
    expect(await stored()).toEqual(ended);
  });

  test('waits just until another worker cannot be at it any more', async () => {
    const { turn, move, clock } = await anAskedPlan();
    await move({ takenUntil: clock.nowMs() + 7_000 });
    expect(await turn()).toEqual({ kind: 'again', afterMs: 7_000, reason: PLAN_TAKEN });
    clock.advance(6_999);
    expect(await turn()).toEqual({ kind: 'again', afterMs: 1, reason: PLAN_TAKEN });
    clock.advance(1);
    expect(await turn()).toMatchObject({ kind: 'done' });
  });

  test('comes back soon where another worker took the plan in the same moment', async () => {
    for (const nth of [1, 2]) {
      const { turn, loseRace } = await anAskedPlan();
      loseRace(nth);
      expect(await turn()).toEqual({ kind: 'again', afterMs: 5_000, reason: PLAN_TAKEN });
    }
  });

  test('leaves a plan alone that another worker has moved meanwhile', async () => {
    const { turn, loseRace, hints } = await anAskedPlan();
    loseRace(3);
    expect(await turn()).toEqual({ kind: 'set-aside', reason: PLAN_TAKEN });
    expect(hints.take(10)).toEqual([]);
  });

  test('takes the plan for as long as a worker lives, and again with each step', async () => {
    const { turn, plans, clock } = await anAskedPlan(1);
    const { move } = plans;
    const taken: (number | undefined)[] = [];
    plans.move = async (from, change) => {
      clock.advance(1_000);
      taken.push(change.takenUntil === undefined ? undefined : change.takenUntil - clock.nowMs());
      return move.call(plans, from, change);
    };
    await turn();
    expect(taken.length).toBeGreaterThan(5);
    // Each was worked out right before it was stored, a second earlier; the last one frees it.
    expect(taken.slice(0, -1).every((ms) => ms === LINK_LEASE_MS - 1_000)).toBe(true);
    expect(taken.at(-1)).toBeUndefined();
  });

  test('that has no time for another step sends the rest on, and frees the plan', async () => {
    const { turn, stored, onlyOneStep, hints, planId, mappingStates, state } = await anAskedPlan();
    const due = { planId, at: '2030-01-01T00:00:00.000Z' };
    await mappingStates.setPlanDue(mappingId, due);
    onlyOneStep();
    expect(await turn()).toMatchObject({ kind: 'done' });
    expect(hints.take(10)).toEqual([{ kind: 'plan', mappingId, planId }]);
    expect(await stored()).toMatchObject({ phase: 'planning' });
    expect(await stored()).not.toHaveProperty('takenUntil');
    expect((await state()).planDue).toEqual(due);
  });

  test('that fails frees the plan, and throws what was thrown', async () => {
    const { turn, stored, org } = await anAskedPlan();
    org.failNext('select', 'unavailable');
    await expect(turn()).rejects.toMatchObject({ name: expect.any(String) });
    expect(await stored()).toMatchObject({ phase: 'planning' });
    expect(await stored()).not.toHaveProperty('takenUntil');
  });

  test('throws what was thrown even where the plan cannot be freed', async () => {
    const { turn, org, plans } = await anAskedPlan();
    const { move } = plans;
    org.failNext('select', 'unavailable');
    plans.move = async (from, change) => {
      if (Object.keys(change).length === 0) throw new Error('the store is out too');
      return move.call(plans, from, change);
    };
    await expect(turn()).rejects.not.toThrow('the store is out too');
  });
});

describe('a plan whose mapping is closed', () => {
  const withStatus = async (status: 'paused' | 'revoked') => {
    const asked = await anAskedPlan();
    const stored = must(asked.connections.stored.get('c1'), 'a connection');
    asked.connections.stored.set('c1', { ...stored, status });
    return asked;
  };

  test('is looked at again in a quarter of an hour while its connection is paused', async () => {
    const { turn, stored, planId, clock, state } = await withStatus('paused');
    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'CONNECTION_NOT_ACTIVE' });
    expect(await stored()).toMatchObject({ phase: 'planning' });
    expect(await stored()).not.toHaveProperty('takenUntil');
    expect(await stored()).not.toHaveProperty('endedAt');
    const at = new Date(clock.nowMs() + 15 * 60_000).toISOString();
    const reason = 'CONNECTION_NOT_ACTIVE';
    expect(await state()).toMatchObject({ planDue: { planId, at, reason }, nextRunAt: at });
  });

  test('that is told to wait once more stays what its mapping is due for, alone', async () => {
    const { turn, planId, clock, state, mappingStates, connections, tick, hints } =
      await withStatus('paused');
    const runAt = new Date(clock.nowMs() + 60 * 60_000).toISOString();
    await mappingStates.makeDue(mappingId, runAt);
    await turn();
    clock.advance(60_000);

    await turn();

    const at = new Date(clock.nowMs() + 15 * 60_000).toISOString();
    expect(await state()).toMatchObject({ planDue: { planId, at, thenAt: runAt }, nextRunAt: at });
    const stored = must(connections.stored.get('c1'), 'a connection');
    connections.stored.set('c1', { ...stored, status: 'active' });
    clock.advance(15 * 60_000);
    await tick();
    expect(hints.take(10)).toEqual([{ kind: 'plan', mappingId, planId }]);
    expect((await state()).nextRunAt).toBe(runAt);
  });

  test('has ended where its connection was revoked', async () => {
    const { turn, stored, clock } = await withStatus('revoked');
    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'CONNECTION_REVOKED' });
    const at = clock.now();
    expect(await stored()).toMatchObject({ outcome: 'CONNECTION_REVOKED', endedAt: at, movedAt: at });
    expect(await stored()).not.toHaveProperty('problems');
  });

  test('that ends tells the first twenty of its problems', async () => {
    const { ports, stored } = await anAskedPlan();
    const problems = Array.from({ length: 21 }, (_, index) => `problem ${index}`);
    await endPlan(ports, await stored(), 'MAPPING_INVALID', problems);
    expect((await stored()).problems).toEqual(problems.slice(0, 20));
  });

  test('ends as one of another mapping once that was deployed, and says so by its phase', async () => {
    const { turn, stored, onlyOneStep, deploy } = await anAskedPlan();
    onlyOneStep();
    await turn();
    deploy(aConfig({ contact: { conflictPolicy: 'local-wins' } }));
    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'MAPPING_CHANGED' });
    expect((await stored()).outcome).toBe('MAPPING_CHANGED');
  });
});

describe('a plan that is applied', () => {
  test('is one run of all its turns, under its own id, and begun when it was asked for', async () => {
    const { turn, askToApply, clock, journal, planId, stored } = await anAskedPlan();
    await turn();
    const begunAt = clock.now();
    await askToApply();
    clock.advance(60_000);
    await turn();
    expect(await stored()).toMatchObject({ phase: 'applied' });
    const [run] = await journal.runs(mappingId, 1);
    expect(run).toMatchObject({ runId: planId, cause: 'plan', startedAt: begunAt, endedAt: clock.now() });
    expect(run?.counts).toMatchObject({ calls: (await stored()).applying?.calls });
  });

  test('is no run while it is only planned', async () => {
    const { turn, journal, planId } = await anAskedPlan();
    await turn();
    expect((await journal.runs(mappingId, 10)).map(({ runId }) => runId)).not.toContain(planId);
  });
});
