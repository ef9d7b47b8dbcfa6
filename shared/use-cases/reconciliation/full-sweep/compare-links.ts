import { type Judgement, judgeLink } from '../../../sync/full-sweep/judge.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import { epochMs } from '../../../sync/time.ts';
import type { SweepPlace } from '../../ports/full-sweeps.ts';
import { type Compared, type Comparing, Found, keysOf } from './compare.ts';

/** How far Salesforce's clock and ours may be apart. */
const CLOCKS_APART_MS = 5 * 60_000;

/**
 * Compares a page of links with their items and their pointers; a pointer that lacks is made. No call of Salesforce: that
 * a record differs was found before.
 */
export async function compareLinks(
  comparing: Comparing,
  { bucket = 0, after }: SweepPlace,
): Promise<Compared> {
  const { ports, open } = comparing;
  const { mapping } = open;
  const page = await ports.linkPages.links(mapping.mappingId, bucket, after);
  const found = new Found();
  found.count('links', page.links.length);
  for (const localKey of page.unreadable) found.add('unreadable', { localKey, linkVersion: 0 });

  const sides = await ports.syncStore.items(
    mapping,
    page.links.map(({ localKey }) => localKey),
  );
  for (const link of page.links) {
    const { localKey, sfId, version: linkVersion } = link;
    const item = sides.invalid.has(localKey) ? 'unusable' : (sides.items.get(localKey) ?? 'missing');
    const judged = judgeLink(link, item, mapping, ports.clock.nowMs());
    // The records' turn finds what was announced of a record that is there.
    const isFound = judged === 'unfinished' && link.state === 'linked';
    if (isOpen(link, item, judged, comparing.since))
      found.unproven.push({ localKey, ...(sfId !== undefined && { sfId }) });
    if (judged === 'tombstone') found.count('tombstones');
    else if (judged !== 'in-step' && judged !== 'skip' && !isFound)
      found.add(judged, { localKey, linkVersion, ...(sfId !== undefined && { sfId }) });
  }
  await mendPointers(comparing, found, page.links);
  return { found, next: placeAfter(ports.linkPages.buckets, bucket, page.next) };
}

/** Whether what the records' turn saw of a pair may be true no more, or was never seen. */
const isOpen = (
  link: Link,
  item: LocalItem | 'unusable' | 'missing',
  judged: Judgement,
  since: string,
): boolean => {
  if (judged === 'tombstone') return item !== 'missing' || isTouched(link, since);
  return judged !== 'in-step' || isTouched(link, since);
};

/** Since the sweep began, or just before: the time of a reading is Salesforce's. */
const isTouched = ({ localChangedAt, sfReadAt }: Link, since: string): boolean => {
  const fromMs = epochMs(since) - CLOCKS_APART_MS;
  return [localChangedAt, sfReadAt].some((at) => at !== undefined && epochMs(at) > fromMs);
};

/** Each link's record leads to it; a pointer is only ever written with its link, so one that lacks was lost. */
async function mendPointers(comparing: Comparing, found: Found, links: readonly Link[]): Promise<void> {
  const pointed = links.flatMap((link) => (link.sfId === undefined ? [] : [{ ...link, sfId: link.sfId }]));
  const { found: keys, unreadable } = await keysOf(
    comparing,
    pointed.map(({ sfId }) => sfId),
  );
  for (const { sfId, ...link } of pointed) {
    if (keys.has(sfId) || unreadable.has(sfId)) continue;
    const { localKey, version: linkVersion } = link;
    if (await comparing.ports.linkPages.restorePointer(link, sfId))
      found.add('pointer-missing', { localKey, sfId, linkVersion });
  }
}

const placeAfter = (buckets: number, bucket: number, after: string | undefined): SweepPlace => {
  if (after !== undefined) return { phase: 'links', bucket, after };
  return bucket + 1 < buckets ? { phase: 'links', bucket: bucket + 1 } : { phase: 'items' };
};
