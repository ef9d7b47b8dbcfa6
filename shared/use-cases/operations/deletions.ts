import { nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import type { Hint } from '../../contracts/hints.ts';
import { isoOf } from '../../contracts/time.ts';
import { workOfAsked } from '../../sync/allowance/work-class.ts';
import type { GuardDecision } from '../../sync/guard/guard.ts';
import type { Link } from '../../sync/model/link.ts';
import type { ParkedKey, Parking } from '../../sync/reconcile/parking.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { LinkLists } from '../ports/link-lists.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { DELETION_HELD } from '../reconciliation/records/rejections.ts';
import { mustConnection } from './connections.ts';
import { OperationRefused } from './errors.ts';
import { decideOnHeld, type HeldPorts } from './held-keys.ts';
import { listParked, type ParkedListing } from './list-parked.ts';

export interface DeletionOperationsPorts extends HeldPorts {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: Pick<MappingStates, 'get'>;
  readonly linkLists: Pick<LinkLists, 'page' | 'forget'>;
  readonly syncStore: Pick<SyncStore, 'links' | 'localKeysOf'>;
  readonly parkedKeys: Pick<ParkedKeys, 'page' | 'park'>;
}

interface OfMapping {
  readonly mappingId: string;
}

/** A pair of which a side was deleted, kept so that what was deleted is not made again. */
export type Tombstone = Pick<Link, 'localKey' | 'sfId' | 'state' | 'localChangedAt' | 'sfModstamp'>;

/** A deletion that waits for a person. */
export interface HeldDeletion {
  readonly key: string;
  /** The side where somebody deleted. */
  readonly deleted: 'local' | 'salesforce';
  /** ISO 8601. */
  readonly since: string;
}

const OPERATOR = { by: 'operator' } as const;

const TOMBSTONES: ReadonlySet<Link['state']> = new Set(['local-deleted', 'remote-deleted', 'both-deleted']);
/** Hints that have not been worked off by then were never sent, or wait in the queue. */
const HINTS_LOST_MS = 60_000;
/** What one call looks through; a listing goes on with its `next`. */
const MAX_PAGES = 50;

/** Some tombstones of a mapping, and where to go on; there may be more although there are none in this answer. */
export async function listTombstones(
  { linkLists }: DeletionOperationsPorts,
  { mappingId, limit, after }: OfMapping & { readonly limit: number; readonly after?: string | undefined },
): Promise<{ readonly tombstones: readonly Tombstone[]; readonly next?: string }> {
  const tombstones: Tombstone[] = [];
  let place = after;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const { links, next } = await linkLists.page(mappingId, place);
    tombstones.push(...links.filter(({ state }) => TOMBSTONES.has(state)).map(toTombstone));
    place = next;
    if (place === undefined || tombstones.length >= limit) break;
  }
  return { tombstones, ...(place !== undefined && { next: place }) };
}

const toTombstone = ({ localKey, sfId, state, localChangedAt, sfModstamp }: Link): Tombstone => ({
  localKey,
  state,
  ...(sfId !== undefined && { sfId }),
  ...(localChangedAt !== undefined && { localChangedAt }),
  ...(sfModstamp !== undefined && { sfModstamp }),
});

/**
 * Forgets a tombstone: whatever is there of the pair is looked at as if it had never been one. Both keys wait from before
 * that: once it is forgotten, nobody can say any more which record it was of.
 */
export async function releaseTombstone(
  { syncStore, linkLists, parkedKeys, hints, clock }: DeletionOperationsPorts,
  { mappingId, key }: OfMapping & { readonly key: string },
): Promise<{ readonly released: Tombstone }> {
  const link = (await syncStore.links(mappingId, [key])).get(key);
  if (!link || !TOMBSTONES.has(link.state)) {
    throw new OperationRefused('NO_TOMBSTONE', `Mapping ${mappingId} has no tombstone of that key.`);
  }
  const waits = {
    mappingId,
    reason: 'TOMBSTONE_RELEASED' satisfies Code,
    waitUntil: isoOf(clock.nowMs() + HINTS_LOST_MS),
    cause: OPERATOR,
  };
  const ofItem: Parking = { kind: 'local', key, side: 'local', ...waits };
  await parkedKeys.park(
    link.sfId === undefined
      ? [ofItem]
      : [ofItem, { kind: 'record', key: link.sfId, side: 'remote', ...waits }],
  );
  if (!(await linkLists.forget(link))) {
    throw new OperationRefused('LOST_RACE', 'The pair has changed just now: look at it again.');
  }
  const asked = { mappingId, cause: OPERATOR, work: workOfAsked(1) };
  const ofRecord: Hint[] =
    link.sfId === undefined ? [] : [{ kind: 'remote-ids', sfIds: [link.sfId], ...asked }];
  await hints.send([{ kind: 'local-keys', keys: [{ key }], ...asked }, ...ofRecord]);
  return { released: toTombstone(link) };
}

