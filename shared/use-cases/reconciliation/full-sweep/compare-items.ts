import { keyProblem } from '../../../sync/mapping/local-key.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import { type Compared, type Comparing, Found, linksOf } from './compare.ts';

/**
 * Looks for a page of the tenant's items whether each has a link. Only where the mapping goes to Salesforce: else an item
 * of its own is nobody's business.
 */
export async function compareItems(comparing: Comparing, after: string | undefined): Promise<Compared> {
  const { ports, open } = comparing;
  const { mapping } = open;
  const found = new Found();
  if (mapping.direction === 'from-salesforce') return { found };
  const page = await ports.syncStore.localKeysPage(mapping, after);
  found.count('items', page.keys.length);
  // A key that Salesforce cannot hold has no link, and was rejected for that.
  const keys = page.keys.filter((key) => keyProblem(key) === undefined);
  const { found: links, unreadable } = await linksOf(comparing, keys);
  const unlinked = keys.filter((key) => !links.has(key) && !unreadable.has(key));
  // The listing may be as the table was a moment ago.
  const { items, invalid } = await ports.syncStore.items(mapping, unlinked);
  for (const localKey of unlinked)
    if (goesOut(items.get(localKey)) || invalid.has(localKey))
      found.add('unlinked-item', { localKey, linkVersion: 0 });
  return page.next === undefined ? { found } : { found, next: { phase: 'items', after: page.next } };
}

/** One that the mapping's `localFilter` leaves out stays where it is. */
const goesOut = (item: LocalItem | undefined): boolean => item !== undefined && item.isFilteredOut !== true;
