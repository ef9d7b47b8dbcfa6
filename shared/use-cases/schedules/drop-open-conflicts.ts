import { chunk } from '../../sync/plan/chunk.ts';
import { withoutHeld } from '../../sync/reconcile/held.ts';
import type { OpenConflict, OpenConflicts } from '../ports/open-conflicts.ts';
import type { SyncStore } from '../ports/sync-store.ts';

export interface DropOpenConflictsPorts {
  readonly openConflicts: Pick<OpenConflicts, 'list' | 'change' | 'discard'>;
  readonly syncStore: Pick<SyncStore, 'links'>;
}

/** Entries that one tick drops of a mapping; the next time that it is due goes on. */
const DROPPED = 200;
const PARALLEL = 20;

/**
 * Drops what is held of a mapping that nobody wants any more, from the links too: were the mapping to come back, its
 * conflicts would be met and told of anew.
 */
export const dropOpenConflicts = async (ports: DropOpenConflictsPorts, mappingId: string): Promise<void> => {
  const { conflicts } = await ports.openConflicts.list({ mappingId, limit: DROPPED });
  const ofPairs = [...Map.groupBy(conflicts, ({ localKey }) => localKey)];
  for (const part of chunk(ofPairs, PARALLEL)) {
    await Promise.all(part.map(([localKey, listed]) => dropOne(ports, mappingId, localKey, listed)));
  }
};

const dropOne = async (
  { openConflicts, syncStore }: DropOpenConflictsPorts,
  mappingId: string,
  localKey: string,
  listed: readonly OpenConflict[],
): Promise<void> => {
  const link = (await syncStore.links(mappingId, [localKey])).get(localKey);
  if (!link?.held) return openConflicts.discard(listed);
  const { version, ...next } = withoutHeld(link);
  const remove = [...new Set([...link.held, ...listed].map(({ field }) => field))];
  // Whoever changed the link meanwhile was the last to do so: the next tick drops it.
  await openConflicts.change({
    link: next,
    expectedVersion: version,
    openConflicts: { put: [], remove },
  });
};
