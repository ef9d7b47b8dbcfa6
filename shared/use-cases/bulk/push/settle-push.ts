import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import { addCounts, NO_COUNTS } from '../../ports/counts.ts';
import { inChunks } from '../in-chunks.ts';
import { type OpenJob, openJob } from '../open-job.ts';
import { proceed, without } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { resultKey } from './push-parts.ts';
import { type ResultSet, SETTLE } from './settle-rows.ts';

/** 200 rows take two reads and their commits, and no call. */
const CHUNK_RESERVE_MS = 30_000;
const ORDER: readonly ResultSet[] = ['successful', 'failed', 'unprocessed'];

/**
 * Brings the links to what Salesforce made of the job's rows, one result set after the other, from the row where the
 * last invocation ended. Rows are told apart by their external id, since results come in an order of their own. A row
 * that was settled before has lost the job's lease, and is passed over. One call for each set.
 */
export async function settlePush(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const opened = await openJob(ports, state);
  if ('end' in opened) return opened.end;
  const set = state.resultSet ?? 'successful';
  const startedAt = nowIso(ports.clock);
  const callsBefore = opened.open.org.usage().calls;
  const firstRow = state.pageRow ?? 0;
  const key = resultKey(state.bulkJobId, set);
  if (state.pageKey !== key) await stage(ports, opened, set, key);

  let row = firstRow;
  let counts = NO_COUNTS;
  let isCut = false;
  for await (const rows of inChunks(
    ports.csv.read(await ports.staging.get(key)),
    MAX_KEYS_PER_HINT,
    firstRow,
  )) {
    isCut = row > firstRow && ports.remainingMs() < CHUNK_RESERVE_MS;
    if (isCut) break;
    counts = addCounts(counts, await SETTLE[set](ports, opened, rows));
    row += rows.length;
  }
  counts = addCounts(counts, { calls: opened.open.org.usage().calls - callsBefore });
  await ports.journal.recordRun({
    mappingId: state.mappingId,
    runId: state.bulkJobId,
    cause: 'bulk-push',
    startedAt,
    endedAt: nowIso(ports.clock),
    counts,
  });
  if (isCut) return proceed(state, 'more', { resultSet: set, pageKey: key, pageRow: row });
  const settled = set === 'failed' ? { ...state, failed: row } : state;
  return nextSet(settled, set);
}

async function stage(ports: BulkPorts, { open, jobId }: OpenJob, set: ResultSet, key: string): Promise<void> {
  await ports.staging.put(key, await open.org.bulk.ingestResults(jobId, set));
}

function nextSet(state: BulkState, set: ResultSet): BulkState {
  const next = ORDER[ORDER.indexOf(set) + 1];
  const rest = without(state, 'pageKey', 'pageRow', 'resultSet');
  return next === undefined ? proceed(rest, 'done') : proceed(rest, 'more', { resultSet: next });
}
