import { isFoundByRefresh } from '../../../sync/full-sweep/formulas.ts';
import { judgeRecord } from '../../../sync/full-sweep/judge.ts';
import { decodeRemotes, fieldsToRead, type UnreadableRow } from '../../../sync/mapping/decode.ts';
import { derivedLocalKey } from '../../../sync/mapping/local-key.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { Pointer } from '../../ports/link-pages.ts';
import type { RecordSelection } from '../../ports/salesforce-org.ts';
import { IdsOutOfOrder } from '../errors.ts';
import { withParents } from '../records/parents.ts';
import { readLinked } from '../records/read-remote.ts';
import { type Compared, type Comparing, Found, keysOf, linksOf } from './compare.ts';

/** A row of the stream of records, with a value that could be read or without. */
interface Row {
  readonly sfId: string;
  readonly record?: RemoteRecord;
}

/** One query reads the records with 200 ids. */
const IDS_AT_ONCE = 200;

/**
 * The stream of a mapping's records in the order of their ids, as long as one invocation reads it. Salesforce keeps a
 * cursor for it meanwhile; the next invocation asks anew, from the id on that the sweep has come to.
 */
export class RecordStream {
  readonly #store: Comparing['ports']['syncStore'];
  readonly #open: Comparing['open'];
  #rows: Row[] = [];
  #next: string | undefined;
  #isBegun = false;

  constructor({ ports, open }: Pick<Comparing, 'ports' | 'open'>) {
    this.#store = ports.syncStore;
    this.#open = open;
  }

