import * as z from 'zod';
import type { LocalStack } from './local-stack.ts';
import { operate, until } from './tenant.ts';

const plan = z.looseObject({
  planId: z.string(),
  phase: z.string(),
  outcome: z.string(),
  hash: z.optional(z.string()),
  pages: z.number(),
  totals: z.object({ keys: z.number(), kinds: z.record(z.string(), z.number()) }),
  toApply: z.object({
    calls: z.number(),
    writeUnits: z.number(),
    readUnits: z.number(),
    dollars: z.number(),
    minutes: z.number(),
  }),
  applying: z.optional(z.looseObject({ done: z.number(), leftovers: z.record(z.string(), z.number()) })),
});
type ShownPlan = z.infer<typeof plan>;

const ended = (stack: LocalStack, mappingId: string, planId: string): Promise<ShownPlan> =>
  until(
    'The plan',
    async () => {
      const status = z.object({ plan }).parse(await operate(stack, { action: 'plan-status', mappingId }));
      const { outcome } = status.plan;
      if (status.plan.planId !== planId || outcome === 'under-way') return undefined;
      if (status.plan.hash === undefined) throw new Error(`the plan has ended: ${outcome}`);
      return status.plan;
    },
    // Thousands of keys take the emulated AWS minutes, and each question takes some of its time.
    { everyMs: 500, timeoutMs: 240_000 },
  );

/** Makes a plan of a mapping, and waits until it is whole. */
export async function makePlan(stack: LocalStack, mappingId: string): Promise<ShownPlan> {
  const begun = z.object({ planId: z.string() }).parse(await operate(stack, { action: 'plan', mappingId }));
  return ended(stack, mappingId, begun.planId);
}

/** Makes a plan of what is to be taken back, and waits until it is whole. */
export async function makeUndo(
  stack: LocalStack,
  mappingId: string,
  scope: Readonly<Record<string, string>>,
): Promise<ShownPlan> {
  const begun = await operate(stack, { action: 'undo', mappingId, ...scope });
  return ended(stack, mappingId, z.object({ planId: z.string() }).parse(begun).planId);
}

/** Applies a plan by its hash, and waits until it is done. */
export async function applyPlan(
  stack: LocalStack,
  mappingId: string,
  { planId, hash }: ShownPlan,
): Promise<ShownPlan> {
  await operate(stack, { action: 'apply-plan', mappingId, planId, hash });
  return ended(stack, mappingId, planId);
}
