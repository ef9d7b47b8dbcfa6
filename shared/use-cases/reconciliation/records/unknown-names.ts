import { unknownNames } from '../../../sync/mapping/decode.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { CreateRemotePlan, Plan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';
import { unknownName } from './rejections.ts';
import { type Sendable, sentBy, without, withoutWrites } from './sendable.ts';
import { waitingOf } from './waiting.ts';

/**
 * A field with a name of which Salesforce has no value waits by itself, and the record's others go. No record is made
 * without one that it needs, or that nothing sends later.
 */
export const withoutUnknownNames = (mapping: Mapping, planned: Planned): Sendable => {
  const unknown = unknownNames(mapping, sentBy(planned.plan));
  if (unknown.length === 0) return { planned, waiting: [] };
  const names = unknown.map(({ localField }) => localField);
  const waiting = waitingOf(planned.subject, { rejection: unknownName(unknown) });
  const isRefused = unknown.some(({ isNeeded, sentAt }) => isNeeded === true || sentAt === 'create');
  return { planned: { ...planned, plan: planWithout(planned.plan, names, isRefused) }, waiting: [waiting] };
};

const planWithout = (plan: Plan, names: readonly string[], isRefused: boolean): Plan =>
  plan.kind === 'create-remote' && !isRefused ? creationWithout(plan, names) : withoutWrites(plan, names);

/** The record that is made has nothing there yet. */
const creationWithout = (plan: CreateRemotePlan, names: readonly string[]): CreateRemotePlan => {
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  return {
    ...plan,
    values: without(plan.values, names),
    nextBase: { ...plan.nextBase, ...empty },
    baseBeforeRemote: { ...plan.baseBeforeRemote, ...empty },
  };
};
