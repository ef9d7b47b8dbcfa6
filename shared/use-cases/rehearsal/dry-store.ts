import { canonicalJson } from '../../sync/canonical.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { OverlaidItem } from '../../sync/rehearsal/overlaid.ts';
import { overlaidItem, viewOfItem } from '../../sync/rehearsal/overlaid-item.ts';
import type { Overlay } from '../ports/overlay.ts';
import type { Commit, CommitOutcome, ItemWrite, SyncStore } from '../ports/sync-store.ts';

/** A commit whose item goes into the overlay, in one transaction with its link. Nothing was written, so no history tells of it. */
export type DryCommit = Omit<Commit, 'item' | 'conflicts' | 'openConflicts' | 'history'>;

/** Where the links of a dry run are: apart from the real ones. */
export interface DryLinks extends Pick<SyncStore, 'links' | 'localKeysOf' | 'look' | 'lookByIds'> {
  commit(commits: readonly DryCommit[]): Promise<readonly CommitOutcome[]>;
}

export interface DryStorePorts {
  readonly links: DryLinks;
  /** The real items. */
  readonly store: Pick<SyncStore, 'items' | 'localKeysWith' | 'localKeysPage'>;
  readonly overlay: Overlay;
  /** Is told of the keys of records that are about to be written. */
  readonly announced: Map<string, string>;
}

/** Links of their own, and items as they would be: reads are the real ones with what is overlaid, writes are overlaid. */
export function makeDryStore({ links, store, overlay, announced }: DryStorePorts): SyncStore {
  const itemsOf = (mapping: Mapping, localKeys: readonly string[]) =>
    readItems(store, overlay, mapping, localKeys);
  return {
    links: (mappingId, keys) => links.links(mappingId, keys),
    localKeysOf: (mappingId, sfIds) => links.localKeysOf(mappingId, sfIds),
    look: (mappingId, keys) => links.look(mappingId, keys),
    lookByIds: (mappingId, sfIds) => links.lookByIds(mappingId, sfIds),
    localKeysWith: (mapping, attribute, values) => store.localKeysWith(mapping, attribute, values),
    localKeysPage: (mapping, after) => store.localKeysPage(mapping, after),
    items: async (mapping, localKeys) => {
      const { items, foreign, invalid } = await itemsOf(mapping, localKeys);
      return { items, foreign, invalid };
    },
    commit: async (commits) => {
      const first = commits[0];
      if (first === undefined) return [];
      const keys = commits.flatMap(({ item, link }) => (item ? [link.localKey] : []));
      const now = await itemsOf(first.mapping, keys);
      const outcomes: (CommitOutcome | undefined)[] = commits.map((one) =>
        one.item && !mayWrite(one.item, now.items.get(one.link.localKey), isTaken(now, one))
          ? 'lost-race'
          : undefined,
      );
      const open = commits.filter((_, index) => outcomes[index] === undefined);
      for (const { link } of open) if (link.sfId !== undefined) announced.set(link.sfId, link.localKey);
      const committed = await links.commit(open.map((one) => dryCommit(one, now)));
      let next = 0;
      return outcomes.map((outcome) => outcome ?? (committed[next++] as CommitOutcome));
    },
  };
}

type Items = Awaited<ReturnType<SyncStore['items']>> & {
  readonly real: ReadonlyMap<string, LocalItem>;
  readonly overlaid: ReadonlyMap<string, OverlaidItem>;
};

async function readItems(
  store: DryStorePorts['store'],
  overlay: Overlay,
  mapping: Mapping,
  localKeys: readonly string[],
): Promise<Items> {
  if (localKeys.length === 0)
    return { items: new Map(), foreign: new Set(), invalid: new Map(), real: new Map(), overlaid: new Map() };
  const [real, pairs] = await Promise.all([
    store.items(mapping, localKeys),
    overlay.pairs(mapping.mappingId, localKeys),
  ]);
  const items = new Map<string, LocalItem>();
  const overlaid = new Map<string, OverlaidItem>();
  for (const key of localKeys) {
    const item = pairs.get(key)?.item;
    if (item) overlaid.set(key, item);
    if (real.foreign.has(key) || real.invalid.has(key)) continue;
    const view = viewOfItem(mapping, key, real.items.get(key) ?? 'missing', item);
    if (view !== 'missing') items.set(key, view);
  }
  return { items, foreign: real.foreign, invalid: real.invalid, real: real.items, overlaid };
}

const isTaken = ({ foreign, invalid }: Items, { link }: Commit): boolean =>
  foreign.has(link.localKey) || invalid.has(link.localKey);

/** As a transaction's condition says: the item is as it was read. */
const mayWrite = (write: ItemWrite, now: LocalItem | undefined, isTaken: boolean): boolean => {
  if (!('read' in write)) return now === undefined && !isTaken;
  return (
    now !== undefined &&
    canonicalJson([now.values, now.sfId]) === canonicalJson([write.read.values, write.read.sfId])
  );
};

function dryCommit(
  { item, conflicts: _, history: __, openConflicts, ...commit }: Commit,
  now: Items,
): DryCommit {
  const { localKey } = commit.link;
  const overlaid =
    item === undefined || item.kind === 'absent'
      ? undefined
      : overlaidItem(commit.mapping, now.real.get(localKey) ?? 'missing', now.overlaid.get(localKey), item);
  const held = openConflicts && (commit.link.held ?? []).map(({ field }) => field);
  if (!overlaid && !held) return commit;
  return { ...commit, overlaid: { localKey, ...(overlaid && { item: overlaid }), ...(held && { held }) } };
}
