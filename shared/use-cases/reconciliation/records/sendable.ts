import type { Clear } from '../../../sync/guard/clears.ts';
import { valueIn } from '../../../sync/mapping/values.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { FieldValues } from '../../../sync/model/values.ts';
import { hasNone } from '../../../sync/reconcile/field-values.ts';
import type { Plan, WritePlan } from '../../../sync/reconcile/plan.ts';
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

/** The sides of a pair as they are, with what is known of it. */
interface Sides {
  readonly link: Link | undefined;
  readonly local: FieldValues;
  readonly remote: FieldValues;
}

/**
 * A plan of a pair that leaves these fields of both sides as they are: they stay edited, with what was decided about them
 * still to be decided, and all else goes on.
 */
export const withoutClears = (plan: Plan, clears: readonly Clear[], sides: Sides): Plan => {
  if (plan.kind !== 'write') return plan;
  const on = (side: Clear['side']) => clears.filter((clear) => clear.side === side).map(({ field }) => field);
  const fields = clears.map(({ field }) => field);
  const bases = Object.fromEntries(clears.map((clear) => [clear.field, agreedOn(plan, clear, sides)]));
  const left: WritePlan = {
    ...plan,
    localWrites: without(plan.localWrites, on('local')),
    remoteWrites: without(plan.remoteWrites, on('salesforce')),
    nextBase: { ...plan.nextBase, ...bases },
    baseBeforeRemote: { ...plan.baseBeforeRemote, ...bases },
    adjusted: { ...without(plan.adjusted, fields), ...only(sides.link?.adjusted ?? {}, fields) },
    conflicts: plan.conflicts.filter(({ field }) => !fields.includes(field)),
  };
  const { missing, contested } = plan;
  return isNothing(left)
    ? { kind: 'in-step', ...(missing && { missing }), ...(contested && { contested }) }
    : left;
};

/** Of two edited sides what they had agreed upon; else what the side has that was not edited. */
const agreedOn = ({ conflicts }: WritePlan, { side, field }: Clear, { local, remote }: Sides) =>
  conflicts.find((conflict) => conflict.field === field)?.base ??
  valueIn(side === 'local' ? local : remote, field) ??
  null;

/** A plan of a pair that leaves these fields of the record as they are: they stay edited, and all else goes on. */
export const withoutWrites = (plan: Plan, fields: readonly string[]): Plan => {
  if (plan.kind !== 'write') return { kind: 'in-step' };
  const { contested } = plan;
  const remoteWrites = without(plan.remoteWrites, fields);
  if (isNothing({ ...plan, remoteWrites })) return { kind: 'in-step', ...(contested && { contested }) };
  const nextBase = { ...without(plan.nextBase, fields), ...only(plan.baseBeforeRemote, fields) };
  return { ...plan, remoteWrites, nextBase };
};

const isNothing = ({
  localWrites,
  remoteWrites,
  setLocalSfId,
  setKey,
  unmark,
  conflicts,
  held,
}: WritePlan): boolean =>
  hasNone(localWrites) &&
  hasNone(remoteWrites) &&
  setLocalSfId === undefined &&
  setKey === undefined &&
  unmark === undefined &&
  conflicts.length + held.length === 0;

/** The values of all other fields. */
export const without = (values: FieldValues, fields: readonly string[]): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !fields.includes(name)));

const only = (values: FieldValues, fields: readonly string[]): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([name]) => fields.includes(name)));
