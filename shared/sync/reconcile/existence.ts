import { markOf } from '../../contracts/delete-policies.ts';
import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldValues } from '../model/values.ts';
import { isAfter } from '../time.ts';
import { createLocal, createRemote } from './creation.ts';
import {
  type DeletionVerdict,
  isItemChanged,
  isRecordChanged,
  itemDeletedAgainst,
  recordDeletedAgainst,
} from './deletion.ts';
import { hasNone } from './field-values.ts';
import { droppedWithPair } from './held.ts';
import type { Looked } from './looked.ts';
import { settleAnnounced } from './merge.ts';
import {
  type CreateRemotePlan,
  type DeletePlan,
  NOTHING,
  type NothingReason,
  type Plan,
  type TombstonePlan,
} from './plan.ts';

/** A record that lives, or why there is none: deleted or never made (`missing`), or not to be seen. */
export type Living = RemoteRecord | 'missing' | 'unseen';

/**
 * Everything that is decided by who exists, and by what the link remembers of it; undefined where values decide. Only
 * evidence makes a tombstone, or deletes: Salesforce's row that says deleted, or the stream's word that somebody deleted
 * the item.
 */
export const decideByExistence = (looked: Looked, remote: Living): Plan | undefined => {
  const { mapping, link, local } = looked;
  if (link === undefined || (link.state === 'creating' && local !== 'missing')) {
    if (local === 'missing') return withoutItem(looked, remote);
    // What is announced is made: it may have been already.
    if (!isRecord(remote)) return mayCreateRemote(mapping, link === undefined ? local : undefined);
    return isKeyOf(remote, local) ? undefined : nothing(NOTHING.otherKey);
  }
  if (link.state === 'both-deleted') return returning(looked, remote);
  if (local === 'missing') {
    return link.state === 'local-deleted'
      ? nothing(NOTHING.localGone)
      : withoutLinkedItem(looked, link, remote);
  }
  if (!isRecord(remote)) return withoutRecord(looked, link, local, remote);
  // A tombstone may be taken over by a new record with the same external id; a living pair may not.
  return link.state === 'linked' && isOther(link, remote) ? nothing(NOTHING.otherRecord) : undefined;
};

export const isRecord = (remote: Living): remote is RemoteRecord =>
  remote !== 'missing' && remote !== 'unseen';

const isOther = ({ sfId }: Link, remote: RemoteRecord): boolean => sfId !== undefined && sfId !== remote.sfId;

/** No item, and no link that ever knew one in both places. */
const withoutItem = (looked: Looked, remote: Living): Plan | undefined => {
  if (!isRecord(remote)) return nothing(NOTHING.neitherSide);
  return mayCreate(looked.mapping, 'to-salesforce', NOTHING.notFromSalesforce);
};

/** Both sides were deleted: whoever makes one of them again, or undeletes it, wants the pair back. */
const returning = ({ mapping, local }: Looked, remote: Living): Plan | undefined => {
  if (local !== 'missing') {
    return isRecord(remote) ? undefined : mayCreateRemote(mapping, local);
  }
  if (!isRecord(remote)) return nothing(NOTHING.bothGone);
  return mayCreate(mapping, 'to-salesforce', NOTHING.notFromSalesforce);
};

/**
 * The item may have been deleted by somebody, have expired, or be lost: only the first is anybody's decision. It was
 * one already where the deletion of the record is announced.
 */
const withoutLinkedItem = (looked: Looked, link: Link, remote: Living): Plan | undefined => {
  const { mapping, isLocalDeleted } = looked;
  const isAnnounced = link.state === 'deleting';
  if (isLocalDeleted !== true && !isAnnounced) return vanished(looked, link, remote);
  const isLeftAlone = mapping.deletePolicy.toSalesforce === 'ignore';
  if (link.state === 'remote-deleted' || (isLeftAlone && !isAnnounced))
    return ended('local-deleted', looked, 'local');
  // A record that was announced and perhaps made: what is made later, no link knows of.
  if (remote === 'missing')
    return ended(link.sfId === undefined ? 'local-deleted' : 'both-deleted', looked, 'local');
  if (remote === 'unseen') return nothing(NOTHING.recordUnseen);
  if (isOther(link, remote)) return nothing(NOTHING.otherRecord);
  if (isAnnounced) return announcedBefore(mapping, link, remote);
  const verdict = itemDeletedAgainst(mapping, link, remote, looked.localChangedAtSfClock);
  if (verdict.kind === 'nobody') return nothing(NOTHING.deletionDisputed);
  if (verdict.kind === 'deletion') return ofRecord(mapping, verdict.conflicts);
  // Where records only go to Salesforce, no field's edit there counts.
  const made = createLocal(mapping, remote);
  // What differs from the record, which is base, goes there with the next look.
  return { ...made, values: withValues(made.values, verdict.values), conflicts: verdict.conflicts };
};

/**
 * Nobody is known to have deleted the item. What was announced of it arrived or did not, as the record shows; what was
 * never made is no pair, and is left alone should it come after all.
 */