/**
 * A person says that these items, or the records of these Salesforce ids, were deleted, of which nobody else can tell any
 * more. It counts only where the look finds no item, or Salesforce gives no record, and waits while there can be no look.
 *
 * @returns how many keys are looked at, and the ids that nothing is linked to
 */
export async function treatAsDeleted(
  { connections, mappingStates, syncStore, hints, clock }: DeletionOperationsPorts,
  { mappingId, keys = [], sfIds = [] }: OfMapping & Gone,
): Promise<{ readonly sent: number; readonly unlinked?: readonly string[] }> {
  const state = await mappingStates.get(mappingId);
  if (!state) {
    throw new OperationRefused('UNKNOWN_MAPPING', `There is no mapping ${mappingId}.`);
  }
  const { connectionId } = state;
  const { status } = await mustConnection(connections, connectionId);
  if (status === 'revoked') {
    const message = `Connection ${connectionId} is ${status}, so nothing can run for it.`;
    throw new OperationRefused('CONNECTION_NOT_ACTIVE', message);
  }
  const changedAt = nowIso(clock);
  const told = [...new Set(keys)].map((key) => ({ key, changedAt, isDeleted: true as const }));
  const linked = await syncStore.localKeysOf(mappingId, sfIds);
  const ofRecords = [...new Set(linked.values())].map((key) => ({ key, isRecordDeleted: true as const }));
  const all = [told, ofRecords].filter((some) => some.length > 0);
  const asked = { mappingId, cause: OPERATOR, work: workOfAsked(told.length + ofRecords.length) };
  await hints.send(all.map((keys) => ({ kind: 'local-keys', keys, ...asked })));
  const unlinked = sfIds.filter((sfId) => !linked.has(sfId));
  return { sent: told.length + ofRecords.length, ...(unlinked.length > 0 && { unlinked }) };
}

interface Gone {
  readonly keys?: readonly string[] | undefined;
  /** 18 characters. */
  readonly sfIds?: readonly string[] | undefined;
}

/** Some deletions of a mapping that wait for a person, where to go on, and the version by which they are decided about. */
export async function listHeld(
  ports: DeletionOperationsPorts,
  asked: ParkedListing,
): Promise<{
  readonly version: number;
  readonly count: number;
  readonly closedSince?: string;
  readonly held: readonly HeldDeletion[];
  readonly next?: string;
}> {
  const guard = await ports.guardStates.get({ mappingId: asked.mappingId, what: 'deletions' });
  const { found, ...place } = await listParked(ports, asked, isHeld);
  const { version = 0, held: count = 0, closedSince } = guard ?? {};
  const since = closedSince === undefined ? {} : { closedSince };
  return { version, count, ...since, held: found.map(toHeld), ...place };
}

/** Lets the held deletions of a mapping be carried over. @param version - that of the list that the person has seen */
export const releaseDeletions = (
  ports: DeletionOperationsPorts,
  asked: OfMapping & { readonly version: number },
): Promise<{ readonly released: number }> =>
  decide(ports, asked, 'released').then((released) => ({ released }));

/** Leaves the other side of the held deletions alone for good: their pairs become tombstones. */
export const refuseDeletions = (
  ports: DeletionOperationsPorts,
  asked: OfMapping & { readonly version: number },
): Promise<{ readonly refused: number }> => decide(ports, asked, 'refused').then((refused) => ({ refused }));

const decide = (
  ports: DeletionOperationsPorts,
  { mappingId, version }: OfMapping & { readonly version: number },
  kind: GuardDecision['kind'],
): Promise<number> =>
  decideOnHeld(ports, { guarded: { mappingId, what: 'deletions' }, version, kind, isHeld });

const isHeld = (parked: ParkedKey): boolean => heldSideOf(parked) !== undefined;

const heldSideOf = ({ local, remote }: ParkedKey) =>
  [local, remote].find((side) => side?.reason === DELETION_HELD.code);

const toHeld = (parked: ParkedKey): HeldDeletion => {
  const side = heldSideOf(parked);
  return {
    key: parked.key,
    deleted: parked.local?.isDeleted ? 'local' : 'salesforce',
    since: side?.reasonSince ?? side?.since ?? '',
  };
};
