import { allCauses, type Cause } from '../../../contracts/causes.ts';
import { derivedLocalKey, isReservedKey } from '../../../sync/mapping/local-key.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { latestChange, type ParkedKey } from '../../../sync/reconcile/parking.ts';
import type { FollowUp } from './applied.ts';
import { withParents } from './parents.ts';
import { readUnlinked } from './read-remote.ts';
import { readReadable } from './readable.ts';
import { reservedKey, severalItems, takenKey, UNREADABLE_LINK, unreadableValue } from './rejections.ts';
import { findItems, type Visit } from './visits.ts';
import { CHECK_WAIT_MS, recordWaits, type Waiting } from './waiting.ts';
import type { LocalKey, Pass, ReconcileInput } from './work.ts';

/** What is known of a key before its link is read. */
export interface Candidate {
  readonly localKey: string;
  readonly snapshot?: RemoteRecord;
  /** The snapshot was read within this look. */
  readonly isFresh?: boolean;
  /** The snapshot is what our own write read back, and good while the link has this version. */
  readonly goodAtVersion?: number;
  /** The record by whose id the key was found, where no snapshot says so. */
  readonly sfId?: string;
  /** A pointer says that this record is of this key; without one it is the record's own claim. */
  readonly isLinked?: boolean;
  readonly asked: LocalKey;
  /** What waits under the Salesforce id of the record. */
  readonly record?: ParkedKey | undefined;
}

export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly waiting: readonly Waiting[];
  /** Records whose turn comes when the deletion of the one before them is done. */
  readonly deferred: readonly RemoteRecord[];
  /** What waited for records that are of no concern any more: deleted, or outside of the filter, and never linked. */
  readonly past: readonly ParkedKey[];
  /** Records that have sent their look on to an item which may be theirs. */
  readonly visits: readonly Visit[];
}

/**
 * Finds the key of everything that the input names. Costs one call if it names ids that nothing is linked to; those
 * that Salesforce no longer has, or that the filter leaves out, are of no concern.
 */
export async function findCandidates(
  pass: Pass,
  { sfIds = [], remotes = [], localKeys = [], causesOf = () => [] }: ReconcileInput,
  followUps: readonly FollowUp[],
): Promise<Candidates> {
  const waiting: Waiting[] = [];
  const deferred: RemoteRecord[] = [];
  const past: ParkedKey[] = [];
  const { mappingId } = pass.open.mapping;
  const { found, parked, unreadable } = await readReadable(
    [...new Set([...sfIds, ...remotes.map(({ sfId }) => sfId)])],
    (ids) => pass.ports.syncStore.lookByIds(mappingId, ids),
  );
  const waits = (
    sfId: string,
    rejection: Omit<NonNullable<Waiting['rejection']>, 'key'>,
    waitMs?: number,
  ): void => {
    const one = recordWaits({ key: sfId, ...rejection }, parked.get(sfId));
    waiting.push(waitMs === undefined ? one : { ...one, waitMs });
  };
  for (const sfId of unreadable) waits(sfId, UNREADABLE_LINK);

  const named = [...new Set(sfIds)].filter((sfId) => !unreadable.has(sfId));
  const unlinked = named.filter((sfId) => !found.has(sfId));
  const { records: raw, unreadable: badRows } = await readUnlinked(pass.open, unlinked);
  const read = await withParents(pass.ports.syncStore, pass.open.mapping, raw);
  for (const row of badRows)
    if (row.sfId !== undefined) waits(row.sfId, unreadableValue(row.field), CHECK_WAIT_MS);
  const readNow = new Set([...read, ...badRows].map(({ sfId }) => sfId));
  for (const sfId of unlinked) if (!readNow.has(sfId)) past.push(...listed(parked.get(sfId)));

  const linked = named.flatMap((sfId): Candidate[] => {
    const localKey = found.get(sfId);
    if (localKey === undefined) return [];
    return [
      { localKey, sfId, isLinked: true, asked: remoteOf(localKey, causesOf(sfId)), record: parked.get(sfId) },
    ];
  });
  const snapshots = [
    ...remotes.filter(({ sfId }) => !unreadable.has(sfId)).map((snapshot) => ({ snapshot, isFresh: false })),
    ...read.map((snapshot) => ({ snapshot, isFresh: true })),
  ];
  const claims: (Candidate & { readonly snapshot: RemoteRecord; readonly isOwn: boolean })[] = [];
  for (const { snapshot, isFresh } of snapshots) {
    const linkedKey = found.get(snapshot.sfId);
    // A deleted record that nothing is linked to has nothing to say, and no claim to a key.
    if (snapshot.isDeleted && linkedKey === undefined) past.push(...listed(parked.get(snapshot.sfId)));
    else {
      const claim = claimOf(pass, snapshot, linkedKey, causesOf(snapshot.sfId));
      claims.push({ ...claim, isFresh, record: parked.get(snapshot.sfId) });
    }
  }
  const { visits, several } = await findItems(
    pass,
    claims.flatMap(({ snapshot, isLinked }) =>
      isLinked || snapshot.externalId !== null || snapshot.isDeleted ? [] : [snapshot],
    ),
  );
  for (const { record, keys } of several) waits(record.sfId, severalItems(record, keys));
  const visiting = new Set([...visits, ...several].map(({ record }) => record));
  const own = claims.filter(({ snapshot }) => !visiting.has(snapshot));
  const ours = await readReserved(pass, own);
  const accepted = own.filter(({ isOwn, localKey, snapshot }) => {
    const isOurs = isOwn || ours.has(localKey);
    if (!isOurs) waits(snapshot.sfId, reservedKey(snapshot));
    return isOurs;
  });
  const candidates = merged(
    [...linked, ...accepted, ...followUps.map(fromFollowUp)],
    [...localKeys, ...visits.map(({ localKey, record }) => remoteOf(localKey, causesOf(record.sfId)))],
    ({ snapshot: loser, isLinked }, winner) => {
      // A linked record that is yet to be read may turn out to be deleted; of two that pointers lead from, the link knows.
      if (!winner || winner.isDeleted || isLinked) deferred.push(loser);
      else waits(loser.sfId, takenKey(loser));
    },
  );
  return {
    candidates,
    waiting,
    deferred,
    past,
    visits: visits.map((visit) => ({ ...visit, parked: parked.get(visit.record.sfId) })),
  };
}

