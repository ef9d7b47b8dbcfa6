import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem } from '../model/record.ts';

/**
 * Whether a hint from the local side needs a look at Salesforce. It does not where the item is as the sides last
 * agreed, which is what every write of our own looks like: echoes cost no call.
 */
export const needsRemoteLook = (
  link: Link | undefined,
  item: LocalItem | 'missing',
  mapping: Mapping,
): boolean => {
  if (link === undefined) return item !== 'missing' && mapping.direction !== 'from-salesforce';
  if (item === 'missing') return link.state === 'linked' || link.state === 'creating';
  if (link.state !== 'linked' || link.pending !== undefined) return true;
  if (mapping.localIdField !== undefined && item.sfId !== link.sfId) return true;
  return mapping.fields.some(({ localField, type, direction }) => {
    const value = valueIn(item.values, localField) ?? null;
    const base = valueIn(link.base, localField);
    if (base !== undefined) return !sameValue(type, value, base);
    // Never agreed: an empty attribute has nothing to say, nor has one that Salesforce does not take.
    return value !== null && direction !== 'from-salesforce';
  });
};
