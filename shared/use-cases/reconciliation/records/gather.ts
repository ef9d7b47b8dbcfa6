import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';
import { asOfRevision, isOfLaterRevision } from '../../../sync/reconcile/as-of-revision.ts';
import { needsRemoteLook } from '../../../sync/reconcile/local-changes.ts';
import { latestChange, type ParkedKey } from '../../../sync/reconcile/parking.ts';
import { judgeSnapshot, type SnapshotVerdict } from '../../../sync/reconcile/snapshot.ts';
import { isAfter } from '../../../sync/time.ts';
import type { FollowUp, HeldKey } from './applied.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { readByLocalKeys, readLinked } from './read-remote.ts';
import { readReadable } from './readable.ts';
import { alreadyLinked, foreignItem, invalidItem, UNREADABLE_LINK, unreadableValue } from './rejections.ts';
import type { Subject } from './subject.ts';
import { CHECK_WAIT_MS, recordWaits, type Waiting, waitingOf } from './waiting.ts';
import type { LocalKey, Pass, ReconcileInput } from './work.ts';

export interface Gathered {
  readonly subjects: readonly Subject[];
  /** Echoes, and rows that say nothing new. */
  readonly unchanged: number;
  /** Seen, and not to be applied now. */
  readonly waiting: readonly Waiting[];
  /** Keys that another worker writes to Salesforce at this moment. */
  readonly held: readonly HeldKey[];
  /** Records whose turn comes when the deletion of the one before them is done. */
  readonly deferred: readonly RemoteRecord[];
  /** What waited for records that are of no concern any more. */
  readonly past: readonly ParkedKey[];
}

/** A code that is on its way out has been replaced by then. */
const LATER_REVISION_WAIT_MS = 60_000;

/** A candidate with its link and what is parked. */
interface Known {
  readonly candidate: Candidate;
  readonly link: Link | undefined;
  readonly parked: readonly ParkedKey[];
  readonly asked: LocalKey;
  readonly verdict: SnapshotVerdict | undefined;
}

/**
 * Finds the key of everything that the input names and loads its sides: first the links with what is parked, then the
 * items, all strongly consistent, and Salesforce last, only where something may be there to do.
 */
