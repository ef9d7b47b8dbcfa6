import type { ConflictPolicy } from '../../contracts/sync-config.ts';
import type { HeldField, Link } from '../model/link.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';

/** Why a side won a field, in the words that an operator reads. */
export const REASONS = {
  salesforceLater: 'the Salesforce edit is later than the local edits that were told of',
  localLater: 'the local edit is later',
  tie: 'both edits fall into one second, and a tie goes to Salesforce',
  localTimeUnknown: 'the time of the local edit is unknown, so Salesforce wins',
  outcomeUnknown:
    'the answer to our write was lost and the record has changed since, so that the old value may have been set again: the local edit stands',
  salesforceWins: 'the policy is salesforce-wins',
  localWins: 'the policy is local-wins',
  manual: 'the policy is manual: a person decides',
  personsSide: 'a person decided for this side',
  personsValue: 'a person decided for another value, which both sides have now',
  personOvertaken:
    'a person had decided, and before that was carried out the sides came to agree, or one went back to what was agreed upon: the decision was dropped',
  personOutlived:
    'a person had decided, and then one side was deleted and the other edited again: the decision was dropped, and the edit stands',
  personWithoutPair:
    'a person had decided, and before that was carried out one side of the pair was deleted: the decision was dropped',
  fromSalesforceOnly: 'the field only comes from Salesforce',
  toSalesforceOnly: 'the field only goes to Salesforce',
  deletionLater: 'the deletion is later than the edits that were told of',
  editLater: 'the edit is later than the deletion',
  deletionTie: 'the deletion and the edit fall into one second, and the edit stands',
  deletionTimeUnknown: 'the time of the deletion or of the edit is unknown, so the edit stands',
  otherFieldKeeps: 'an edit of another field of the record outlives the deletion',
} as const;
export type ConflictReason = (typeof REASONS)[keyof typeof REASONS];

/** Why there is nothing to do, in the words that an operator reads. */
export const NOTHING = {
  neitherSide: 'neither side has it',
  notToSalesforce: 'the mapping creates nothing in Salesforce',
  filteredOut: 'the local item does not meet the filter of what goes out',
  notFromSalesforce: 'the mapping creates nothing locally',
  localGone: 'the local item was deleted, and the record in Salesforce is left alone',
  remoteGone: 'the Salesforce record was deleted, and the local item is left alone',
  itemVanished: 'the local item is not there, and nobody is known to have deleted it',
  recordUnseen: 'Salesforce does not give the linked record: it is hidden from the user, or purged',
  bothGone: 'neither side has it any more',
  deletionDisputed: 'one side was deleted and the other edited: the policy is manual, and a person decides',
  otherRecord: 'the local item is linked to another Salesforce record',
  parentMissing: 'the item names a parent that has no record yet',
  otherKey: 'the external id of the Salesforce record is not the key of the local item',
} as const;
export type NothingReason = (typeof NOTHING)[keyof typeof NOTHING];

/** Lookups that stay as they are, because the parent that one side names is not linked to anything on the other. */
export interface MissingParents {
  /** Attributes of the item that name an item without a record. */
  readonly local: readonly string[];
  /** Attributes whose field in the record names a record without an item. */
  readonly remote: readonly string[];
}

/** A field whose edit on one side, or on both, is overwritten by a decision; or that is left to a person. */
export interface FieldConflict {
  /** The local attribute. */
  readonly field: string;
  /** Undefined where the sides had never agreed. */
  readonly base: FieldValue | undefined;
  readonly local: FieldValue;
  readonly remote: FieldValue;
  /** `direction` where the field goes one way only, so that no policy had a say. */
  readonly policy: ConflictPolicy | 'direction';
  /** `nobody`: neither side's value stands. */
  readonly winner: 'local' | 'salesforce' | 'nobody';
  readonly reason: ConflictReason;
  /** The side that was deleted, whose value is `null` here; absent where both sides edited the field. */
  readonly deleted?: 'local' | 'salesforce';
}

/** The sides agree. `nextBase` is there only if the link must be made or changed; else nothing is written at all. */
export interface InStepPlan {
  readonly kind: 'in-step';
  readonly nextBase?: FieldValues;
  readonly missing?: MissingParents;
  /** As `Link.adjusted`; goes with `nextBase`. */
  readonly adjusted?: FieldValues;
  /** As `Link.held`; goes with `nextBase`. */
  readonly held?: readonly HeldField[];
  /** As `Link.contested`. */
  readonly contested?: readonly string[];
}

/**
 * Something to write, or conflicts to record or to hold (then both writes may be empty). In this order:
 * 1. `localWrites` and `setLocalSfId`, in one transaction with the link: `afterLocalCommit` where `remoteWrites`
 *    is empty, else `announce`;
 * 2. `remoteWrites`; 3. the link by `settleWritten` or `settleRefused`.
 */
