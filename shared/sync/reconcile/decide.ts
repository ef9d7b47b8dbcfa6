import { unreachable } from '../assert.ts';
import { unknownParentId } from '../mapping/references.ts';
import { isSameDouble, sameValue } from '../mapping/values.ts';
import type { FieldMapping } from '../model/mapping.ts';
import type { FieldValue } from '../model/values.ts';
import { epochMs } from '../time.ts';
import { type ConflictReason, type FieldConflict, REASONS } from './plan.ts';

/** One field as the three sides have it, with what decides a conflict. */
export interface FieldView {
  readonly field: FieldMapping;
  /** Undefined where the sides never agreed on this field. */
  readonly base: FieldValue | undefined;
  readonly local: FieldValue;
  readonly remote: FieldValue;
  /** What Salesforce has is what it made of our own last write, so it is nobody's edit. */
  readonly remoteIsOurs: boolean;
  /**
   * The answer to our write of this field was lost, and the record has changed since: that Salesforce has the value of
   * before may be somebody's edit.
   */
  readonly isOutcomeUnknown: boolean;
  /** When the item last changed, by Salesforce's clock (ISO 8601). */
  readonly localChangedAtSfClock: string | undefined;
  /** It has changed once more since then, nobody knows when. */
  readonly hasChangedSince: boolean;
  /** `LastModifiedDate` of the whole record. */
  readonly remoteChangedAt: string;
}

/**
 * What becomes of one field. `leave`: the sides differ and neither is written; the base stays as it is. `part`: they
 * differ for good; the base is what Salesforce has, so that it is no news any more.
 */
export type Decision =
  | {
      readonly do: 'agree' | 'leave' | 'part' | 'take-local' | 'take-remote';
      readonly conflict?: FieldConflict;
    }
  | { readonly do: 'hold'; readonly conflict: FieldConflict }
  /** Both sides take a person's value. */
  | { readonly do: 'take-value'; readonly value: FieldValue; readonly conflict: FieldConflict };

/** Decides one field: agreement, a change of one side, or a conflict by direction or policy. */
export const decideField = (view: FieldView): Decision => {
  const { field, local, remote } = view;
  if (sameValue(field.type, local, remote)) return { do: 'agree' };
  if (field.sentAt === 'create') return sentOnce(view);
  switch (field.direction) {
    case 'from-salesforce':
      return fromSalesforce(view);
    case 'to-salesforce':
      return toSalesforce(view);
    case 'both':
      return bothWays(view);
    default:
      return unreachable(field.direction, 'unknown direction');
  }
};

/**
 * The field was sent with the creation and is never sent again: what the item makes of it later stays there, and is no
 * conflict. Where the field goes both ways, an item that was not edited follows Salesforce, and one that was parts with it
 * until both have the same.
 */
const sentOnce = (view: FieldView): Decision => {
  if (view.field.direction !== 'both') return { do: 'leave' };
  if (isEdited(view, view.local)) return { do: isUnknownParent(view) ? 'leave' : 'part' };
  return { do: isRoundedByAnswer(view) ? 'leave' : 'take-remote' };
};

/** A parent that nobody has linked has no key yet that a base could hold. */
const isUnknownParent = ({ field, remote }: FieldView): boolean =>
  unknownParentId(field, remote) !== undefined;

/** Salesforce always wins, and a local edit is put back; only an empty first meeting takes nothing away. */
const fromSalesforce = (view: FieldView): Decision => {
  if (view.base === undefined && view.remote === null) return { do: 'leave' };
  if (!isEdited(view, view.local)) return { do: 'take-remote' };
  return { do: 'take-remote', conflict: byDirection(view, 'salesforce', REASONS.fromSalesforceOnly) };
};

/**
 * The local side always wins, and an edit in Salesforce is put back. What Salesforce made of our own write (rounding,
 * a trigger) is not put back: it would be made again, and every write would call for the next one.
 */
const toSalesforce = (view: FieldView): Decision => {
  if (view.base === undefined && view.local === null) return { do: 'leave' };
  if (view.remoteIsOurs && !isEdited(view, view.local)) return { do: 'leave' };
  if (!isRemoteEdited(view)) return { do: 'take-local' };
  return { do: 'take-local', conflict: byDirection(view, 'local', REASONS.toSalesforceOnly) };
};

