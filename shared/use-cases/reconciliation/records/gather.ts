import { allCauses } from '../../../contracts/causes.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';
import { asOfRevision, isOfLaterRevision } from '../../../sync/reconcile/as-of-revision.ts';
import { needsRemoteLook } from '../../../sync/reconcile/local-changes.ts';
import { latestChange, type ParkedKey } from '../../../sync/reconcile/parking.ts';
import { judgeSnapshot, type SnapshotVerdict } from '../../../sync/reconcile/snapshot.ts';
import { valuesAfter, withLinkedParents } from '../../../sync/undo/undo.ts';
import type { FollowUp, HeldKey } from './applied.ts';
import { type Candidate, findCandidates } from './candidates.ts';
import { followMerged } from './follow-merged.ts';
import { claimsLinkedKey, type LeftRecord, readLeft, withoutLeft } from './left-records.ts';
import { parentIdsOf } from './parents.ts';
import { readFresh } from './read-fresh.ts';
import { readReadable } from './readable.ts';
import { foreignItem, invalidItem, UNREADABLE_LINK, unreadableValue } from './rejections.ts';
import type { Subject } from './subject.ts';
import { toldChange } from './told-change.ts';
import type { Visit } from './visits.ts';
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
  /** Records that have sent their look on to an item which may be theirs. */
  readonly visits: readonly Visit[];
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

/** A key with its item as it is now. */
interface WithItem extends Known {
  readonly local: LocalItem | 'missing';
  /** The snapshot, where it is good enough to decide by. */
  readonly usable: RemoteRecord | undefined;
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
  const { candidates, deferred, past, visits, ...found } = await findCandidates(pass, input, followUps);
  const linked = await withLinks(pass, candidates);
  const left = await readLeft(pass, linked.left);
  const open = await withItems(pass, linked.known);
  const { subjects, waiting } = await withRecords(pass, open.items);
  return {
    subjects: await followMerged(pass, subjects),
    unchanged: linked.unchanged + open.unchanged,
    waiting: [...found.waiting, ...linked.waiting, ...left.waiting, ...open.waiting, ...waiting],
    held: linked.held,
    deferred,
    past: [...past, ...left.past],
    visits,
  };
}

/** Reads the links with what is parked, and leaves out what waits, is held, or is settled by its row. */
async function withLinks(pass: Pass, candidates: readonly Candidate[]) {
  const { mapping } = pass.open;
  const keys = candidates.map(({ localKey }) => localKey);
  const links = await readReadable(keys, (some) => pass.ports.syncStore.look(mapping.mappingId, some));
  const known: Known[] = [];
  const waiting: Waiting[] = [];
  const held: HeldKey[] = [];
  const left: LeftRecord[] = [];
  let unchanged = 0;
  for (const named of candidates) {
    const { left: gone, found } = withoutLeft(named, links.found.get(named.localKey));
    left.push(...gone);
    const other = otherRecord(found, links.found.get(found.localKey));
    if (other) waiting.push(claimsLinkedKey(pass, other, found.record));
    // A change of the item has nothing to do with the record that claims its key.
    if (other && found.asked.isLocal === false) continue;
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
      else known.push({ candidate, link, parked, asked: withParked(asked, parked), verdict });
    }
  }
  return { known, waiting, held, left, unchanged };
}

/** Reads the items, and leaves out those that cannot be used, and echoes. */
async function withItems({ ports, open }: Pass, all: readonly Known[]) {
  const { mapping } = open;
  const sides = await ports.syncStore.items(
    mapping,
    all.map(({ candidate }) => candidate.localKey),
  );
  const items: WithItem[] = [];
  const waiting: Waiting[] = [];
  let unchanged = 0;
  for (const known of all) {
    const { candidate, link, parked, asked, verdict } = known;
    const { localKey, snapshot } = candidate;
    const fields = sides.invalid.get(localKey);
    const local = sides.items.get(localKey) ?? ('missing' as const);
    const isUsable = verdict === 'use' || (candidate.isFresh === true && verdict === 'in-step');
    const about = { localKey, asked, parked, link, ...(snapshot && { remote: snapshot }) };
    if (fields) waiting.push(waitingOf(about, { rejection: invalidItem(fields) }));
    else if (sides.foreign.has(localKey)) waiting.push(...ofAnotherTenant(known));
    else if (mayBeEcho(known) && !needsRemoteLook(link, local, mapping, asked.isDeleted)) unchanged += 1;
    else items.push({ ...known, local, usable: isUsable ? snapshot : undefined });
  }
  return { items, waiting, unchanged };
}

