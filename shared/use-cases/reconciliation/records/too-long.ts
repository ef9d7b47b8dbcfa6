import { type TooLong, tooLongIn } from '../../../sync/mapping/too-long.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import { hasNone } from '../../../sync/reconcile/field-values.ts';
import type { Plan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';
import { tooLongText } from './rejections.ts';
import { type Waiting, waitingOf } from './waiting.ts';

/** A plan as far as it can be carried out, and what waits of it. */
export interface Sendable {
  readonly planned: Planned;
  readonly waiting: readonly Waiting[];
}

/**
 * Salesforce refuses a whole record for one text that is too long, so such a record is not sent: that saves the call, and
 * the person is told the length. What comes in from Salesforce comes in all the same.
 */
export const withoutTooLong = (mapping: Mapping, planned: Planned): Sendable => {
  const found = tooLongIn(mapping, sentBy(planned.plan));
  if (found.length === 0) return { planned, waiting: [] };
  const waiting = waitingOf(planned.subject, { rejection: tooLongText(byName(found)) });
  return { planned: { ...planned, plan: onlyLocal(planned.plan) }, waiting: [waiting] };
};

const sentBy = (plan: Plan) => {
  if (plan.kind === 'create-remote') return plan.values;
  return plan.kind === 'write' ? plan.remoteWrites : {};
};

const onlyLocal = (plan: Plan): Plan => {
  if (plan.kind !== 'write') return { kind: 'in-step' };
  const { localWrites, setLocalSfId, setKey, unmark, conflicts, held, baseBeforeRemote } = plan;
  const isNothing =
    hasNone(localWrites) &&
    setLocalSfId === undefined &&
    setKey === undefined &&
    unmark === undefined &&
    conflicts.length + held.length === 0;
  return isNothing ? { kind: 'in-step' } : { ...plan, remoteWrites: {}, nextBase: baseBeforeRemote };
};

const byName = (found: readonly TooLong[]): readonly TooLong[] =>
  [...found].sort((a, b) => (a.field < b.field ? -1 : 1));
