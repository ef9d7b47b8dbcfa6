import { derivedLocalKey, isReservedKey } from '../../../sync/mapping/local-key.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { needsRemoteLook } from '../../../sync/reconcile/local-changes.ts';
import { judgeSnapshot, type SnapshotVerdict } from '../../../sync/reconcile/snapshot.ts';
import { latest } from '../../../sync/time.ts';
import type { Rejection } from '../../ports/journal.ts';
import type { FollowUp } from './applied.ts';
import { readByLocalKeys, readLinked, readUnlinked } from './read-remote.ts';
import { readReadable } from './readable.ts';
import type { Subject } from './subject.ts';
import type { LocalKey, Pass, ReconcileInput } from './work.ts';

export interface Gathered {
  readonly subjects: readonly Subject[];
  readonly unchanged: number;
  readonly rejections: readonly Omit<Rejection, 'mappingId' | 'at'>[];
  /** Records whose turn comes when the deletion of the one before them is done. */
  readonly deferred: readonly RemoteRecord[];
}

/** What is known of a key before anything is read for it. */
interface Candidate {
  readonly localKey: string;
  readonly snapshot?: RemoteRecord;
  readonly changedAt?: string;
  /** Something on the local side called for the look. */
  readonly isLocal: boolean;
  /** A link says that this record is of this key; without one it is the record's own claim. */
  readonly isLinked?: boolean;
  /** The snapshot is what our own write read back, and good while the link has this version. */
  readonly goodAtVersion?: number;
}

/**
 * Finds the key of everything that the input names and loads its sides: links and items always strongly consistent,
 * Salesforce only where the local side differs from base or a snapshot is too old to trust.
 */
export async function gather(
  pass: Pass,
  input: ReconcileInput,
  followUps: readonly FollowUp[],
): Promise<Gathered> {
  const { mapping } = pass.open;
  const rejections: Omit<Rejection, 'mappingId' | 'at'>[] = [];
  const rejectUnreadable = (key: string) => rejections.push(unreadableLink(key));
  const read = await readIds(pass, input.sfIds ?? [], rejectUnreadable);
  const snapshots = [...(input.remotes ?? []), ...read];
  const rejectReserved = (claimant: RemoteRecord) => rejections.push(reservedKey(claimant));
  const claims = await withKeys(pass, snapshots, rejectReserved, rejectUnreadable);
  const deferred: RemoteRecord[] = [];
  const candidates = merge(
    [...claims, ...followUps.map(fromFollowUp)],
    input.localKeys ?? [],
    (loser, winner) => {
      if (winner.isDeleted) deferred.push(loser);
      else rejections.push(takenKey(loser));
    },
  );
  const { found: links, unreadable } = await readLinks(pass, [...candidates.keys()]);
  for (const key of unreadable) rejectUnreadable(key);
  const readable = [...candidates.values()].filter(({ localKey }) => !unreadable.has(localKey));

  const judged = readable.map((candidate) => ({
    candidate,
    verdict: judge(pass, candidate, links.get(candidate.localKey)),
  }));
  const toLookAt = judged.filter(({ candidate, verdict }) => candidate.isLocal || !isSettled(verdict));
  const unchanged = judged.length - toLookAt.length;

  const { items, foreign, invalid } = await pass.ports.syncStore.items(
    mapping,
    toLookAt.map(({ candidate }) => candidate.localKey),
  );
  const sound = toLookAt.filter(({ candidate }) => {
    const { localKey } = candidate;
    const fields = invalid.get(localKey);
    if (fields) rejections.push(invalidItem(localKey, fields));
    // A local change of another tenant's item is that tenant's business; a record that claims its key is not.
    if (foreign.has(localKey) && candidate.snapshot) rejections.push(foreignItem(candidate.snapshot.sfId));
    return !fields && !foreign.has(localKey);
  });

  const known = sound.map(({ candidate, verdict }) => {
    const link = links.get(candidate.localKey);
    const local = items.get(candidate.localKey) ?? ('missing' as const);
    const usable = verdict === 'use' ? candidate.snapshot : undefined;
    const isEcho = !usable && verdict !== 'reread' && !needsRemoteLook(link, local, mapping);
    return { candidate, link, local, usable, isEcho };
  });
  const open = known.filter((entry) => !entry.isEcho);
  const fresh = await readFresh(
    pass,
    open.filter((entry) => !entry.usable),
  );
  const subjects = open.map(({ candidate, link, local, usable }) => ({
    localKey: candidate.localKey,
    link,
    local,
    remote: usable ?? fresh.get(candidate.localKey) ?? ('missing' as const),
    localChangedAt: latest(link?.localChangedAt, candidate.changedAt),
  }));
  return { subjects, unchanged: unchanged + known.length - open.length, rejections, deferred };
}

