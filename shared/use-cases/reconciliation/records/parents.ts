import {
  lookedUpIds,
  type ParentIds,
  type ParentItem,
  type ParentKeys,
  parentItems,
  referencesOf,
  withParentKeys,
} from '../../../sync/mapping/references.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { FieldValues } from '../../../sync/model/values.ts';
import type { SyncStore } from '../../ports/sync-store.ts';

type Store = Pick<SyncStore, 'links' | 'localKeysOf'>;

/**
 * Records as they come from Salesforce, with local keys in the place of the ids in their lookups. One request for each
 * mapping that the lookups lead to, and none where there are no lookups.
 */
export async function withParents(
  store: Store,
  mapping: Mapping,
  records: readonly RemoteRecord[],
): Promise<readonly RemoteRecord[]> {
  if (records.length === 0 || referencesOf(mapping).length === 0) return records;
  const wanted = new Map<string, Set<string>>();
  for (const { sfId, targets } of records.flatMap(({ values }) => lookedUpIds(mapping, values)))
    for (const { mappingId } of targets)
      wanted.set(mappingId, (wanted.get(mappingId) ?? new Set()).add(sfId));
  const keys: ParentKeys = new Map(
    await Promise.all(
      [...wanted].map(
        async ([mappingId, ids]) => [mappingId, await store.localKeysOf(mappingId, [...ids])] as const,
      ),
    ),
  );
  return records.map((record) => ({ ...record, values: withParentKeys(mapping, record.values, keys) }));
}

/** The Salesforce ids of the parents that items name, as far as they are linked. One request a mapping of theirs. */
export async function parentIdsOf(
  store: Store,
  mapping: Mapping,
  items: readonly FieldValues[],
): Promise<ParentIds> {
  return linkedIds(
    store,
    items.flatMap((values) => parentItems(mapping, values)),
  );
}

/** The same of items that were named. */
export async function linkedIds(store: Store, parents: readonly ParentItem[]): Promise<ParentIds> {
  const wanted = Map.groupBy(parents, ({ mappingId }) => mappingId);
  return new Map(
    await Promise.all(
      [...wanted].map(async ([mappingId, some]) => {
        const links = await store.links(mappingId, [...new Set(some.map(({ key }) => key))]);
        const ids = [...links.values()].flatMap(({ localKey, state, sfId }) =>
          state === 'linked' && sfId !== undefined ? [[localKey, sfId] as const] : [],
        );
        return [mappingId, new Map(ids)] as const;
      }),
    ),
  );
}

/** What Salesforce says of a lookup whose record was deleted since its pair was read. */
const DEAD_PARENT: ReadonlySet<string> = new Set(['INVALID_CROSS_REFERENCE_KEY', 'ENTITY_IS_DELETED']);

/** Whether a refusal may come of a parent that is gone for now: one that comes back tells nobody. */
export const mayBeOfParent = (mapping: Mapping, code: string): boolean =>
  DEAD_PARENT.has(code) && referencesOf(mapping).length > 0;
