import type { Cause } from '../../contracts/causes.ts';
import type { FieldValue } from '../model/values.ts';
import { REASONS } from '../reconcile/plan.ts';

/** What became of a pair, where it is more than an edit of its fields. */
export const HISTORY_EVENTS = [
  'edit',
  /** The item, or the record, was made by the sync. */
  'item-created',
  'record-created',
  /** Made again by the sync: the pair had been there before. */
  'item-restored',
  'record-restored',
  /** An undo made the item again, and announced its record. */
  'pair-restored',
  /** An item and a record that were there became a pair: by the key, by another matcher, or as what a merge left. */
  'linked',
  'matched',
  'merged',
  /** Deleted because the other side was. */
  'item-deleted',
  'record-deleted',
  /** An undo deleted both. */
  'pair-deleted',
  /** Marked as deleted because the other side was. */
  'item-marked',
  'record-marked',
  /** Deleted by somebody, and the other side is left alone; or both were. */
  'item-gone',
  'record-gone',
  'both-gone',
] as const;
export type HistoryEvent = (typeof HISTORY_EVENTS)[number];

/** Why a field has what it has, where no conflict was decided. */
const PLAIN_RULES = [
  /** Only the one side had changed. */
  'salesforceEdit',
  'localEdit',
  /** Both sides had come to the same value by themselves. */
  'alike',
  /** The field is sent with the creation alone, and the item was edited since: each side keeps its own. */
  'parted',
  /** A person does not want it cleared: what one side still has goes back to the other. */
  'clearRefused',
  /** The two had never agreed on the field, and one of them was empty. */
  'filledIn',
  /** What Salesforce made of our own write: a trigger, a rounding. */
  'adjusted',
  /** A write whose answer was lost is found to have arrived. */
  'arrived',
  'created',
  'deleted',
  /** An earlier change was taken back. */
  'undone',
] as const;

/** Those of conflicts are the names of their reasons. */
export type HistoryRule = (typeof PLAIN_RULES)[number] | keyof typeof REASONS;
export const HISTORY_RULES: readonly HistoryRule[] = [
  ...PLAIN_RULES,
  ...(Object.keys(REASONS) as (keyof typeof REASONS)[]),
];

/** The side that was written; `neither` where both had the value already. */
export type WrittenSide = 'local' | 'salesforce' | 'neither';

/** Under these the sides still differ where neither was written. */
export const PARTING_RULES: ReadonlySet<HistoryRule> = new Set(['parted', 'clearRefused']);

/** One field of a change. */
export interface FieldChange {
  /** The local attribute. */
  readonly field: string;
  readonly side: WrittenSide;
  readonly rule: HistoryRule;
  /** What the written side had; undefined where it is not known. */
  readonly before: FieldValue | undefined;
  /**
   * What both sides agree upon with this change; `null` is none. Where they part (`parted`), what Salesforce has; where a
   * clearing is refused and neither side is written yet (`clearRefused`), `null`.
   */
  readonly after: FieldValue;
  /** A conflict was decided on a field that the sides had never agreed upon: the other side had its value all along. */
  readonly isMeeting?: true;
}

/** A value as a mapping's `history` keeps it; a large one is always kept as its digest. */
export type Kept = { readonly value: FieldValue } | { readonly digest: string };

/** One field of a change, as it is remembered. */
export interface KeptChange extends Pick<FieldChange, 'field' | 'side' | 'rule' | 'isMeeting'> {
  /** Absent where it is not known. */
  readonly before?: Kept;
  readonly after: Kept;
}

/** A change of a pair as it is to be remembered with the commit that makes it. */
export interface HistoryEntry {
  /** When it was committed (ISO 8601, UTC). */
  readonly at: string;
  readonly event: HistoryEvent;
  readonly causes: readonly Cause[];
  readonly changes: readonly FieldChange[];
  /** Fields that begin to wait for a person. */
  readonly held?: readonly string[];
  /** Salesforce's id of the request that wrote the record. */
  readonly requestId?: string;
}

/** The name of a conflict's reason. */
export const ruleOfReason = (reason: string): HistoryRule | undefined =>
  (Object.keys(REASONS) as (keyof typeof REASONS)[]).find((name) => REASONS[name] === reason);
