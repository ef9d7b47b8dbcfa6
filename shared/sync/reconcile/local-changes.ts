import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem } from '../model/record.ts';
import { callsForLook, heldOf } from './held.ts';

/**
 * Whether a hint from the local side needs a look at Salesforce. It does not where the item is as the sides last
 * agreed, or where a person is to decide as when it was last looked at, which is what every write of our own looks like:
 * echoes cost no call.
 *
 * @param isDeleted - the stream says that somebody deleted the item; one that is only missing says nothing
 */
export const needsRemoteLook = (
  link: Link | undefined,
  item: LocalItem | 'missing',
  mapping: Mapping,
  isDeleted = false,
): boolean => {
  if (link === undefined) {
    return item !== 'missing' && item.isFilteredOut !== true && mapping.direction !== 'from-salesforce';
  }
  const isAnnounced = link.pending !== undefined || link.state === 'creating';
  if (item === 'missing') return isAnnounced || (isDeleted && HAS_RECORD.has(link.state));
  // The mark that we set says nothing new of an item whose record was deleted.
  if (link.state === 'remote-deleted' && link.marked === 'item') return isLocallyEdited(link, item, mapping);
  if (link.state !== 'linked' || isOpen(link) || callsForLook(link, mapping)) return true;
  return (mapping.localIdField !== undefined && item.sfId === null) || isLocallyEdited(link, item, mapping);
};

/** Something of the record is still to be written. */
const isOpen = ({ pending, owesKey, marked, endsPair }: Link): boolean =>
  pending !== undefined || owesKey === true || marked !== undefined || endsPair !== undefined;

/** States in which the deletion of the item is news. */
const HAS_RECORD: ReadonlySet<Link['state']> = new Set(['linked', 'creating', 'deleting']);

/**
 * Whether the item has anything to say that no look has met: a mapped attribute that differs from base, and from what is
 * held of it.
 */
export const isLocallyEdited = (link: Link, item: LocalItem, mapping: Mapping): boolean =>
  mapping.fields.some((field) => {
    const { localField, type, direction, sentAt } = field;
    // Nothing of it is sent to a record that there is.
    if (sentAt === 'create') return false;
    const value = valueIn(item.values, localField) ?? null;
    const held = heldOf(link, field);
    if (held) return !sameValue(type, value, held.local);
    const base = valueIn(link.base, localField);
    if (base !== undefined) return !sameValue(type, value, base);
    // Never agreed: an empty attribute has nothing to say, nor has one that Salesforce does not take.
    return value !== null && direction !== 'from-salesforce';
  });