export async function gather(
  pass: Pass,
  input: ReconcileInput,
  followUps: readonly FollowUp[],
): Promise<Gathered> {
  const { mapping } = pass.open;
  const { candidates, deferred, past, ...found } = await findCandidates(pass, input, followUps);
  const waiting: Waiting[] = [...found.waiting];
  const keys = candidates.map(({ localKey }) => localKey);
  const links = await readReadable(keys, (some) => pass.ports.syncStore.look(mapping.mappingId, some));
  const held: HeldKey[] = [];
  let unchanged = 0;

  const toLookAt = candidates.flatMap((found): Known[] => {
    const other = otherRecord(found, links.found.get(found.localKey));
    if (other) waiting.push(claimsLinkedKey(pass, other, found.record));
    // A change of the item has nothing to do with the record that claims its key.
    if (other && found.asked.isLocal === false) return [];
    const candidate = other ? withoutSnapshot(found) : found;
    const { localKey, asked } = candidate;
    const parked = [links.parked.get(localKey), candidate.record].filter((one) => one !== undefined);
    const stored = links.found.get(localKey);
    const about = { localKey, asked, parked };
    if (links.unreadable.has(localKey)) waiting.push(waitingOf(about, { rejection: UNREADABLE_LINK }));
    else if (stored && isOfLaterRevision(mapping, stored)) {
      waiting.push(waitingOf(about, { reason: 'LATER_REVISION', waitMs: LATER_REVISION_WAIT_MS }));
    } else {
      const link = stored && asOfRevision(mapping, stored);
      const verdict = judge(pass, candidate, link, parked);
      const isDone = asked.isLocal === false && candidate.snapshot !== undefined && isSettled(verdict);
      if (isDone) unchanged += 1;
      else if (isHeld(pass, link)) held.push({ ...asked, leftMs: leftMs(pass, link) });
      else return [{ candidate, link, parked, asked: withParked(asked, parked), verdict }];
    }
    return [];
  });

  const sides = await pass.ports.syncStore.items(
    mapping,
    toLookAt.map(({ candidate }) => candidate.localKey),
  );
  const open: (Known & {
    readonly local: LocalItem | 'missing';
    readonly usable: RemoteRecord | undefined;
  })[] = [];
  for (const known of toLookAt) {
    const { candidate, link, parked, asked, verdict } = known;
    const { localKey, snapshot } = candidate;
    const fields = sides.invalid.get(localKey);
    const local = sides.items.get(localKey) ?? ('missing' as const);
    const isUsable = verdict === 'use' || (candidate.isFresh === true && verdict === 'in-step');
    const usable = isUsable ? snapshot : undefined;
    if (fields) waiting.push(waitingOf({ localKey, asked, parked }, { rejection: invalidItem(fields) }));
    else if (sides.foreign.has(localKey)) waiting.push(...ofAnotherTenant(known));
    else if (mayBeEcho(known) && !needsRemoteLook(link, local, mapping, asked.isDeleted)) unchanged += 1;
    else open.push({ ...known, local, usable });
  }

  const fresh = await readFresh(
    pass,
    open.filter(({ usable }) => !usable),
  );
  const readable = open.filter(({ candidate: { localKey }, asked, parked, usable }) => {
    const field = usable ? undefined : fresh.unreadable.get(localKey);
    if (field === undefined) return true;
    const why = { rejection: unreadableValue(field) };
    const both = { ...asked, isRemote: true };
    waiting.push({ ...waitingOf({ localKey, asked: both, parked }, why), waitMs: CHECK_WAIT_MS });
    return false;
  });
  const subjects = readable.map(({ candidate, link, parked, asked, local, usable }): Subject => {
    const { localKey, isFresh } = candidate;
    const changedAt = asked.changedAt;
    return {
      localKey,
      link,
      local,
      remote: usable ?? fresh.records.get(localKey) ?? (link?.sfId === undefined ? 'missing' : 'unseen'),
      isOldRow: usable !== undefined && isFresh !== true,
      asked,
      // An older change was brought into step before: the item has changed again since, and nobody told when.
      localChangedAt:
        changedAt !== undefined && isAfter(changedAt, link?.localChangedAt) ? changedAt : undefined,
      isLocalDeleted: asked.isDeleted === true,
      parked,
    };
  });
  return { subjects, unchanged, waiting, held, deferred, past };
}

/** The record that claims the key of a living pair, if it is another than that of the pair. */
const otherRecord = ({ snapshot, isLinked }: Candidate, link: Link | undefined): RemoteRecord | undefined => {
  const isTaken = link?.state === 'linked' && link.sfId !== undefined && link.sfId !== snapshot?.sfId;
  return isTaken && isLinked !== true && snapshot?.isDeleted === false ? snapshot : undefined;
};

/** The pair may come apart, of which nobody tells the other record. */
const CLAIM_WAIT_MS = 60 * 60_000;

const claimsLinkedKey = ({ open }: Pass, { sfId }: RemoteRecord, parked: ParkedKey | undefined): Waiting => ({
  ...recordWaits({ key: sfId, ...alreadyLinked(open.mapping) }, parked),
  waitMs: CLAIM_WAIT_MS,
});

const withoutSnapshot = ({ localKey, asked }: Candidate): Candidate => ({ localKey, asked });

/** Undefined where there is no snapshot to judge. */
function judge(
  pass: Pass,
  { snapshot, isFresh, goodAtVersion }: Candidate,
  link: Link | undefined,
  parked: readonly ParkedKey[],
): SnapshotVerdict | undefined {
  if (!snapshot) return undefined;
  if (goodAtVersion !== undefined && link?.version === goodAtVersion) return 'use';
  // A record that the key has left behind: its deletion says nothing of the one that the key belongs to now.
  const isOther = link?.sfId !== undefined && link.sfId !== snapshot.sfId;
  const isPast = snapshot.isDeleted && isOther;
  const verdict = isPast ? 'stale' : judgeSnapshot(link, snapshot, pass.open.mapping);
  // What waits may be newer than the row, and nothing that waits ends without a look at the record as it is now.
  if (parked.length === 0 || isOther) return verdict;
  return isFresh === true ? 'use' : 'reread';
}

const isSettled = (verdict: SnapshotVerdict | undefined): boolean =>
  verdict === 'in-step' || verdict === 'stale';

