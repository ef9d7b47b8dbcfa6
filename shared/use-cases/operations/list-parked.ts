import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';

/** Where a listing of a mapping's waiting keys begins, and how many of them it shows. */
export interface ParkedListing {
  readonly mappingId: string;
  readonly limit: number;
  /** The `next` of the listing before. */
  readonly after?: string | undefined;
}

/** Some hundred thousand waiting keys: a call of a minute. */
export const MAX_PARKED_PAGES = 500;

/** At most `limit` of the waiting keys that are meant, and where to go on; there may be more though none are here. */
export async function listParked(
  { parkedKeys }: { readonly parkedKeys: Pick<ParkedKeys, 'page'> },
  { mappingId, limit, after }: ParkedListing,
  isMeant: (parked: ParkedKey) => boolean = () => true,
): Promise<{ readonly found: readonly ParkedKey[]; readonly next?: string }> {
  const found: ParkedKey[] = [];
  let place = after;
  for (let pages = 0; pages < MAX_PARKED_PAGES; pages++) {
    let page = await parkedKeys.page(mappingId, place);
    const lastThatFits = page.parked.filter(isMeant)[limit - found.length - 1];
    // Only a page that ends with the last of them says where to go on after it.
    if (lastThatFits) page = await parkedKeys.page(mappingId, place, page.parked.indexOf(lastThatFits) + 1);
    found.push(...page.parked.filter(isMeant));
    place = page.next;
    if (place === undefined || found.length >= limit) break;
  }
  return { found, ...(place !== undefined && { next: place }) };
}
