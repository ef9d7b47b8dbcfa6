import { isSameDouble, sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import { isAfter } from '../time.ts';
import { isAsMade } from './as-made.ts';
import { callsForLook, heldOf } from './held.ts';

/**
 * What a row that was read some time ago is good for:
 * - `in-step`: it equals the base, so there is nothing to do;
 * - `stale`: the link knows a newer state; drop it;
 * - `use`: reconcile with it;
 * - `reread`: it may be from before our last write; read the record again and reconcile with that.
 */
export type SnapshotVerdict = 'in-step' | 'stale' | 'use' | 'reread';

/**
 * Judges a row that was read before its link was: polled, or from a bulk page. A record that was read after its link
 * needs no judging, and must get none: `readAt` counts whole seconds, so it could be sent round in circles.
 */
export const judgeSnapshot = (
  link: Link | undefined,
  remote: RemoteRecord,
  mapping: Mapping,
): SnapshotVerdict => {
  // Times of another record say nothing about this one.
  if (link === undefined || (link.sfId !== undefined && link.sfId !== remote.sfId)) return 'use';
  const isFresh = link.sfReadAt === undefined || isAfter(remote.readAt, link.sfReadAt);
  // An open write is settled by a true look only, however old the row.
  const isOpen =
    link.pending !== undefined ||
    link.owesKey === true ||
    (link.state === 'linked' && link.marked !== undefined) ||
    link.state === 'creating' ||
    link.state === 'deleting';
  if (isOpen) return isFresh ? 'use' : 'reread';
  if (link.state === 'linked' && equalsBase(link, remote, mapping)) return 'in-step';
  // Before the stamp: servers of one org do not agree on the time to the second.
  if (isFresh) return 'use';
  return link.sfModstamp !== undefined && isAfter(link.sfModstamp, remote.systemModstamp)
    ? 'stale'
    : 'reread';
};

/**
 * Whether the record says nothing new: each field as last agreed, or as it is held, or what Salesforce made of our own
 * last write.
 */
export const equalsBase = (link: Link, remote: RemoteRecord, mapping: Mapping): boolean =>
  !remote.isDeleted &&
  !callsForLook(link, mapping) &&
  mapping.fields.every((field) => {
    const { localField, type, direction, sentAt } = field;
    // It neither goes to the record any more, nor comes from there.
    if (sentAt === 'create' && direction === 'to-salesforce') return true;
    // What follows its creation is still to be sent.
    if (isAsMade(field, mapping, link, remote)) return false;
    const value = valueIn(remote.values, localField) ?? null;
    const held = heldOf(link, field);
    if (held) return sameValue(type, value, held.remote);
    const base = valueIn(link.base, localField);
    if (base !== undefined && sameValue(type, value, base)) return true;
    const adjusted = valueIn(link.adjusted, localField);
    if (adjusted === undefined || !sameValue(type, value, adjusted)) return false;
    // Where the field goes both ways, what Salesforce made of it is still to be fetched; the item keeps its digits, and
    // what it could never agree upon.
    const isKept = base !== undefined && isSameDouble(type, base, value);
    return direction === 'to-salesforce' || isKept || link.contested?.includes(localField) === true;
  });
