import { parseId } from '../../../contracts/salesforce-id.ts';
import { MASTER_FIELD } from '../../../sync/mapping/check/schema-details.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { readLinked } from './read-remote.ts';
import { readReadable } from './readable.ts';
import type { Subject } from './subject.ts';
import type { Pass } from './work.ts';

/**
 * Follows records that were merged into others: where nothing is linked to the record that stayed, the pair goes on with
 * that one, and its values are met with what was last agreed. Otherwise the record that went is a deleted one like any
 * other; so is one whose merge was undone, or whose other record has a key of its own. Costs a call where a linked record
 * of such an object is deleted, and another one where it was merged.
 */
export async function followMerged(pass: Pass, subjects: readonly Subject[]): Promise<readonly Subject[]> {
  if (!pass.open.mapping.isMergeable) return subjects;
  const gone = subjects.filter(isDeletedPair);
  if (gone.length === 0) return subjects;
  const masters = await readMasters(
    pass,
    gone.map(({ remote }) => remote.sfId),
  );
  const free = await unlinked(pass, [...new Set(masters.values())]);
  const { records } = await readLinked(pass.open, free);
  const winners = new Map(records.filter(({ isDeleted }) => !isDeleted).map((one) => [one.sfId, one]));
  const followed = new Map<string, Subject>();
  for (const subject of gone) {
    const winner = winners.get(masters.get(subject.remote.sfId) ?? '');
    if (!winner || (winner.externalId !== null && winner.externalId !== subject.localKey)) continue;
    // Of two that went into one, the first takes it.
    winners.delete(winner.sfId);
    followed.set(subject.localKey, followedBy(subject, winner));
  }
  return subjects.map((subject) => followed.get(subject.localKey) ?? subject);
}

type DeletedPair = Subject & { readonly link: Link; readonly remote: RemoteRecord };

const isDeletedPair = (subject: Subject): subject is DeletedPair => {
  const { link, remote } = subject;
  const isPair = link?.state === 'linked' && typeof remote !== 'string' && link.sfId === remote.sfId;
  return isPair && typeof remote !== 'string' && remote.isDeleted;
};

/** By the id of the record that went: that of the one which stayed. */
async function readMasters({ open }: Pass, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const { records } = await open.org.select({
    sObject: open.mapping.sfObject,
    fields: [MASTER_FIELD],
    where: { kind: 'ids', ids },
    includeDeleted: true,
  });
  return new Map(
    records.flatMap(({ Id, IsDeleted, [MASTER_FIELD]: master }) => {
      const [from, to] = [Id, master].map((id) => (typeof id === 'string' ? parseId(id) : undefined));
      return from !== undefined && to !== undefined && IsDeleted === true ? [[from, to] as const] : [];
    }),
  );
}

/** Those of the records that nothing is linked to. */
async function unlinked({ ports, open }: Pass, ids: readonly string[]): Promise<readonly string[]> {
  const { found, unreadable } = await readReadable(ids, (some) =>
    ports.syncStore.lookByIds(open.mapping.mappingId, some),
  );
  return ids.filter((id) => !found.has(id) && !unreadable.has(id));
}

/** The pair with the record that stayed. What was open was about the other one. */
function followedBy(subject: DeletedPair, winner: RemoteRecord): Subject {
  const { link, local } = subject;
  const { sfModstamp: _at, sfReadAt: _read, pending: _open, adjusted: _ours, ...kept } = link;
  const hasOldId = local !== 'missing' && local.sfId === link.sfId;
  return {
    ...subject,
    link: { ...kept, sfId: winner.sfId },
    local: hasOldId ? { ...local, sfId: null } : local,
    remote: winner,
    isMerged: true,
    isOldRow: false,
  };
}
