import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import type { CsvRow } from '../../../contracts/salesforce.ts';
import { decodeRemotes } from '../../../sync/mapping/decode.ts';
import { addCounts, NO_COUNTS } from '../../ports/counts.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import { parkHeld, parkUnreadable, reconcileRecords } from '../../reconciliation/reconcile-records.ts';
import { inChunks } from '../in-chunks.ts';
import { type OpenJob, openJob } from '../open-job.ts';
import { failed, proceed, without } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';

/** What 200 records may take at the worst: a read and a write of Salesforce's slowest, and the commits. */
const CHUNK_RESERVE_MS = 60_000;

/**
 * Reconciles the staged page from its row on, 200 records at a time, until it ends or time runs short. Rows that are
 * in step cost nothing, so a page that is repeated after a kill soon comes to where it was.
 */
export async function reconcilePage(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const opened = await openJob(ports, state);
  if ('end' in opened) return opened.end;
  const { job, open } = opened;
  if (state.pageKey === undefined) return failed(state, 'There is no page to reconcile.');

  const startedAt = nowIso(ports.clock);
  const callsBefore = open.org.usage().calls;
  const firstRow = state.pageRow ?? 0;
  let row = firstRow;
  let counts = NO_COUNTS;
  let isCut = false;
  const rows = ports.csv.read(await ports.staging.get(state.pageKey));
  for await (const chunk of inChunks(rows, MAX_KEYS_PER_HINT, firstRow)) {
    // The first chunk is always done, so that every invocation makes progress.
    isCut = row > firstRow && ports.remainingMs() < CHUNK_RESERVE_MS;
    if (isCut) break;
    counts = addCounts(counts, await reconcileChunk(ports, opened, chunk));
    row += chunk.length;
  }
  counts = addCounts(counts, { calls: open.org.usage().calls - callsBefore });
  const { mappingId } = state;
  await ports.journal.recordRun({
    mappingId,
    runId: job.bulkJobId,
    cause: 'bulk-load',
    startedAt,
    endedAt: nowIso(ports.clock),
    counts,
  });
  return isCut
    ? proceed(state, 'more', { pageRow: row })
    : proceed(without(state, 'pageKey', 'pageRow'), 'done');
}

async function reconcileChunk(
  ports: BulkPorts,
  { job, open }: OpenJob,
  rows: readonly CsvRow[],
): Promise<RunCounts> {
  // Salesforce read the rows some time after the job was made: none of them is older than that.
  const readAt = job.jobCreatedAt ?? job.startedAt;
  const { records: remotes, unreadable } = decodeRemotes(open.mapping, rows, readAt);
  await parkUnreadable(ports, open, unreadable);
  const { counts, held } = await reconcileRecords(ports, open, {
    remotes,
    causesOf: () => [{ by: 'load', runId: job.bulkJobId }],
    bulkRun: { by: 'load', runId: job.bulkJobId },
  });
  // Another worker is writing these: they are parked and come back, the page does not wait for them.
  await parkHeld(ports, open, held);
  return counts;
}
