import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';
import { isAfter } from '../../../sync/time.ts';
import type { Candidate } from './candidates.ts';
import { findMatches, type Match, storedId } from './match.ts';
import { withParents } from './parents.ts';
import { readByLocalKeys, readLinked } from './read-remote.ts';
import type { Pass } from './work.ts';

/** What was read now, by local key; of a record that could not be read, the field that was at fault. */
export interface Fresh {
  readonly records: ReadonlyMap<string, RemoteRecord>;
  readonly unreadable: ReadonlyMap<string, string>;
  /** Items without a record of theirs, with what they found. */
  readonly matches: ReadonlyMap<string, Match>;
}

/** A key whose record is to be read. */
export interface ToRead {
  readonly candidate: Candidate;
  readonly link: Link | undefined;
  readonly local: LocalItem | 'missing';
}

/** Reads what the snapshots could not tell, by Salesforce id where there is one, else by the mapping's matchers. */
export async function readFresh(pass: Pass, entries: readonly ToRead[]): Promise<Fresh> {
  const { mapping } = pass.open;
  const keyOfId = new Map<string, string>();
  const keys: string[] = [];
  const alone: LocalItem[] = [];
  let isAnnounced = false;
  for (const { candidate, link, local } of entries) {
    const sfId = link?.sfId ?? candidate.snapshot?.sfId;
    if (sfId) keyOfId.set(sfId, candidate.localKey);
    else {
      keys.push(candidate.localKey);
      if (local !== 'missing') alone.push(local);
    }
    isAnnounced ||= link?.state === 'creating';
  }
  const namedIds = alone.flatMap((item) => storedId(mapping, item) ?? []);
  const fresh = new Map<string, RemoteRecord>();
  const unreadable = new Map<string, string>();
  const linked = await readLinked(pass.open, [...new Set([...keyOfId.keys(), ...namedIds])]);
  for (const { sfId = '', field } of linked.unreadable) {
    unreadable.set(keyOfId.get(sfId) ?? '', field);
    for (const item of alone) if (storedId(mapping, item) === sfId) unreadable.set(item.localKey, field);
  }
  const byId = new Map<string, RemoteRecord>();
  for (const record of await withParents(pass.ports.syncStore, mapping, linked.records)) {
    byId.set(record.sfId, record);
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
  const withKeys = await withParents(pass.ports.syncStore, mapping, found.records);
  const inOrder = withKeys.toSorted(
    (a, b) =>
      Number(b.isDeleted) - Number(a.isDeleted) || (isAfter(a.systemModstamp, b.systemModstamp) ? 1 : -1),
  );
  for (const record of inOrder) {
    const key = keyOfLowered.get(record.externalId?.toLowerCase() ?? '');
    if (key === undefined || (fresh.get(key)?.externalId === key && record.externalId !== key)) continue;
    fresh.set(key, record);
  }
  const matched = await findMatches(
    pass,
    alone.filter(({ localKey }) => !unreadable.has(localKey)),
    { byId, byKey: fresh },
  );
  for (const [key, field] of matched.unreadable) unreadable.set(key, field);
  return { records: fresh, unreadable, matches: matched.matches };
}
