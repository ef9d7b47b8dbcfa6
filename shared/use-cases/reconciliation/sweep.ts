import { nowIso } from '../../contracts/clock.ts';
import type { SweepHint } from '../../contracts/hints.ts';
import { PAGE_RESERVE_MS } from '../../contracts/lifetimes.ts';
import { decodeRemote, fieldsToRead } from '../../sync/mapping/decode.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import { chooseRoute } from '../../sync/plan/route.ts';
import { nextSweepFrom } from '../../sync/watermark/watermark.ts';
import { isEnded } from '../bulk/open-job.ts';
import type { BulkExecutions, BulkJobs } from '../ports/bulk-jobs.ts';
import { addCounts, NO_COUNTS } from '../ports/counts.ts';
import type { MappingStates, RunCounts } from '../ports/mapping-states.ts';
import type { RecordPage, RecordSelection } from '../ports/salesforce-org.ts';
import type { OpenMapping } from './open-mapping.ts';
import { parkHeld, type ReconcilePorts, reconcileRecords } from './reconcile-records.ts';

export interface SweepPorts extends ReconcilePorts {
  readonly mappingStates: Pick<MappingStates, 'finishPass' | 'setBulkJob' | 'setPushDue'>;
  readonly executions: BulkExecutions;
  readonly bulkJobs: Pick<BulkJobs, 'get'>;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
}

export type SweepOutcome =
  | { readonly kind: 'done'; readonly counts: RunCounts }
  /** Time is up: this hint carries the pass on. */
  | {
      readonly kind: 'continue';
      readonly counts: RunCounts;
      readonly hint: SweepHint;
    }
  /** The first load is a bulk job, or has just become one. */
  | { readonly kind: 'bulk' }
  /** The mapping names other records or fields than when the pass began. */
  | { readonly kind: 'outdated' };

/** A collection call and a hint take 200 records; a page comes in pieces of that. */
const RECORDS_AT_ONCE = 200;

/**
 * Pulls everything that changed since the mapping's watermark, with an overlap, and reconciles it; the first time,
 * everything there is, or a bulk job from the mapping's threshold on. Costs one call a page of 2,000, and nothing
 * more for rows that are in step.
 */
export async function sweep(ports: SweepPorts, open: OpenMapping, hint: SweepHint): Promise<SweepOutcome> {
  const { templateDigest } = open;
  if (hint.page && hint.page.template !== templateDigest) return { kind: 'outdated' };
  if (!hint.page && !open.state.watermark && (await startsBulkLoad(ports, open))) return { kind: 'bulk' };

  let page = await firstPage(open, hint);
  const startedAt = hint.page?.startedAt ?? page.readAt;
  let counts = NO_COUNTS;
  for (;;) {
    counts = addCounts(counts, await reconcilePage(ports, open, page));
    if (!page.next) break;
    if (ports.remainingMs() < PAGE_RESERVE_MS) {
      const next: SweepHint = { ...hint, page: { next: page.next, startedAt, template: templateDigest } };
      return { kind: 'continue', counts, hint: next };
    }
    page = await open.org.nextPage(page.next);
  }
  await startPushIfDue(ports, open, hint.runId);
  await ports.mappingStates.finishPass(open.mapping.mappingId, startedAt, nowIso(ports.clock));
  return { kind: 'done', counts };
}

/**
 * After a first pass, or when the connection was away: then local items have changed that no hint names any more. It
 * comes before the pass counts as done, so that a repeat of what was killed here starts the same push, which starts
 * but once.
 */
async function startPushIfDue(
  ports: SweepPorts,
  { mapping, state }: OpenMapping,
  runId: string,
): Promise<void> {
  const { mappingId, direction } = mapping;
  const isDue = !state.watermark || state.isPushDue;
  if (isDue && direction !== 'from-salesforce')
    await ports.executions.startPush({ bulkJobId: runId, mappingId });
  if (state.isPushDue) await ports.mappingStates.setPushDue(mappingId, false);
}

/** What a pass over the mapping reads; the first one reads everything. */
export function sweepSelection(mapping: Mapping, watermark: string | undefined): RecordSelection {
  return {
    sObject: mapping.sfObject,
    fields: fieldsToRead(mapping),
    where: watermark ? { kind: 'changed-since', since: nextSweepFrom(watermark) } : { kind: 'all' },
    ...(mapping.filter === undefined ? {} : { filter: mapping.filter }),
    // Deletions count as changes; a first load has no use for them.
    includeDeleted: watermark !== undefined,
  };
}

async function startsBulkLoad(ports: SweepPorts, open: OpenMapping): Promise<boolean> {
  const { mapping, state } = open;
  if (state.bulkJobId !== undefined && (await isUnderWay(ports, state.bulkJobId, mapping.mappingId)))
    return true;
  const records = await open.org.count(sweepSelection(mapping, undefined));
  if (chooseRoute(records, mapping.bulkThreshold) === 'rows') return false;
  // Never the run's id: a message that comes twice must not name a load that has ended since.
  const bulkJobId = ports.ids.next();
  await ports.mappingStates.setBulkJob(mapping.mappingId, bulkJobId);
  await ports.executions.startLoad({ bulkJobId, mappingId: mapping.mappingId });
  return true;
}

/** Whoever named the job may have died before it began, so it is begun again, which a name can be but once. */
async function isUnderWay(ports: SweepPorts, bulkJobId: string, mappingId: string): Promise<boolean> {
  const job = await ports.bulkJobs.get(bulkJobId);
  if (job && isEnded(job)) return false;
  await ports.executions.startLoad({ bulkJobId, mappingId });
  return true;
}

function firstPage(open: OpenMapping, hint: SweepHint): Promise<RecordPage> {
  if (hint.page) return open.org.nextPage(hint.page.next);
  return open.org.select(sweepSelection(open.mapping, open.state.watermark));
}

async function reconcilePage(ports: SweepPorts, open: OpenMapping, page: RecordPage): Promise<RunCounts> {
  let counts = NO_COUNTS;
  for (const records of chunk(page.records, RECORDS_AT_ONCE)) {
    const remotes = records.map((record) => decodeRemote(open.mapping, record, page.readAt));
    const reconciled = await reconcileRecords(ports, open, { remotes });
    await parkHeld(ports, open.mapping.mappingId, reconciled.held);
    counts = addCounts(counts, reconciled.counts);
  }
  return counts;
}