  /**
   * The rows that are read and not yet taken, after reading a page if there are none.
   *
   * @param after - only rows with a later id, where the stream is yet to begin
   * @returns them, and whether none follow
   * @throws IdsOutOfOrder where ids are not in the order in which they are compared here
   */
  async peek(
    after: string | undefined,
  ): Promise<{ readonly rows: readonly Row[]; readonly isLast: boolean }> {
    const { org, mapping } = this.#open;
    while (this.#rows.length === 0 && (!this.#isBegun || this.#next !== undefined)) {
      const page =
        this.#next === undefined
          ? await org.select(selectionAfter(mapping, after))
          : await org.nextPage(this.#next);
      this.#isBegun = true;
      this.#next = page.next;
      const { records, unreadable } = decodeRemotes(mapping, page.records, page.readAt);
      this.#rows = inOrder(await withParents(this.#store, mapping, records), unreadable, after);
    }
    return { rows: this.#rows, isLast: this.#next === undefined };
  }

  /** The rows up to and with this id are done with. */
  takeUpTo(sfId: string): void {
    this.#rows = this.#rows.filter((row) => row.sfId > sfId);
  }
}

/** The records of a mapping by their ids, all or from one on. */
export const selectionAfter = (mapping: Mapping, after: string | undefined): RecordSelection => ({
  sObject: mapping.sfObject,
  fields: fieldsToRead(mapping),
  where: { kind: 'by-id', ...(after !== undefined && { after }) },
  ...(mapping.filter !== undefined && { filter: mapping.filter }),
  ...(mapping.tracking && { tracking: mapping.tracking }),
});

function inOrder(
  records: readonly RemoteRecord[],
  unreadable: readonly UnreadableRow[],
  after: string | undefined,
): Row[] {
  // Each list is in the order of the page, so that one which is not shows.
  const isRising = (ids: readonly string[]) => ids.every((id, index) => id > (ids[index - 1] ?? after ?? ''));
  const ids = unreadable.flatMap(({ sfId }) => sfId ?? []);
  if (!isRising(records.map(({ sfId }) => sfId)) || !isRising(ids)) throw new IdsOutOfOrder();
  const rows = [
    ...records.map((record) => ({ sfId: record.sfId, record })),
    ...ids.map((sfId) => ({ sfId })),
  ];
  return rows.sort((a, b) => (a.sfId < b.sfId ? -1 : 1));
}

/**
 * Compares the next records with the links that their ids lead to, as a merge of two streams in the order of the ids:
 * what only one of them has is a record without a link, or a linked record that the query does not give. Those are read
 * by id, deleted ones too and whatever the filter says, which tells the rest. Costs a call a page of 2,000 records, and
 * one for each 200 linked records that the query did not give.
 */
export async function compareRecords(
  comparing: Comparing,
  stream: RecordStream,
  after: string | undefined,
): Promise<Compared> {
  const { ports, open } = comparing;
  const { mappingId } = open.mapping;
  const { rows, isLast } = await stream.peek(after);
  const lastId = isLast ? undefined : rows.at(-1)?.sfId;
  const range = { ...(after !== undefined && { after }), ...(lastId !== undefined && { upTo: lastId }) };
  const { pointers, end } = await ports.linkPages.pointers(mappingId, range);
  const upTo = end ?? lastId;
  const here = upTo === undefined ? rows : rows.filter(({ sfId }) => sfId <= upTo);

  const found = new Found();
  found.count('records', here.length);
  const known = await withLinks(comparing, pointers);
  const keyOf = new Map(pointers.map(({ sfId, localKey }) => [sfId, localKey]));
  for (const { sfId, record } of here) {
    const localKey = keyOf.get(sfId);
    if (localKey === undefined) continue;
    keyOf.delete(sfId);
    const link = known.links.get(localKey);
    if (record === undefined) {
      if (!comparing.isOfFormulas)
        found.add('unreadable', { sfId, localKey, linkVersion: link?.version ?? 0 });
    } else if (link?.sfId === sfId) note(comparing, found, link, record);
  }
  if (!comparing.isOfFormulas) {
    await noteUnlinked(
      comparing,
      found,
      here.filter(({ sfId }) => !known.pointed.has(sfId)),
    );
    await noteAstray(
      comparing,
      found,
      pointers.filter(({ localKey }) => known.astray.has(localKey)),
    );
    noteUnreadable(
      found,
      pointers.filter(({ localKey }) => known.unreadable.has(localKey)),
    );
  }
  // What is left of the pointers has no row.
  await noteNotGiven(
    comparing,
    found,
    [...keyOf].flatMap(([sfId, localKey]) => {
      const link = known.links.get(localKey);
      return link?.state === 'linked' && link.sfId === sfId ? [link] : [];
    }),
  );
  if (upTo === undefined)
    return comparing.isOfFormulas ? { found } : { found, next: { phase: 'links', bucket: 0 } };
  stream.takeUpTo(upTo);
  return { found, next: { phase: 'records', after: upTo } };
}

/** The links that pointers lead to; `astray` are keys without one. */
async function withLinks(comparing: Comparing, pointers: readonly Pointer[]) {
  const keys = pointers.map(({ localKey }) => localKey);
  const { found: links, unreadable } = await linksOf(comparing, keys);
  const astray = new Set(keys.filter((key) => !links.has(key) && !unreadable.has(key)));
  return { links, unreadable, astray, pointed: new Set(pointers.map(({ sfId }) => sfId)) };
}

function note(comparing: Comparing, found: Found, link: Link, record: RemoteRecord): void {
  const { ports, open } = comparing;
  const judged = judgeRecord(link, record, open.mapping, ports.clock.nowMs());
  if (comparing.isOfFormulas && !isFoundByRefresh(judged)) return;
  found.pairs.push({ link, record });
  if (judged === 'in-step' || judged === 'skip' || judged === 'tombstone') return;
  const { localKey, version: linkVersion } = link;
  found.add(judged, { localKey, sfId: record.sfId, linkVersion });
}

/** Records that no pointer leads from, after a second look: they may have been linked in this moment. */
async function noteUnlinked(comparing: Comparing, found: Found, rows: readonly Row[]): Promise<void> {
  const { connectionId, direction } = comparing.open.mapping;
  if (rows.length === 0) return;
  const now = await keysOf(
    comparing,
    rows.map(({ sfId }) => sfId),
  );
  const still = rows.filter(({ sfId }) => !now.found.has(sfId) && !now.unreadable.has(sfId));
  const claims = new Map(
    still.map(({ sfId, record }) => [sfId, record?.externalId ?? derivedLocalKey(connectionId, sfId)]),
  );
  const { found: links } = await linksOf(comparing, [...claims.values()]);
  for (const { sfId } of still) {
    // Its link lacks the pointer, which the links' turn finds and mends.
    if (links.get(claims.get(sfId) ?? '')?.sfId === sfId) continue;
    // A mapping that only goes to Salesforce takes no record in.
    if (direction !== 'to-salesforce') found.add('unlinked-record', { sfId, linkVersion: 0 });
  }
}

async function noteAstray(
  { ports, open }: Comparing,
  found: Found,
  pointers: readonly Pointer[],
): Promise<void> {
  for (const pointer of pointers) {
    if (await ports.linkPages.dropPointer(open.mapping.mappingId, pointer))
      found.add('pointer-astray', { sfId: pointer.sfId, linkVersion: 0 });
  }
}

function noteUnreadable(found: Found, pointers: readonly Pointer[]): void {
  for (const { sfId, localKey } of pointers) found.add('unreadable', { sfId, localKey, linkVersion: 0 });
}

/** Linked records that the query does not give: outside of the filter, deleted, or not to be seen. */
async function noteNotGiven(comparing: Comparing, found: Found, links: readonly Link[]): Promise<void> {
  const { mapping } = comparing.open;
  for (const some of chunk(links, IDS_AT_ONCE)) {
    const { records, unreadable } = await readLinked(
      comparing.open,
      some.flatMap(({ sfId }) => sfId ?? []),
    );
    const read = await withParents(comparing.ports.syncStore, mapping, records);
    const byId = new Map(read.map((record) => [record.sfId, record]));
    const bad = new Set(unreadable.map(({ sfId }) => sfId));
    for (const link of some) {
      const { localKey, sfId = '', version: linkVersion } = link;
      const record = byId.get(sfId);
      if (record) {
        if (!record.isDeleted && mapping.filter !== undefined) {
          found.count('outside-filter');
          found.unproven.push({ localKey, sfId, reason: 'outside-filter' });
        }
        note(comparing, found, link, record);
      } else if (!comparing.isOfFormulas)
        found.add(bad.has(sfId) ? 'unreadable' : 'record-not-given', { localKey, sfId, linkVersion });
    }
  }
}
