import { sameValue } from '../mapping/values.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { at } from '../reconcile/field-values.ts';
import type { Plan } from '../reconcile/plan.ts';
import type { Obstacle, Undo } from './undo.ts';

/** A pair as it was looked at to take something back, with what was decided. */
export interface Tried {
  readonly mapping: Mapping;
  readonly local: LocalItem | 'missing';
  readonly remote: RemoteRecord | 'missing' | 'unseen';
  /** Undefined where nothing can be decided now. */
  readonly plan: Plan | undefined;
}

/** Whether a plan takes anything back at all. */
export const takesBack = (plan: Plan | undefined, { pair }: Undo): boolean => {
  if (plan === undefined) return false;
  if (plan.kind === 'write') return plan.undone !== undefined;
  if (plan.kind === 'create-remote') return plan.restores === true;
  return pair === 'delete' && DELETIONS.has(plan.kind);
};

const DELETIONS: ReadonlySet<Plan['kind']> = new Set(['delete-pair', 'delete-local', 'delete-remote']);

/** All that an undo does not take back of a record: what its history tells, and what the look has found. */
export const obstaclesOf = (tried: Tried, undo: Undo): readonly Obstacle[] => {
  const found = undo.pair === undefined ? ofFields(tried, undo) : ofPair(tried, undo);
  return [...undo.obstacles, ...found];
};

function ofFields({ mapping, local, remote, plan }: Tried, { fields }: Undo): readonly Obstacle[] {
  const undone = plan?.kind === 'write' ? (plan.undone ?? []) : [];
  const left = mapping.fields.filter(({ localField: name, type }) => {
    const one = fields.get(name);
    if (!one || undone.includes(name)) return false;
    const has = (side: Tried['local'] | Tried['remote']): boolean =>
      typeof side !== 'string' && sameValue(type, at(side.values, name), one.to);
    // Done already, whoever did it.
    return !(has(local) && has(remote));
  });
  if (left.length === 0) return [];
  const isInStep = plan?.kind === 'in-step' || undone.length > 0;
  const code = isInStep ? 'UNDO_EDITED_SINCE' : 'UNDO_OUT_OF_STEP';
  return [{ code, fields: left.map(({ localField }) => localField) }];
}

function ofPair({ local, remote, plan }: Tried, undo: Undo): readonly Obstacle[] {
  const isGone = local === 'missing' && (typeof remote === 'string' || remote.isDeleted);
  const isDone = undo.pair === 'delete' ? isGone : !isGone;
  if (isDone || takesBack(plan, undo)) return [];
  return [{ code: undo.pair === 'delete' ? 'UNDO_EDITED_SINCE' : 'UNDO_OUT_OF_STEP', fields: [] }];
}