export interface WritePlan {
  readonly kind: 'write';
  /** Only changed fields; `null` removes the attribute. */
  readonly localWrites: FieldValues;
  /** Only changed fields; `null` clears the field. */
  readonly remoteWrites: FieldValues;
  /** The base when everything is done. */
  readonly nextBase: FieldValues;
  /**
   * The base once the local writes are committed, while the remote ones are announced and open: for these it is what
   * Salesforce has now, seen and decided upon, so that the same conflict is not met again after a crash.
   */
  readonly baseBeforeRemote: FieldValues;
  /** As `Link.adjusted`, after this plan. */
  readonly adjusted: FieldValues;
  /** As `Link.held`, after this plan. */
  readonly held: readonly HeldField[];
  /**
   * Decided ones: record them with the first commit, and only if it succeeds. A plan that lost its race was made from sides of
   * different times and may show conflicts that never were.
   */
  readonly conflicts: readonly FieldConflict[];
  /** The Salesforce id that `localIdField` must receive. */
  readonly setLocalSfId?: string;
  /** The record is to receive the item's key as external id, with the remote writes or alone. */
  readonly setKey?: true;
  /** The side that is to lose its mark of a deletion, with its other writes or alone. */
  readonly unmark?: 'record' | 'item';
  readonly missing?: MissingParents;
  /** As `Link.adoptions`, after this plan; absent where nothing was taken over. */
  readonly adoptions?: NonNullable<Link['adoptions']>;
  /** As `Link.contested`, after this plan: these are left as they are, and a person is told. */
  readonly contested?: readonly string[];
  /** The attributes of which an earlier change is taken back: a person has asked for just that. */
  readonly undone?: readonly string[];
}

/** A record that only Salesforce has: create the item together with its link, by `afterLocalCreate`. */
export interface CreateLocalPlan {
  readonly kind: 'create-local';
  /** Without nulls. */
  readonly values: FieldValues;
  readonly nextBase: FieldValues;
  readonly setLocalSfId?: string;
  readonly missing?: MissingParents;
  /** Edits of the record that outlive the item's deletion; recorded as those of a `WritePlan`. */
  readonly conflicts?: readonly FieldConflict[];
}

/** An item that only the local side has: `announceCreate`, upsert by external id, `settleWritten`. */
export interface CreateRemotePlan {
  readonly kind: 'create-remote';
  /** Without nulls: an absent field gets Salesforce's default, which then comes back. */
  readonly values: FieldValues;
  readonly nextBase: FieldValues;
  readonly baseBeforeRemote: FieldValues;
  readonly missing?: MissingParents;
  /** Edits of the item that outlive the record's deletion; recorded as those of a `WritePlan`. */
  readonly conflicts?: readonly FieldConflict[];
  /** What the item takes with the announcement: a person's own values for what was held. */
  readonly localWrites?: FieldValues;
  /** A deletion is taken back: the announcement makes the item too, of `localWrites`. */
  readonly restores?: true;
}

/**
 * One side was deleted, and the other follows. `delete-local`: the item, in one transaction with the link as a
 * tombstone (`markBothDeleted`). `delete-remote`: `announceDelete`, the record, `settleDeleted`.
 *
 * Or it stays, and is marked. `mark-local`: the item, with the link by `markItem`. `mark-remote`: `announceMark`, the
 * record, `settleMarked`.
 *
 * Or what made both is taken back. `delete-pair`: `announcePairDelete`, the record, and then the item in one transaction
 * with `settleDeleted`.
 */
export interface DeletePlan {
  readonly kind: 'delete-local' | 'delete-remote' | 'delete-pair' | 'mark-local' | 'mark-remote';
  /** Edits that the deletion takes with it; recorded as those of a `WritePlan`. */
  readonly conflicts: readonly FieldConflict[];
}

/**
 * The pair is no more, and its link becomes a tombstone: both sides are gone (`markBothDeleted`), or the item
 * (`markLocalDeleted`) or the record (`markRemoteDeleted`) is, and the other side is left alone.
 */
export interface TombstonePlan {
  readonly kind: 'both-deleted' | 'local-deleted' | 'remote-deleted';
  /** A person's decisions that are dropped with it; recorded as those of a `WritePlan`. */
  readonly conflicts?: readonly FieldConflict[];
}

/** What to do about one key; the outcome of looking at base, local and remote. */
export type Plan =
  | InStepPlan
  | WritePlan
  | CreateLocalPlan
  | CreateRemotePlan
  | DeletePlan
  | TombstonePlan
  | { readonly kind: 'nothing'; readonly reason: NothingReason; readonly missing?: MissingParents };