/**
 * A link under another worker's live lease is left alone altogether: its write is in flight, and a commit of ours
 * would forget that it was announced.
 */
const isHeld = ({ ports, owner }: Pass, link: Link | undefined): boolean =>
  link?.lease !== undefined && link.lease.until > ports.clock.nowMs() && link.lease.owner !== owner;

const leftMs = ({ ports }: Pass, link: Link | undefined): number =>
  Math.max(0, (link?.lease?.until ?? 0) - ports.clock.nowMs());

/** What called for the look now, and whatever waited for one. */
const withParked = (asked: LocalKey, parked: readonly ParkedKey[]): LocalKey => {
  const local = parked.find((one) => one.local)?.local;
  const { changedAt: _at, isDeleted: _gone, ...rest } = asked;
  return {
    ...rest,
    ...latestChange(asked, local),
    isLocal: asked.isLocal !== false || local !== undefined,
    isRemote: asked.isRemote === true || parked.some(({ remote }) => remote),
  };
};

/** Only the local side called for the look, and nothing waits: what differs from base is all that counts. */
const mayBeEcho = ({ asked, parked }: Known): boolean => asked.isRemote !== true && parked.length === 0;

/** A local change of another tenant's item is that tenant's business; a record that claims its key is not. */
const ofAnotherTenant = ({ candidate, link, asked, parked }: Known): Waiting[] => {
  const sfId = candidate.snapshot?.sfId ?? link?.sfId;
  if (sfId === undefined || asked.isRemote !== true) return [];
  // Nothing leads from the item to a record that is not linked to it: that waits by itself.
  if (link === undefined) return [recordWaits(foreignItem(sfId), candidate.record)];
  const about = { localKey: candidate.localKey, asked: { ...asked, isLocal: false }, parked };
  return [waitingOf(about, { rejection: foreignItem(sfId) })];
};

/** What was read now, by local key; of a record that could not be read, the field that was at fault. */
interface Fresh {
  readonly records: ReadonlyMap<string, RemoteRecord>;
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Reads what the snapshots could not tell, by Salesforce id where there is one, else by external id. */
async function readFresh(
  pass: Pass,
  entries: readonly { readonly candidate: Candidate; readonly link: Link | undefined }[],
): Promise<Fresh> {
  const keyOfId = new Map<string, string>();
  const keys: string[] = [];
  let isAnnounced = false;
  for (const { candidate, link } of entries) {
    const sfId = link?.sfId ?? candidate.snapshot?.sfId;
    if (sfId) keyOfId.set(sfId, candidate.localKey);
    else keys.push(candidate.localKey);
    isAnnounced ||= link?.state === 'creating';
  }
  const fresh = new Map<string, RemoteRecord>();
  const unreadable = new Map<string, string>();
  const linked = await readLinked(pass.open, [...keyOfId.keys()]);
  for (const { sfId = '', field } of linked.unreadable) unreadable.set(keyOfId.get(sfId) ?? '', field);
  for (const record of linked.records) {
    const key = keyOfId.get(record.sfId);
    if (key !== undefined) fresh.set(key, record);
  }
  // Salesforce may have compared without case: such a record reaches `reconcile`, which says that it is another's.
  const keyOfLowered = new Map(keys.map((key) => [key.toLowerCase(), key]));
  const found = await readByLocalKeys(pass.open, keys, isAnnounced);
  for (const { externalId, field } of found.unreadable) {
    const key = keyOfLowered.get(externalId?.toLowerCase() ?? '');
    // Whose record it is cannot be told: none of the keys may be taken for one without a record.
    for (const one of key === undefined ? keys : [key]) unreadable.set(one, field);
  }
  // A living record comes before deleted ones, and of those the last to be deleted.
  const inOrder = found.records.toSorted(
    (a, b) =>
      Number(b.isDeleted) - Number(a.isDeleted) || (isAfter(a.systemModstamp, b.systemModstamp) ? 1 : -1),
  );
  for (const record of inOrder.filter(({ externalId }) => externalId !== null)) {
    const key = keyOfLowered.get(record.externalId?.toLowerCase() ?? '');
    const before = key === undefined ? undefined : fresh.get(key);
    if (key === undefined || (before?.externalId === key && record.externalId !== key)) continue;
    fresh.set(key, record);
  }
  return { records: fresh, unreadable };
}