function judge(pass: Pass, candidate: Candidate, link: Link | undefined): SnapshotVerdict | undefined {
  if (!candidate.snapshot) return undefined;
  if (candidate.goodAtVersion !== undefined && link?.version === candidate.goodAtVersion) return 'use';
  // A record that the key has left behind: its deletion says nothing of the one that the key belongs to now.
  const isPast =
    candidate.snapshot.isDeleted && link?.sfId !== undefined && link.sfId !== candidate.snapshot.sfId;
  return isPast ? 'stale' : judgeSnapshot(link, candidate.snapshot, pass.open.mapping);
}

const fromFollowUp = ({ localKey, after, linkVersion }: FollowUp): Candidate => ({
  localKey,
  snapshot: after,
  isLocal: false,
  isLinked: true,
  goodAtVersion: linkVersion,
});

const isSettled = (verdict: SnapshotVerdict | undefined): boolean =>
  verdict === 'in-step' || verdict === 'stale';

const readLinks = ({ open, ports }: Pass, keys: readonly string[]) =>
  readReadable(keys, (some) => ports.syncStore.links(open.mapping.mappingId, some));

const readLocalKeys = ({ open, ports }: Pass, sfIds: readonly string[]) =>
  readReadable(sfIds, (some) => ports.syncStore.localKeysOf(open.mapping.mappingId, some));

/** Records that are linked, and those that are not but meet the filter; ids that Salesforce no longer has are left out. */
async function readIds(
  pass: Pass,
  sfIds: readonly string[],
  rejectUnreadable: (sfId: string) => void,
): Promise<readonly RemoteRecord[]> {
  if (sfIds.length === 0) return [];
  const { found: linked, unreadable } = await readLocalKeys(pass, sfIds);
  for (const sfId of unreadable) rejectUnreadable(sfId);
  const [known, unknown] = await Promise.all([
    readLinked(
      pass.open,
      sfIds.filter((id) => linked.has(id)),
    ),
    readUnlinked(
      pass.open,
      sfIds.filter((id) => !linked.has(id) && !unreadable.has(id)),
    ),
  ]);
  return [...known, ...unknown];
}

/**
 * The local key of each record: that of its link, else its external id, else one derived from its Salesforce id. Whoever
 * may write the external id field chooses what it claims, so a claim to a derived key that is neither the record's own
 * nor linked in this mapping is told to `rejectReserved`: it may be the key of an item to come, of another tenant's even.
 */
async function withKeys(
  pass: Pass,
  snapshots: readonly RemoteRecord[],
  rejectReserved: (claimant: RemoteRecord) => void,
  rejectUnreadable: (sfId: string) => void,
): Promise<Candidate[]> {
  const { mapping } = pass.open;
  const sfIds = snapshots.map((snapshot) => snapshot.sfId);
  const { found: linked, unreadable } = await readLocalKeys(pass, sfIds);
  for (const sfId of unreadable) rejectUnreadable(sfId);
  // A deleted record that nothing is linked to has nothing to say, and no claim to a key.
  const speaking = snapshots.filter(
    ({ isDeleted, sfId }) => !unreadable.has(sfId) && (!isDeleted || linked.has(sfId)),
  );
  const claims = speaking.map((snapshot) => {
    const derivedKey = derivedLocalKey(mapping.connectionId, snapshot.sfId);
    const linkedKey = linked.get(snapshot.sfId);
    const localKey = linkedKey ?? snapshot.externalId ?? derivedKey;
    const isOwn = linkedKey !== undefined || localKey === derivedKey || !isReservedKey(localKey);
    return { localKey, snapshot, isOwn, isLinked: linkedKey !== undefined };
  });
  const reserved = claims.filter(({ isOwn }) => !isOwn).map(({ localKey }) => localKey);
  const ours = await readLinks(pass, reserved);
  return claims.flatMap(({ isOwn, ...claim }) => {
    const { localKey } = claim;
    const isOurs = isOwn || ours.found.has(localKey) || ours.unreadable.has(localKey);
    if (isOurs) return [{ ...claim, isLocal: false }];
    rejectReserved(claim.snapshot);
    return [];
  });
}

