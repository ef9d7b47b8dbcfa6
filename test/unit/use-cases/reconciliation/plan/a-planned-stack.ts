import { must } from '../../../../../shared/sync/assert.ts';
import type { WhatIf } from '../../../../../shared/sync/plan/what-if.ts';
import {
  applyPlan,
  planLeftovers,
  planPage,
  planStatus,
  startPlan,
} from '../../../../../shared/use-cases/operations/plans.ts';
import type { ShownPlan } from '../../../../../shared/use-cases/operations/shown-plan.ts';
import { startUndo, type UndoAsked } from '../../../../../shared/use-cases/operations/undos.ts';
import { InMemoryBulkExecutions } from '../../../../in-memory/bulk-jobs.ts';
import { aStack, MAPPING_ID, type Stack, type StackOptions } from '../schedules/a-stack.ts';

const mappingId = MAPPING_ID;

/** What an operator does about plans, on any stack. */
export function planning(stack: Stack) {
  const ports = () => ({ ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() });
  const status = async (): Promise<ShownPlan> =>
    must((await planStatus(ports(), { mappingId })).plan, 'the mapping has a plan');
  const pagesOf = async <T>(read: (page: number) => Promise<readonly T[]>): Promise<T[]> => {
    const all: T[] = [];
    for (let page = 0; page < (await status()).pages; page += 1) all.push(...(await read(page)));
    return all;
  };
  const named = async () => ({ mappingId, planId: (await status()).planId });
  return {
    status,
    ask: (whatIf: WhatIf = {}, withValues = false) => startPlan(ports(), { mappingId, whatIf, withValues }),
    /** Asks for a plan, and lets the worker make it. */
    plan: async (whatIf: WhatIf = {}, withValues = false): Promise<ShownPlan> => {
      await startPlan(ports(), { mappingId, whatIf, withValues });
      await stack.work();
      return status();
    },
    /** Asks for a plan of what is to be taken back, and lets the worker make it. */
    undo: async (asked: Omit<UndoAsked, 'mappingId'>): Promise<ShownPlan> => {
      await startUndo(ports(), { mappingId, ...asked });
      await stack.work();
      return status();
    },
    askUndo: (asked: Omit<UndoAsked, 'mappingId'>) => startUndo(ports(), { mappingId, ...asked }),
    entries: async () =>
      pagesOf(async (page) => (await planPage(ports(), { ...(await named()), page })).entries),
    leftovers: async () =>
      pagesOf(async (page) => (await planLeftovers(ports(), { ...(await named()), page })).leftovers),
    askToApply: async (hash?: string) => {
      const plan = await status();
      return applyPlan(ports(), { ...(await named()), hash: hash ?? plan.hash ?? '' });
    },
    /** Applies the plan by its hash, and lets the worker do it. */
    apply: async (allowMass = false): Promise<ShownPlan> => {
      const { planId, hash = '' } = await status();
      await applyPlan(ports(), { mappingId, planId, hash, allowMass });
      await stack.work();
      return status();
    },
  };
}

/** All that is stored but plans themselves: a plan must not change any of it. */
export const everythingOf = (stack: Stack) =>
  structuredClone({
    items: stack.tables.keys('contacts').map((key) => stack.item(key)),
    links: [...stack.syncStore.storedLinks],
    pointers: [...stack.syncStore.pointers],
    openConflicts: [...stack.syncStore.openConflicts.stored],
    parked: stack.parked(),
    rejections: [...stack.journal.storedRejections],
    conflicts: stack.conflicts(),
    guards: [...stack.guardStates.states],
    orgWrites: stack.org.writes,
    states: [...stack.mappingStates.states.values()].map(({ planDue: _, ...state }) => state),
  });

/**
 * A pair of sides with one difference of each usual kind, of which nobody has been told:
 *
 * - ann was edited in Salesforce, bob locally, carla on both sides in other fields;
 * - dan is in Salesforce alone, eve is an item alone; fay is in step.
 */
export async function aPlannedStack(options: StackOptions = {}) {
  const stack = aStack(options);
  const ids = Object.fromEntries(
    ['ann', 'bob', 'carla', 'fay'].map((key) => [
      key,
      stack.org.insert({ LastName: key, Title: 'CTO', External_Id__c: key }),
    ]),
  );
  await stack.passes(90);
  await stack.withoutSweeps();
  const idOf = (key: string): string => must(ids[key], 'a record');
  const unseen = (key: string, fields: Parameters<typeof stack.org.edit>[1]) =>
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.edit(idOf(key), fields));
  unseen('ann', { Title: 'CEO' });
  stack.putItem('bob', { title: 'CFO' });
  unseen('carla', { Title: 'COO' });
  stack.putItem('carla', { email: 'carla@example.com' });
  const dan = stack.org.insert({ LastName: 'dan', External_Id__c: 'dan' });
  stack.putItem('eve', { lastName: 'eve' });
  // Nobody is told.
  stack.stream.length = 0;
  return { ...stack, ...planning(stack), stack, ids: { ...ids, dan }, idOf };
}