/** Reads the records that no snapshot tells enough of, and leaves out what cannot be read. */
async function withRecords(pass: Pass, items: readonly WithItem[]) {
  const fresh = await readFresh(
    pass,
    items.filter(({ usable }) => !usable),
  );
  const subjects: Subject[] = [];
  const waiting: Waiting[] = [];
  const { mapping } = pass.open;
  const parents = await parentIdsOf(
    pass.ports.syncStore,
    mapping,
    items.flatMap(({ local, asked: { undo } }) => [
      ...(local === 'missing' ? [] : [local.values]),
      ...(undo ? [valuesAfter(undo)] : []),
    ]),
  );
  for (const { candidate, link, parked, asked, local, usable } of items) {
    const { localKey, isFresh } = candidate;
    const field = usable ? undefined : fresh.unreadable.get(localKey);
    if (field !== undefined) {
      const about = { localKey, asked: { ...asked, isRemote: true }, parked, link };
      waiting.push({ ...waitingOf(about, { rejection: unreadableValue(field) }), waitMs: CHECK_WAIT_MS });
      continue;
    }
    const match = usable ? undefined : fresh.matches.get(localKey);
    if (match?.kind === 'refused') {
      const { rejection, waitMs } = match;
      const waits = waitingOf({ localKey, asked, parked }, { rejection });
      waiting.push(waitMs === undefined ? waits : { ...waits, waitMs });
      continue;
    }
    const remote =
      usable ??
      match?.record ??
      fresh.records.get(localKey) ??
      (link?.sfId === undefined ? 'missing' : 'unseen');
    subjects.push({
      localKey,
      link,
      local,
      remote,
      ...(match?.isMatched && { isMatched: true }),
      parents,
      isOldRow: usable !== undefined && isFresh !== true,
      ...(asked.undo && { undo: withLinkedParents(mapping, asked.undo, parents) }),
      asked: asked.isRecordDeleted ? { ...asked, isRecordDeleted: remote === 'unseen' } : asked,
      ...toldChange(mapping, local, asked, link),
      parked,
    });
  }
  return { subjects, waiting };
}

/** The record that claims the key of a living pair, if it is another than that of the pair. */
const otherRecord = ({ snapshot }: Candidate, link: Link | undefined): RemoteRecord | undefined => {
  const isTaken = link?.state === 'linked' && link.sfId !== undefined && link.sfId !== snapshot?.sfId;
  return isTaken && snapshot?.isDeleted === false ? snapshot : undefined;
};

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
  // Even one of this look was read before its link, which may know of a later write.
  return isFresh === true && (verdict === 'use' || verdict === 'in-step') ? 'use' : 'reread';
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
  const { changedAt: _at, image: _image, isDeleted: _gone, made: _made, causes: told, ...rest } = asked;
  const waited = parked.flatMap((one) =>
    [one.local?.cause, one.remote?.cause].flatMap((cause) =>
      cause ? { ...cause, isWaiting: true as const } : [],
    ),
  );
  const causes = allCauses(told, waited);
  return {
    ...rest,
    ...(causes.length > 0 && { causes }),
    ...latestChange(asked, local),
    isLocal: asked.isLocal !== false || local !== undefined,
    isRemote: asked.isRemote === true || parked.some(({ remote }) => remote),
    ...(parked.some(({ remote }) => remote?.isDeleted) && { isRecordDeleted: true }),
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
