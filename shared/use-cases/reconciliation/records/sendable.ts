import type { FieldValues } from '../../../sync/model/values.ts';
import { hasNone } from '../../../sync/reconcile/field-values.ts';
import type { Plan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';
import type { Waiting } from './waiting.ts';

/** A plan as far as it can be carried out, and what waits of it. */
export interface Sendable {
  readonly planned: Planned;
  readonly waiting: readonly Waiting[];
}

/** What a plan writes to Salesforce, by attribute. */
export const sentBy = (plan: Plan): FieldValues => {
  if (plan.kind === 'create-remote') return plan.values;
  return plan.kind === 'write' ? plan.remoteWrites : {};
};

/** A plan of a pair that leaves these fields of the record as they are: they stay edited, and all else goes on. */
export const withoutWrites = (plan: Plan, fields: readonly string[]): Plan => {
  if (plan.kind !== 'write') return { kind: 'in-step' };
  const { localWrites, setLocalSfId, setKey, unmark, conflicts, held, contested } = plan;
  const remoteWrites = without(plan.remoteWrites, fields);
  const isNothing =
    hasNone(localWrites) &&
    hasNone(remoteWrites) &&
    setLocalSfId === undefined &&
    setKey === undefined &&
    unmark === undefined &&
    conflicts.length + held.length === 0;
  if (isNothing) return { kind: 'in-step', ...(contested && { contested }) };
  const nextBase = { ...without(plan.nextBase, fields), ...only(plan.baseBeforeRemote, fields) };
  return { ...plan, remoteWrites, nextBase };
};

/** The values of all other fields. */
export const without = (values: FieldValues, fields: readonly string[]): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !fields.includes(name)));

const only = (values: FieldValues, fields: readonly string[]): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => fields.includes(name)));
