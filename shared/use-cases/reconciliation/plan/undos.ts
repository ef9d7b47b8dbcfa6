import type { Mapping } from '../../../sync/model/mapping.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import { epochMs } from '../../../sync/time.ts';
import { judged } from '../../../sync/undo/judged.ts';
import { isOwn } from '../../../sync/undo/past.ts';
import type { Undo, UndoScope } from '../../../sync/undo/undo.ts';
import { undoOf } from '../../../sync/undo/undo-of.ts';
import type { History } from '../../ports/history.ts';
import type { NamedPlan } from '../../ports/plans.ts';
import type { SyncStore } from '../../ports/sync-store.ts';
import type { Undos } from './dry-look.ts';

/** Of a record that was changed more often nothing is taken back whose values before are not among these. */
const MOST_LINES = 200;
/** Requests at once. */
const PARALLEL = 16;

interface Reading {
  readonly history: Pick<History, 'ofRecord'>;
  readonly syncStore: Pick<SyncStore, 'links'>;
}

/** What is to be taken back of some keys. */
export interface ReadUndos {
  /** By key, without those of which no change lies in the scope. */
  readonly undos: Undos;
  /** Keys of which this undo has written a side before: its page was interrupted. */
  readonly begun: ReadonlySet<string>;
}

/**
 * What an undo means for each of these keys, by their histories alone. One request a key, and one for their links. What
 * this undo has done itself counts for nothing, so that a page that was interrupted can be done again.
 *
 * @throws what the store threw
 */
export async function readUndos(
  { history, syncStore }: Reading,
  mapping: Mapping,
  plan: NamedPlan,
  scope: UndoScope,
  keys: readonly string[],
): Promise<ReadUndos> {
  const undos = new Map<string, Undo>();
  const begun = new Set<string>();
  const links = await syncStore.links(plan.mappingId, keys);
  for (const some of chunk(keys, PARALLEL)) {
    const all = await Promise.all(
      some.map(async (key) => {
        const lines = await history.ofRecord(plan.mappingId, key, MOST_LINES);
        if (lines.some((line) => isOwn(plan.planId, line))) begun.add(key);
        const others = judged(lines, scope, plan.planId).filter((line) => !line.isOwn);
        const isWhole = lines.length < MOST_LINES;
        const mayHideMore = !isWhole && epochMs(lines.at(-1)?.at ?? scope.from) >= epochMs(scope.from);
        const undo = undoOf(mapping, { lines: others, isWhole, mayHideMore });
        const kept = others.findIndex(({ isTaken }) => !isTaken);
        const oldest = others[(kept === -1 ? others.length : kept) - 1];
        return (
          undo && {
            ...undo,
            ...(undo.pair === 'delete' && { asOf: links.get(key)?.version ?? 0 }),
            ...(oldest && { toldSince: oldest.at }),
          }
        );
      }),
    );
    for (const [index, key] of some.entries()) {
      const undo = all[index];
      if (undo) undos.set(key, undo);
    }
  }
  return { undos, begun };
}
