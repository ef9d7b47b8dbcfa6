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
export type ShownPlan = z.infer<typeof plan>;

const entries = z.object({
  entries: z.array(
    z.looseObject({
      key: z.string(),
      localKey: z.optional(z.string()),
      actions: z.array(z.looseObject({ kind: z.string(), fields: z.optional(z.array(z.string())) })),
    }),
  ),
});
const leftovers = z.object({
  leftovers: z.array(
    z.looseObject({ key: z.string(), localKey: z.optional(z.string()), reason: z.string() }),
  ),
});

const ended = (stack: LocalStack, mappingId: string, planId: string): Promise<ShownPlan> =>
  until(
    'The plan',
    async () => {
      const status = z.object({ plan }).parse(await operate(stack, { action: 'plan-status', mappingId }));
      const isOver = status.plan.planId === planId && status.plan.outcome !== 'under-way';
      return isOver ? status.plan : undefined;
    },
    { everyMs: 100 },
  );

/** Makes a plan of a mapping, and waits until it is whole. */
export async function makePlan(stack: LocalStack, mappingId: string): Promise<ShownPlan> {
  const begun = z.object({ planId: z.string() }).parse(await operate(stack, { action: 'plan', mappingId }));
  return ended(stack, mappingId, begun.planId);
}

/** What the first page of a plan says. */
export async function firstPage(stack: LocalStack, mappingId: string, { planId }: ShownPlan) {
  const answer = await operate(stack, { action: 'plan-page', mappingId, planId });
  return entries.parse(answer).entries;
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

/** What was not done of the first page. */
export async function firstLeftovers(stack: LocalStack, mappingId: string, { planId }: ShownPlan) {
  const answer = await operate(stack, { action: 'plan-leftovers', mappingId, planId });
  return leftovers.parse(answer).leftovers;
}
