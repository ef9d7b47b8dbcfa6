import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { Looked } from './looked.ts';
import { NOTHING, type NothingReason, type Plan } from './plan.ts';

/** Everything that is decided by who exists, and by what the link remembers of it; undefined where values decide. */
export const decideByExistence = (looked: Looked, remote: RemoteRecord | 'missing'): Plan | undefined => {
  const { mapping, link, local } = looked;
  if (link === undefined || link.state === 'creating') {
    if (local === 'missing') return withoutItem(looked, remote);
    if (remote === 'missing') return mayCreate(mapping, 'from-salesforce', NOTHING.notToSalesforce);
    return isKeyOf(remote, local) ? undefined : nothing(NOTHING.otherKey);
  }
  if (local === 'missing') {
    return link.state === 'local-deleted' ? nothing(NOTHING.localGone) : { kind: 'local-deleted' };
  }
  if (remote === 'missing') return withoutRecord(mapping, link);
  // A tombstone may be taken over by a new record with the same external id; a living pair may not.
  const isOther = link.sfId !== undefined && link.sfId !== remote.sfId;
  return link.state === 'linked' && isOther ? nothing(NOTHING.otherRecord) : undefined;
};

/** No item, and no link that ever knew one in both places. */
const withoutItem = ({ mapping, link }: Looked, remote: RemoteRecord | 'missing'): Plan | undefined => {
  // The item was announced and is gone again: a record that was made of it in Salesforce stays there.
  if (link !== undefined) return { kind: 'local-deleted' };
  if (remote === 'missing') return nothing(NOTHING.neitherSide);
  return mayCreate(mapping, 'to-salesforce', NOTHING.notFromSalesforce);
};

/** An item with a link, and no living record. */
const withoutRecord = (mapping: Mapping, link: Link): Plan | undefined => {
  switch (link.state) {
    case 'remote-deleted':
      return nothing(NOTHING.remoteGone);
    case 'local-deleted':
      // Both were deleted, and somebody made the item again: that is a new pair, not the old one.
      return mayCreate(mapping, 'from-salesforce', NOTHING.notToSalesforce);
    default:
      return { kind: 'remote-deleted' };
  }
};

const mayCreate = (
  mapping: Mapping,
  forbidden: Mapping['direction'],
  reason: NothingReason,
): Plan | undefined => (mapping.direction === forbidden ? nothing(reason) : undefined);

const nothing = (reason: NothingReason): Plan => ({ kind: 'nothing', reason });

/** External ids may compare without case in Salesforce; local keys never do. */
const isKeyOf = (remote: RemoteRecord, local: LocalItem): boolean =>
  remote.externalId === null || remote.externalId === local.localKey;
