import { MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { InvariantError } from '../../sync/assert.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { BulkExecutions } from '../ports/bulk-jobs.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { MappingStates, RunCounts } from '../ports/mapping-states.ts';
import type { Overlays } from '../ports/overlay.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import type { OpenMapping } from '../reconciliation/open-mapping.ts';
import type { ReconcilePorts } from '../reconciliation/reconcile-records.ts';
import { makeDryOrg } from './dry-org.ts';
import { makeDryStore } from './dry-store.ts';
import { makeRehearsalLinks, rehearsalIdOf, rehearsedAmong } from './rehearsal-links.ts';

export interface RehearsePorts extends Omit<ReconcilePorts, 'mappingStates'> {
  readonly mappingStates: Pick<MappingStates, 'get'>;
  readonly overlays: Overlays;
  readonly executions: BulkExecutions;
}

/**
 * The ports and the org for work on a rehearsed mapping: the same work, of which nothing reaches either side. Items and
 * records that would have been written are overlaid, links are kept apart, deletions counted apart, and nobody outside
 * is told. What waits, what is rejected and how far passes have come stand where they always do: that is no write to a
 * side, and the first pass after a promotion goes over it.
 */
export function rehearse<P extends RehearsePorts>(
  ports: P,
  open: OpenMapping,
): { readonly ports: P; readonly open: OpenMapping } {
  const { mapping } = open;
  const { overlays: overlay, clock, syncStore, journal } = ports;
  const links = makeRehearsalLinks(syncStore, rehearsedAmong(ports.mappingStates, mapping.mappingId));
  const announced = new Map<string, string>();
  const store = makeDryStore({ links, store: syncStore, overlay, announced });
  const apart = rehearsalIdOf(mapping.mappingId);
  const dry: Partial<RehearsePorts> = {
    syncStore: store,
    guardStates: {
      get: ({ what }) => ports.guardStates.get({ mappingId: apart, what }),
      ofMapping: () => ports.guardStates.ofMapping(apart),
      put: ({ what }, state, version) => ports.guardStates.put({ mappingId: apart, what }, state, version),
    },
    linkLists: { countLiving: (_mappingId, atMost) => ports.linkLists.countLiving(apart, atMost) },
    journal: {
      conflicts: (...asked) => journal.conflicts(...asked),
      conflictsOf: (...asked) => journal.conflictsOf(...asked),
      rejections: (...asked) => journal.rejections(...asked),
      rejectionsPage: (...asked) => journal.rejectionsPage(...asked),
      rejectionsOf: (...asked) => journal.rejectionsOf(...asked),
      runs: (...asked) => journal.runs(...asked),
      run: (...asked) => journal.run(...asked),
      // No decision was carried out.
      recordConflicts: async () => undefined,
      recordRejections: (some) => journal.recordRejections(some),
      clearRejections: (...cleared) => journal.clearRejections(...cleared),
      recordRun: (run) => journal.recordRun({ ...run, counts: unwritten(run.counts) }),
    },
    events: { publish: async () => undefined },
    executions: {
      startPush: () => hintItems(ports, mapping),
      startLoad: () => {
        throw new InvariantError('a rehearsal reads row by row');
      },
    },
  };
  const org = makeDryOrg({ mapping, org: open.org, overlay, store: links, clock, announced });
  return { ports: { ...ports, ...dry }, open: { ...open, org } };
}

/** Counts without what was only written into an overlay. */
export const unwritten = (counts: RunCounts): RunCounts => ({
  ...counts,
  createdLocally: 0,
  updatedLocally: 0,
  deletedLocally: 0,
  createdInSalesforce: 0,
  updatedInSalesforce: 0,
  deletedInSalesforce: 0,
  conflicts: 0,
});

/** In the place of a push, whose bulk job would write: all items of the tenant are looked at, by hints. */
async function hintItems(
  { syncStore, hints }: { readonly syncStore: Pick<SyncStore, 'localKeysPage'>; readonly hints: HintQueue },
  mapping: Mapping,
): Promise<void> {
  const { mappingId } = mapping;
  let after: string | undefined;
  do {
    const page = await syncStore.localKeysPage(mapping, after);
    await hints.send(
      chunk(page.keys, MAX_KEYS_PER_HINT).map((keys) => ({
        kind: 'local-keys' as const,
        mappingId,
        keys: keys.map((key) => ({ key })),
      })),
    );
    after = page.next;
  } while (after !== undefined);
}
