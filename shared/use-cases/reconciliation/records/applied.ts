import type { Cause } from '../../../contracts/causes.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { FieldValues } from '../../../sync/model/values.ts';
import type { ParkedKey } from '../../../sync/reconcile/parking.ts';
import type { FieldConflict, Plan, WritePlan } from '../../../sync/reconcile/plan.ts';
import { type Pair, writesToRecord } from '../../../sync/reconcile/settle.ts';
import { addCounts, NO_COUNTS } from '../../ports/counts.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { ItemWrite } from '../../ports/sync-store.ts';
import type { Subject } from './subject.ts';
import type { Waiting } from './waiting.ts';
import type { Waits } from './waiting-children.ts';
import type { LocalKey } from './work.ts';

/** A subject with its plan. */
export interface Planned<P extends Plan = Plan> {
  readonly subject: Subject;
  readonly pair: Pair;
  readonly plan: P;
  /** When the item last changed, by Salesforce's clock (ISO 8601): what times of Salesforce are compared with. */
  readonly localChangedAtSfClock: string | undefined;
  /** The plan takes a field back that a person does not want cleared: the next look writes it. */
  readonly isTakenBack?: true;
}

/** What became of a pass over its subjects. Those that are in none of the lists are settled. */
export interface Applied {
  readonly counts: RunCounts;
  /** Keys that changed under our hands, or whose row was too old to act upon: look again. */
  readonly lookAgain: readonly NextLook[];
  /** Records that Salesforce changed while it took our write, as they were read back. */
  readonly followUps: readonly FollowUp[];
  /** Changes that cannot be applied now. */
  readonly waiting: readonly Waiting[];
  /** Pairs that were not linked before. */
  readonly linked: readonly LinkedPair[];
  /** Whose lookups name a parent that is not linked. */
  readonly orphans: readonly Waits[];
  /** Keys of which nothing was to be done. */
  readonly skipped: readonly string[];
}

export interface LinkedPair {
  readonly localKey: string;
  readonly sfId: string;
}

/** A key to be looked at in the next round. */
export interface NextLook extends LocalKey {
  /** The record that is to be met there, where the link does not lead to it, or something waits under its id. */
  readonly sfId?: string;
}

/** The key as a hint would name it, for a look that reads the record itself. */
export const lookAgainAt = (subject: Subject): NextLook => {
  const { asked, link, remote, isMatched } = subject;
  // By its id it would be taken for a record without an item.
  if (isMatched) return { ...asked, isRemote: true };
  const isLinked = typeof remote === 'string' || (link?.state === 'linked' && link.sfId === remote.sfId);
  const sfId = isLinked ? waitingRecord(subject)?.key : remote.sfId;
  return { ...asked, isRemote: true, ...(sfId !== undefined && { sfId }) };
};

/** What waits under the record's Salesforce id: the next round, whose end may release it, has to know of it too. */
export const waitingRecord = ({ parked }: Pick<Subject, 'parked'>): ParkedKey | undefined =>
  parked.find(({ kind }) => kind === 'record');

export interface HeldKey extends LocalKey {
  /** Until the lease ends at the latest. */
  readonly leftMs: number;
}

export interface FollowUp {
  readonly localKey: string;
  readonly after: RemoteRecord;
  /** The row is good as long as the link still has this version. */
  readonly linkVersion: number;
  /** What waits under the record's id. */
  readonly record?: ParkedKey | undefined;
  /** Why the record was looked at that was written. */
  readonly causes?: readonly Cause[] | undefined;
}

export const NOTHING_APPLIED: Applied = {
  counts: NO_COUNTS,
  lookAgain: [],
  followUps: [],
  waiting: [],
  linked: [],
  orphans: [],
  skipped: [],
};

/** Nothing but these counts. */
export const counting = (counts: Partial<RunCounts>): Applied => ({
  ...NOTHING_APPLIED,
  counts: addCounts(NO_COUNTS, counts),
});

/** The sum of two. */
export const joined = (a: Applied, b: Applied): Applied => ({
  counts: addCounts(a.counts, b.counts),
  lookAgain: [...a.lookAgain, ...b.lookAgain],
  followUps: [...a.followUps, ...b.followUps],
  waiting: [...a.waiting, ...b.waiting],
  linked: [...a.linked, ...b.linked],
  orphans: [...a.orphans, ...b.orphans],
  skipped: [...a.skipped, ...b.skipped],
});

/** The subjects of a pass that are settled. */
export const settledOf = (
  subjects: readonly Subject[],
  { lookAgain, followUps, waiting, skipped }: Applied,
): readonly Subject[] => {
  const open = new Set([
    ...lookAgain.map(({ key }) => key),
    ...followUps.map(({ localKey }) => localKey),
    ...skipped,
    ...waiting.filter(({ kind }) => kind === 'local').map(({ asked }) => asked.key),
  ]);
  return subjects.filter(({ localKey }) => !open.has(localKey));
};

/**
 * The item's part of a commit; undefined where there is no item. One that stays as it is has to be as it was read all
 * the same: whoever set it back meanwhile was told by the link of before that there is nothing to do.
 */
export function itemUpdate(
  { local }: Subject,
  values: FieldValues = {},
  sfId?: string,
): Extract<ItemWrite, { kind: 'update' }> | undefined {
  if (local === 'missing') return undefined;
  return { kind: 'update', read: local, values, ...(sfId !== undefined && { sfId }) };
}

/** The item's part of a plan that writes; undefined where there is no item. */
export function itemWriteOf(subject: Subject, plan: WritePlan): ItemWrite | undefined {
  const item = itemUpdate(subject, plan.localWrites, plan.setLocalSfId);
  return item && { ...item, ...(plan.unmark === 'item' && { mark: null }) };
}

/** The pair that a committed link makes, where there was none, or one with another record. */
export const newlyLinked = (
  { link: before, isMerged }: Pick<Subject, 'link' | 'isMerged'>,
  { state, localKey, sfId }: Pick<Link, 'state' | 'localKey' | 'sfId'>,
): Pick<Applied, 'linked'> => {
  const isOther = isMerged === true || before?.state !== 'linked' || before.sfId !== sfId;
  const isNew = state === 'linked' && isOther;
  return { linked: isNew && sfId !== undefined ? [{ localKey, sfId }] : [] };
};

/** Whether a plan of a pair writes to its record. */
export const writesRecord = (plan: Plan): boolean => plan.kind === 'write' && writesToRecord(plan);

/** Whether a plan writes to its item, or makes or deletes it. */
export const writesItem = (plan: Plan): boolean =>
  plan.kind === 'create-local' ||
  plan.kind === 'delete-local' ||
  plan.kind === 'mark-local' ||
  (plan.kind === 'create-remote' && plan.localWrites !== undefined) ||
  (plan.kind === 'write' &&
    (Object.keys(plan.localWrites).length > 0 || plan.setLocalSfId !== undefined || plan.unmark === 'item'));

/** The decisions that a plan carries out. */
export const conflictsIn = (plan: Plan): readonly FieldConflict[] =>
  'conflicts' in plan ? (plan.conflicts ?? []) : [];

/**
 * What a plan's local part and its decisions count, once they are committed.
 *
 * @param opened - fields that begin to wait for a person
 */
export const countOfWrite = ({ localWrites, conflicts }: WritePlan, opened: number): Partial<RunCounts> => ({
  updatedLocally: Object.keys(localWrites).length > 0 ? 1 : 0,
  conflicts: conflicts.length + opened,
});
