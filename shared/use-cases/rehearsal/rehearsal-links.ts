import type { Link } from '../../sync/model/link.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import type { DryLinks } from './dry-store.ts';

/** The id under which the links of a rehearsal lie, apart from those of the mapping; no mapping has such a name. */
export const rehearsalIdOf = (mappingId: string): string => `${mappingId}~rehearsal`;

/** Whether links of a mapping are to be looked for among those of its rehearsal. */
export type IsRehearsed = (mappingId: string) => Promise<boolean>;

/** Asks once for each mapping: whose rehearsal is promoted in between is looked at again by its first pass. */
export function rehearsedAmong(mappingStates: Pick<MappingStates, 'get'>, own: string): IsRehearsed {
  const known = new Map<string, Promise<boolean>>([[own, Promise.resolve(true)]]);
  return (mappingId) => {
    const asked =
      known.get(mappingId) ?? mappingStates.get(mappingId).then((state) => state?.rehearsal !== undefined);
    known.set(mappingId, asked);
    return asked;
  };
}

/**
 * The links of a rehearsed mapping. Parents of another mapping that is rehearsed too are those of its rehearsal; what is
 * parked lies where it always does, since it only says what is to be looked at.
 */
export function makeRehearsalLinks(
  store: Pick<SyncStore, 'links' | 'localKeysOf' | 'look' | 'lookByIds' | 'commit'>,
  isRehearsed: IsRehearsed,
): DryLinks {
  const idOf = async (mappingId: string): Promise<string> =>
    (await isRehearsed(mappingId)) ? rehearsalIdOf(mappingId) : mappingId;
  const links: DryLinks['links'] = async (mappingId, keys) => {
    const found = await store.links(await idOf(mappingId), keys);
    return new Map([...found].map(([key, link]): [string, Link] => [key, { ...link, mappingId }]));
  };
  const localKeysOf: DryLinks['localKeysOf'] = async (mappingId, sfIds) =>
    store.localKeysOf(await idOf(mappingId), sfIds);
  return {
    links,
    localKeysOf,
    look: async (mappingId, keys) => {
      const [found, { parked }] = await Promise.all([links(mappingId, keys), store.look(mappingId, keys)]);
      return { found, parked };
    },
    lookByIds: async (mappingId, sfIds) => {
      const [found, { parked }] = await Promise.all([
        localKeysOf(mappingId, sfIds),
        store.lookByIds(mappingId, sfIds),
      ]);
      return { found, parked };
    },
    commit: (commits) =>
      store.commit(
        commits.map((commit) => ({
          ...commit,
          link: { ...commit.link, mappingId: rehearsalIdOf(commit.link.mappingId) },
        })),
      ),
  };
}
