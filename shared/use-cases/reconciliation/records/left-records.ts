import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { ParkedKey } from '../../../sync/reconcile/parking.ts';
import type { Candidate } from './candidates.ts';
import { readUnlinked } from './read-remote.ts';
import { alreadyLinked } from './rejections.ts';
import { ELSEWHERE_WAIT_MS, recordWaits, type Waiting } from './waiting.ts';
import type { Pass } from './work.ts';

/** A record whose pair goes on with another one. A pointer leads from it to the pair still. */
export interface LeftRecord {
  readonly sfId: string;
  /** What waits under its id. */
  readonly parked: ParkedKey | undefined;
}

/** Nothing of such a record is the pair's, least of all what waits for it. */
export function withoutLeft(
  candidate: Candidate,
  link: Link | undefined,
): { readonly found: Candidate; readonly left: readonly LeftRecord[] } {
  const { sfId, record, ...found } = candidate;
  const isLeft = link?.state === 'linked' && sfId !== undefined && sfId !== link.sfId;
  return isLeft ? { found, left: [{ sfId, parked: record }] } : { found: candidate, left: [] };
}

/** Such a record is deleted, as a rule, and of no concern. One that somebody has undeleted claims the key of the pair. */
export async function readLeft(
  pass: Pass,
  left: readonly LeftRecord[],
): Promise<{ readonly waiting: readonly Waiting[]; readonly past: readonly ParkedKey[] }> {
  const { records, unreadable } = await readUnlinked(
    pass.open,
    left.map(({ sfId }) => sfId),
  );
  const living = new Map(records.map((one) => [one.sfId, one]));
  const isLiving = new Set([...living.keys(), ...unreadable.map(({ sfId }) => sfId)]);
  return {
    waiting: left.flatMap(({ sfId, parked }) => {
      const record = living.get(sfId);
      return record ? [claimsLinkedKey(pass, record, parked)] : [];
    }),
    past: left.flatMap(({ sfId, parked }) => (parked && !isLiving.has(sfId) ? [parked] : [])),
  };
}

/** The pair may come apart, of which nobody tells the other record. */
export const claimsLinkedKey = (
  { open }: Pass,
  { sfId }: RemoteRecord,
  parked: ParkedKey | undefined,
): Waiting => ({
  ...recordWaits({ key: sfId, ...alreadyLinked(open.mapping) }, parked),
  waitMs: ELSEWHERE_WAIT_MS,
});
