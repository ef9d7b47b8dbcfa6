import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import type { CsvCells } from '../../../contracts/salesforce.ts';
import { isoOf } from '../../../contracts/time.ts';
import { unlinkedParents } from '../../../sync/mapping/references.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import { reconcile } from '../../../sync/reconcile/reconcile.ts';
import { announceCreate } from '../../../sync/reconcile/settle.ts';
import type { BulkJob } from '../../ports/bulk-jobs.ts';
import type { Commit } from '../../ports/sync-store.ts';
import type { OpenMapping } from '../../reconciliation/open-mapping.ts';
import { parentIdsOf } from '../../reconciliation/records/parents.ts';
import { isEnded, isPastDeadline } from '../open-job.ts';
import { failed, overdue, proceed, stoppedAsEnded, without } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { sendKeys } from '../send-keys.ts';
import { pushColumns, pushRow } from './push-csv.ts';
import { continuePush, csvKey, getKeys } from './push-parts.ts';

/** A part is a thousand commits and no call to Salesforce. */
const PART_RESERVE_MS = 40_000;
/** Bulk API 2.0 takes 150 MB after base64, so 100 MB raw; this leaves room for one more part. */
const MAX_STAGED_BYTES = 80_000_000;

/** A record that is announced, with the row that creates it. */
interface Announced {
  readonly rows: readonly CsvCells[];
  /** Not, or no longer, for this job. */
  readonly looks: readonly string[];
}

/**
 * Announces the records of the staged parts and writes their CSV, a part at a time, until all are done or time runs
 * short. The links are leased to the job until its deadline, so that nobody else writes them meanwhile.
 *
 * @param firstPart - the part to go on with
 */
export async function announceParts(
  ports: BulkPorts,
  state: BulkState,
  open: OpenMapping,
  firstPart: number,
): Promise<BulkState> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  if (!job) return failed(state, 'The bulk job is not known.');
  if (isEnded(job)) return stoppedAsEnded(state, job);
  if (isPastDeadline(job, ports.clock.nowMs())) return overdue(state);

  let records = state.records ?? 0;
  let bytes = await stagedBytes(ports, job, firstPart);
  for (let part = firstPart; part <= (state.pages ?? 0); part += 1) {
    if (part > firstPart && ports.remainingMs() < PART_RESERVE_MS) {
      return proceed(state, 'more', { pageRow: part, records });
    }
    const keys = await getKeys(ports, job.bulkJobId, part);
    // More than one job can carry: the worker takes the rest.
    const isFull = bytes >= MAX_STAGED_BYTES;
    const { rows, looks } = isFull ? { rows: [], looks: keys } : await announcePart(ports, open, job, keys);
    await sendKeys(ports, job.mappingId, looks, job.bulkJobId);
    const { bodyBytes } = await ports.staging.put(
      csvKey(job.bulkJobId, part),
      ports.csv.write(pushColumns(open.mapping), rows),
    );
    bytes += bodyBytes;
    records += rows.length;
    await ports.bulkJobs.update(job.bulkJobId, { updatedAt: nowIso(ports.clock) });
  }
  const announced = proceed(without(state, 'pageRow'), 'done', { records });
  return records > 0 ? announced : endWithoutJob(ports, announced);
}

/** Everything was taken by somebody else meanwhile. */
async function endWithoutJob(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  await continuePush(ports, state);
  await ports.bulkJobs.update(state.bulkJobId, { state: 'done', updatedAt: nowIso(ports.clock) });
  return proceed(state, 'nothing');
}

/** Bytes of the parts before this one; a part that is written again counts once. */
async function stagedBytes(ports: BulkPorts, job: BulkJob, firstPart: number): Promise<number> {
  const earlier = new Set(
    Array.from({ length: firstPart - 1 }, (_, index) => csvKey(job.bulkJobId, index + 1)),
  );
  const staged = await ports.staging.list(`${job.bulkJobId}/push/`);
  return staged.reduce((sum, { key, bodyBytes }) => sum + (earlier.has(key) ? bodyBytes : 0), 0);
}

async function announcePart(
  ports: BulkPorts,
  open: OpenMapping,
  job: BulkJob,
  keys: readonly string[],
): Promise<Announced> {
  const rows: CsvCells[] = [];
  const looks: string[] = [];
  for (const some of chunk(keys, MAX_KEYS_PER_HINT)) {
    const announced = await announceChunk(ports, open, job, some);
    rows.push(...announced.rows);
    looks.push(...announced.looks);
  }
  return { rows, looks };
}

async function announceChunk(
  ports: BulkPorts,
  { mapping, org }: OpenMapping,
  job: BulkJob,
  keys: readonly string[],
): Promise<Announced> {
  const sfNow = isoOf(ports.clock.nowMs() + org.clockSkewMs());
  const [links, { items }] = await Promise.all([
    ports.syncStore.links(mapping.mappingId, keys),
    ports.syncStore.items(mapping, keys),
  ]);
  const parents = await parentIdsOf(ports.syncStore, mapping, [
    ...[...items.values()].map(({ values }) => values),
    ...[...links.values()].map(({ pending = {} }) => pending),
  ]);
  const rows: CsvCells[] = [];
  const looks: string[] = [];
  const planned: { readonly row: CsvCells; readonly commit: Commit }[] = [];
  for (const key of keys) {
    const link = links.get(key);
    const before = rowAnnouncedBefore(link);
    const create = before ? undefined : planCreate(key, link, items.get(key));
    if (before) rows.push(before);
    else if (create) planned.push(create);
    else looks.push(key);
  }
  const outcomes = await ports.syncStore.commit(planned.map(({ commit }) => commit));
  planned.forEach(({ row, commit }, index) => {
    if (outcomes[index] === 'committed') rows.push(row);
    else looks.push(commit.link.localKey);
  });
  return { rows, looks };

  /** An earlier try of this step came this far: what was announced is what is sent, whatever the item is by now. */
  function rowAnnouncedBefore(link: Link | undefined): CsvCells | undefined {
    if (!link?.pending || link.lease?.owner !== job.bulkJobId) return undefined;
    return pushRow(mapping, link.localKey, link.pending, parents);
  }

  function planCreate(localKey: string, link: Link | undefined, item: LocalItem | undefined) {
    if (link || !item) return undefined;
    const unlinked = unlinkedParents(mapping, item.values, parents);
    const plan = reconcile({ mapping, local: item, remote: 'missing', unlinked });
    const row = plan.kind === 'create-remote' ? pushRow(mapping, localKey, plan.values, parents) : undefined;
    if (plan.kind !== 'create-remote' || !row) return undefined;
    const lease = { owner: job.bulkJobId, until: Date.parse(job.deadlineAt) };
    const commit: Commit = {
      mapping,
      link: announceCreate({ mapping, localKey, link: undefined }, plan, lease, sfNow),
      expectedVersion: 0,
    };
    return { row, commit };
  }
}