const listed = (parked: ParkedKey | undefined): ParkedKey[] => (parked ? [parked] : []);

const remoteOf = (key: string, causes: readonly Cause[]): LocalKey => ({
  key,
  isLocal: false,
  isRemote: true,
  ...(causes.length > 0 && { causes }),
});

const fromFollowUp = ({ localKey, after, linkVersion, record, causes = [] }: FollowUp): Candidate => ({
  localKey,
  record,
  snapshot: after,
  isFresh: true,
  isLinked: true,
  goodAtVersion: linkVersion,
  asked: remoteOf(localKey, causes),
});

/**
 * The local key of a record: that of its link, else its external id, else one derived from its Salesforce id. Whoever
 * may write the external id field chooses what it claims, so a claim to a derived key is only its own if the key is made
 * of this record: else it may be the key of an item to come, of another tenant's even.
 */
const claimOf = (
  { open }: Pass,
  snapshot: RemoteRecord,
  linkedKey: string | undefined,
  causes: readonly Cause[],
): Candidate & { readonly snapshot: RemoteRecord; readonly isOwn: boolean } => {
  const derivedKey = derivedLocalKey(open.mapping.connectionId, snapshot.sfId);
  const localKey = linkedKey ?? snapshot.externalId ?? derivedKey;
  return {
    localKey,
    snapshot,
    isLinked: linkedKey !== undefined,
    isOwn: linkedKey !== undefined || localKey === derivedKey || !isReservedKey(localKey),
    asked: remoteOf(localKey, causes),
  };
};

/** The reserved keys among those claimed that this mapping has links of. */
async function readReserved(
  { open, ports }: Pass,
  claims: readonly { readonly localKey: string; readonly isOwn: boolean }[],
): Promise<ReadonlySet<string>> {
  const reserved = claims.filter(({ isOwn }) => !isOwn).map(({ localKey }) => localKey);
  const { found, unreadable } = await readReadable(reserved, (keys) =>
    ports.syncStore.look(open.mapping.mappingId, keys),
  );
  return new Set([...found.keys(), ...unreadable]);
}

/**
 * One candidate a key. Of several snapshots of one record the newest is taken; of two records that claim one key, the
 * one that is linked to it; the other one is told to `lose`.
 */
function merged(
  remotes: readonly Candidate[],
  locals: readonly LocalKey[],
  lose: (loser: Candidate & { readonly snapshot: RemoteRecord }, winner: RemoteRecord | undefined) => void,
): readonly Candidate[] {
  const byKey = new Map<string, Candidate>();
  for (const candidate of remotes) {
    const before = byKey.get(candidate.localKey);
    if (!before) {
      byKey.set(candidate.localKey, candidate);
      continue;
    }
    const [first, second] = isBetter(candidate, before) ? [candidate, before] : [before, candidate];
    const isOther = second.snapshot !== undefined && second.snapshot.sfId !== first.snapshot?.sfId;
    const { snapshot } = second;
    if (isOther && snapshot && !snapshot.isDeleted) lose({ ...second, snapshot }, first.snapshot);
    const causes = isOther ? first.asked.causes : allCauses(first.asked.causes, second.asked.causes);
    byKey.set(candidate.localKey, {
      ...first,
      asked: withCauses(first.asked, causes),
      record: first.record ?? (isOther ? undefined : second.record),
    });
  }
  for (const local of locals) {
    const before = byKey.get(local.key);
    byKey.set(local.key, { ...before, localKey: local.key, asked: bothAsked(before?.asked, local) });
  }
  return [...byKey.values()];
}

/** A record that has to be read anyhow stands for its snapshots; else what is linked comes first, then what is newer. */
function isBetter(candidate: Candidate, before: Candidate): boolean {
  if (!candidate.snapshot || !before.snapshot) return candidate.isLinked === true && !candidate.snapshot;
  if (candidate.snapshot.sfId !== before.snapshot.sfId) return candidate.isLinked === true;
  return Date.parse(candidate.snapshot.readAt) >= Date.parse(before.snapshot.readAt);
}

const bothAsked = (
  before: LocalKey | undefined,
  { isLocal = true, isRemote, ...local }: LocalKey,
): LocalKey => {
  const causes = allCauses(before?.causes, local.causes);
  return {
    key: local.key,
    ...(causes.length > 0 && { causes }),
    isLocal: isLocal || (before !== undefined && before.isLocal !== false),
    isRemote: isRemote === true || before?.isRemote === true,
    ...latestChange(before, local),
    ...(local.isRecordDeleted && { isRecordDeleted: local.isRecordDeleted }),
    ...(local.undo && { undo: local.undo }),
  };
};

const withCauses = (asked: LocalKey, causes: readonly Cause[] | undefined): LocalKey =>
  causes && causes.length > 0 ? { ...asked, causes } : asked;