const bothWays = (view: FieldView): Decision => {
  if (view.base === undefined) return firstMeeting(view);
  if (!isEdited(view, view.local)) return isRoundedByAnswer(view) ? { do: 'leave' } : { do: 'take-remote' };
  if (!isRemoteEdited(view)) return view.isOutcomeUnknown ? perhapsSetBack(view) : { do: 'take-local' };
  return byPolicy(view);
};

/**
 * What came back of our own write is the double next to it: Salesforce answers with doubles, and may well have stored
 * what we wrote. Taking it over would round the item.
 */
const isRoundedByAnswer = ({ field, base, remote, remoteIsOurs }: FieldView): boolean =>
  remoteIsOurs && base !== undefined && isSameDouble(field.type, base, remote);

/**
 * Whether somebody set the old value again, or our write never came, nobody can tell: the record's stamp may be that of
 * another field. Whatever the policy, the only edit that is known stands, and the one that may have been is recorded.
 */
const perhapsSetBack = (view: FieldView): Decision => ({
  do: 'take-local',
  conflict: {
    ...about(view),
    policy: view.field.conflictPolicy,
    winner: 'local',
    reason: REASONS.outcomeUnknown,
  },
});

/**
 * Without a base nobody knows whether an empty side was cleared or never filled. A value therefore beats an empty
 * field whatever the policy: filling in loses nothing, and a field newly mapped would else wipe a whole column.
 */
const firstMeeting = (view: FieldView): Decision => {
  if (view.local === null) return { do: 'take-remote' };
  if (isNeverFilled(view)) return { do: 'take-local' };
  return byPolicy(view);
};

/** A checkbox of Salesforce is never null: where nobody ticked it, it is false. An item's `false` somebody has set. */
const isNeverFilled = ({ field, remote }: FieldView): boolean =>
  remote === null || (field.type === 'boolean' && remote === false);

const byPolicy = (view: FieldView): Decision => {
  const { winner, reason } = judge(view);
  const conflict: FieldConflict = { ...about(view), policy: view.field.conflictPolicy, winner, reason };
  if (winner === 'nobody') return { do: 'hold', conflict };
  return { do: winner === 'local' ? 'take-local' : 'take-remote', conflict };
};

interface Verdict {
  readonly winner: FieldConflict['winner'];
  readonly reason: ConflictReason;
}

const judge = (view: FieldView): Verdict => {
  const policy = view.field.conflictPolicy;
  switch (policy) {
    case 'salesforce-wins':
      return { winner: 'salesforce', reason: REASONS.salesforceWins };
    case 'local-wins':
      return { winner: 'local', reason: REASONS.localWins };
    case 'manual':
      return { winner: 'nobody', reason: REASONS.manual };
    case 'last-write-wins':
      return laterEdit(view);
    default:
      return unreachable(policy, 'unknown conflict policy');
  }
};

/** Salesforce stamps whole seconds, so seconds are compared: within one second nobody knows who was later. */
const laterEdit = ({ localChangedAtSfClock, remoteChangedAt, hasChangedSince }: FieldView): Verdict => {
  const unknown: Verdict = { winner: 'salesforce', reason: REASONS.localTimeUnknown };
  if (localChangedAtSfClock === undefined) return unknown;
  const localSecond = Math.floor(epochMs(localChangedAtSfClock) / 1000);
  const remoteSecond = Math.floor(epochMs(remoteChangedAt) / 1000);
  if (localSecond > remoteSecond) return { winner: 'local', reason: REASONS.localLater };
  if (hasChangedSince) return unknown;
  if (localSecond === remoteSecond) return { winner: 'salesforce', reason: REASONS.tie };
  return { winner: 'salesforce', reason: REASONS.salesforceLater };
};

/** Whether a side's value is an edit against the base; without a base, any value at all. */
const isEdited = (view: FieldView, value: FieldValue): boolean =>
  view.base === undefined ? value !== null : !sameValue(view.field.type, value, view.base);

const isRemoteEdited = (view: FieldView): boolean =>
  !view.remoteIsOurs && (view.base === undefined ? !isNeverFilled(view) : isEdited(view, view.remote));

const about = ({ field, base, local, remote }: FieldView) => ({
  field: field.localField,
  base,
  local,
  remote,
});

const byDirection = (
  view: FieldView,
  winner: 'local' | 'salesforce',
  reason: ConflictReason,
): FieldConflict => ({ ...about(view), policy: 'direction', winner, reason });
