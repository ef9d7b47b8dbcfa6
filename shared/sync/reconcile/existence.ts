import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { Looked } from './looked.ts';
import { NOTHING, type NothingReason, type Plan } from './plan.ts';

/** A record that lives, or why there is none: deleted or never made (`missing`), or not to be seen. */
export type Living = RemoteRecord | 'missing' | 'unseen';

/**
 * Everything that is decided by who exists, and by what the link remembers of it; undefined where values decide. Only
 * evidence makes a tombstone: Salesforce's row that says deleted, or the stream's word that somebody deleted the item.
 */
export const decideByExistence = (looked: Looked, remote: Living): Plan | undefined => {
  const { mapping, link, local } = looked;
  if (link === undefined || link.state === 'creating') {
    if (local === 'missing') return withoutItem(looked, remote);
    // What is announced is made: it may have been already.
    if (!isRecord(remote)) return mayCreateRemote(mapping, link === undefined ? local : undefined);
    return isKeyOf(remote, local) ? undefined : nothing(NOTHING.otherKey);
  }
  if (local === 'missing') {
    return link.state === 'local-deleted' ? nothing(NOTHING.localGone) : withoutLinkedItem(looked);
  }
  if (!isRecord(remote)) return withoutRecord(mapping, link, remote, local);
  // A tombstone may be taken over by a new record with the same external id; a living pair may not.
  const isOther = link.sfId !== undefined && link.sfId !== remote.sfId;
  return link.state === 'linked' && isOther ? nothing(NOTHING.otherRecord) : undefined;
};

const isRecord = (remote: Living): remote is RemoteRecord => remote !== 'missing' && remote !== 'unseen';

/** No item, and no link that ever knew one in both places. */
const withoutItem = (looked: Looked, remote: Living): Plan | undefined => {
  // The item was announced and is gone again: a record that was made of it in Salesforce stays there.
  if (looked.link !== undefined) return withoutLinkedItem(looked);
  if (!isRecord(remote)) return nothing(NOTHING.neitherSide);
  return mayCreate(looked.mapping, 'to-salesforce', NOTHING.notFromSalesforce);
};

/** The item may have been deleted by somebody, have expired, or be lost: only the first is anybody's decision. */
const withoutLinkedItem = ({ isLocalDeleted }: Looked): Plan =>
  isLocalDeleted === true ? { kind: 'local-deleted' } : nothing(NOTHING.itemVanished);

/** An item with a link, and no living record. */
const withoutRecord = (
  mapping: Mapping,
  link: Link,
  remote: 'missing' | 'unseen',
  local: LocalItem,
): Plan | undefined => {
  switch (link.state) {
    case 'remote-deleted':
      return nothing(NOTHING.remoteGone);
    case 'local-deleted':
      // Both were deleted, and somebody made the item again: that is a new pair, not the old one.
      return mayCreateRemote(mapping, local);
    default:
      return remote === 'missing' ? { kind: 'remote-deleted' } : nothing(NOTHING.recordUnseen);
  }
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