/**
 * One candidate a key. Of several snapshots of one record the newest is taken; of two records that claim one
 * key, the one that is linked to it; the other one is told to `lose`.
 */
function merge(
  remotes: readonly Candidate[],
  locals: readonly LocalKey[],
  lose: (loser: RemoteRecord, winner: RemoteRecord) => void,
): Map<string, Candidate> {
  const merged = new Map<string, Candidate>();
  for (const candidate of remotes) {
    const before = merged.get(candidate.localKey);
    const [first, second] =
      before && !isBetter(candidate, before) ? [before, candidate] : [candidate, before];
    merged.set(candidate.localKey, first);
    if (
      first.snapshot &&
      second?.snapshot &&
      first.snapshot.sfId !== second.snapshot.sfId &&
      !second.snapshot.isDeleted
    ) {
      lose(second.snapshot, first.snapshot);
    }
  }
  for (const { key, changedAt } of locals) {
    const before = merged.get(key);
    const lastChangedAt = latest(before?.changedAt, changedAt);
    merged.set(key, {
      ...(before ?? {}),
      localKey: key,
      isLocal: true,
      ...(lastChangedAt !== undefined && { changedAt: lastChangedAt }),
    });
  }
  return merged;
}

function isBetter(candidate: Candidate, before: Candidate): boolean {
  if (candidate.snapshot?.sfId !== before.snapshot?.sfId) return candidate.isLinked === true;
  return Date.parse(candidate.snapshot?.readAt ?? '') >= Date.parse(before.snapshot?.readAt ?? '');
}

/** Reads what the snapshots could not tell, by Salesforce id where there is one, else by external id. */
async function readFresh(
  pass: Pass,
  entries: readonly { readonly candidate: Candidate; readonly link: Link | undefined }[],
): Promise<Map<string, RemoteRecord>> {
  const keyOfId = new Map<string, string>();
  const keys: string[] = [];
  for (const { candidate, link } of entries) {
    const sfId = link?.sfId ?? candidate.snapshot?.sfId;
    if (sfId) keyOfId.set(sfId, candidate.localKey);
    else keys.push(candidate.localKey);
  }
  const fresh = new Map<string, RemoteRecord>();
  for (const record of await readLinked(pass.open, [...keyOfId.keys()])) {
    const key = keyOfId.get(record.sfId);
    if (key !== undefined) fresh.set(key, record);
  }
  // Salesforce may have compared without case: such a record reaches `reconcile`, which says that it is another's.
  const keyOfLowered = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const found = await readByLocalKeys(pass.open, keys);
  for (const record of found.filter(({ externalId }) => externalId !== null)) {
    const key = keyOfLowered.get(record.externalId?.toLowerCase() ?? '');
    if (key !== undefined && fresh.get(key)?.externalId !== key) fresh.set(key, record);
  }
  return fresh;
}

/** @param key - the local key, or the Salesforce id where the damage hides the key */
const unreadableLink = (key: string) => ({
  by: 'local-rules' as const,
  key,
  code: 'STORED_ITEM_UNREADABLE',
  message:
    "The sync's own item for this record, on the sync-state table, was changed by hand and cannot be read: restore it from a backup of the table, then save the record again.",
  fields: [],
});

const invalidItem = (key: string, fields: readonly string[]) => ({
  by: 'local-rules' as const,
  key,
  code: 'INVALID_ATTRIBUTE',
  message:
    'These attributes of the item cannot be compared with their Salesforce fields: write the type that the field has.',
  fields,
});

const foreignItem = (sfId: string) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_OF_ANOTHER_TENANT',
  message:
    'The external id of this Salesforce record is the key of an item that does not belong to this tenant: give the record another external id.',
  fields: [],
});

const reservedKey = ({ sfId }: RemoteRecord) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_RESERVED',
  message:
    'The external id of this Salesforce record begins with "sf-", like the keys that the sync makes for records without one: clear it, or give the record another external id.',
  fields: [],
});

const takenKey = ({ sfId }: RemoteRecord) => ({
  by: 'local-rules' as const,
  key: sfId,
  code: 'KEY_TAKEN',
  message:
    'The external id of this Salesforce record is the key of an item that is linked to another record: give the record another external id.',
  fields: [],
});