const vanished = ({ mapping }: Looked, link: Link, remote: Living): Plan => {
  const isNew = link.state === 'creating';
  if (link.pending === undefined && !isNew) return nothing(NOTHING.itemVanished);
  if (!isRecord(remote)) {
    return isNew && remote === 'missing' ? { kind: 'local-deleted' } : nothing(NOTHING.itemVanished);
  }
  const isOthers = isNew ? remote.externalId !== link.localKey : isOther(link, remote);
  return isOthers ? nothing(NOTHING.itemVanished) : settleAnnounced(mapping, link, remote);
};

/**
 * The answer to an announced deletion was lost, and the record is there. One that has changed since may have been
 * deleted and undeleted: that cannot be told from another edit, so it stays, and the item comes back. A mark may be set
 * twice, and moves the stamp itself.
 */
const announcedBefore = (mapping: Mapping, link: Link, remote: RemoteRecord): Plan | undefined => {
  const { toSalesforce } = mapping.deletePolicy;
  if (toSalesforce === 'ignore') return { kind: 'local-deleted' };
  if (markOf(toSalesforce) !== undefined) return ofRecord(mapping, []);
  const isChanged = isAfter(remote.systemModstamp, link.sfModstamp) || isRecordChanged(mapping, link, remote);
  return isChanged && mapping.direction !== 'to-salesforce' ? undefined : ofRecord(mapping, []);
};

/** What becomes of a record whose item was deleted. */
const ofRecord = ({ deletePolicy }: Mapping, conflicts: DeletePlan['conflicts']): DeletePlan => ({
  kind: markOf(deletePolicy.toSalesforce) === undefined ? 'delete-remote' : 'mark-remote',
  conflicts,
});

/** An item with a link, and no living record. */
const withoutRecord = (
  looked: Looked,
  link: Link,
  local: LocalItem,
  remote: 'missing' | 'unseen',
): Plan | undefined => {
  switch (link.state) {
    case 'remote-deleted':
      return nothing(NOTHING.remoteGone);
    case 'local-deleted':
    case 'deleting':
      // Both were deleted, and somebody made the item again: that is a new pair, not the old one.
      return mayCreateRemote(looked.mapping, local);
    default:
      return remote === 'missing' ? recordDeleted(looked, link, local) : nothing(NOTHING.recordUnseen);
  }
};

/** Salesforce, or a person, says that the record of a pair was deleted, and the item is there. */
export const recordDeleted = (looked: Looked, link: Link, local: LocalItem): Plan => {
  const { mapping, remote, localChangedAtSfClock, hasChangedSince } = looked;
  if (link.endsPair && !isItemChanged(mapping, link, local)) return { kind: 'delete-local', conflicts: [] };
  if (mapping.deletePolicy.fromSalesforce === 'ignore') return ended('remote-deleted', looked, 'salesforce');
  const row = typeof remote === 'string' ? undefined : remote;
  const verdict = recordDeletedAgainst(mapping, link, local, row, {
    editedAt: localChangedAtSfClock,
    hasChangedSince,
  });
  if (verdict.kind === 'nobody') return nothing(NOTHING.deletionDisputed);
  if (verdict.kind === 'deletion') {
    const isMarked = markOf(mapping.deletePolicy.fromSalesforce) !== undefined;
    return { kind: isMarked ? 'mark-local' : 'delete-local', conflicts: verdict.conflicts };
  }
  const made = createRemote(mapping, local, looked.unlinked);
  return made.kind === 'nothing' ? made : createdWith(made, verdict);
};

/** The record that is made again, and its item, with what a person wants both to have. */
const createdWith = (
  made: CreateRemotePlan,
  { conflicts, values }: Extract<DeletionVerdict, { kind: 'edit' }>,
): CreateRemotePlan => {
  if (hasNone(values)) return { ...made, conflicts };
  const cleared = Object.entries(values).filter(([, value]) => value === null);
  return {
    ...made,
    values: withValues(made.values, values),
    nextBase: { ...made.nextBase, ...values },
    baseBeforeRemote: { ...made.baseBeforeRemote, ...Object.fromEntries(cleared) },
    localWrites: values,
    conflicts,
  };
};

/** With these values instead, without nulls. */
const withValues = (before: FieldValues, values: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries({ ...before, ...values }).filter(([, value]) => value !== null));

const ended = (
  kind: TombstonePlan['kind'],
  looked: Looked,
  deleted: 'local' | 'salesforce',
): TombstonePlan => {
  const conflicts = droppedWithPair(looked, deleted);
  return conflicts.length > 0 ? { kind, conflicts } : { kind };
};

const mayCreateRemote = (mapping: Mapping, local: LocalItem | undefined): Plan | undefined =>
  local?.isFilteredOut
    ? nothing(NOTHING.filteredOut)
    : mayCreate(mapping, 'from-salesforce', NOTHING.notToSalesforce);

const mayCreate = (
  mapping: Mapping,
  forbidden: Mapping['direction'],
  reason: NothingReason,
): Plan | undefined => (mapping.direction === forbidden ? nothing(reason) : undefined);

const nothing = (reason: NothingReason): Plan => ({ kind: 'nothing', reason });

/** External ids may compare without case in Salesforce; local keys never do. */
const isKeyOf = (remote: RemoteRecord, local: LocalItem): boolean =>
  remote.externalId === null || remote.externalId === local.localKey;
