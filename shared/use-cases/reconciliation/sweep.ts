import { nowIso } from '../../contracts/clock.ts';
import type { SweepHint } from '../../contracts/hints.ts';
import { PAGE_RESERVE_MS } from '../../contracts/lifetimes.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { decodeRemotes } from '../../sync/mapping/decode.ts';
import type { RemoteRecord } from '../../sync/model/record.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import { chooseRoute } from '../../sync/plan/route.ts';
import { isEnded } from '../bulk/open-job.ts';
import type { BulkExecutions, BulkJobs } from '../ports/bulk-jobs.ts';
import { addCounts, NO_COUNTS } from '../ports/counts.ts';
import type { MappingState, MappingStates, RunCounts } from '../ports/mapping-states.ts';
import type { RecordPage } from '../ports/salesforce-org.ts';
import { CountedRowsMissing } from './errors.ts';
import { letChildrenBegin } from './masters-first.ts';
import { DEPLOYMENT_MS, type OpenMapping } from './open-mapping.ts';
import {
  advance,
  BULK_REFUSED,
  isWhole,
  nextWatermark,
  selectionOf,
  sweepSelection,
  underwayOf,
} from './pass.ts';
import {
  parkHeld,
  parkUnreadable,
  type ReconcileInput,
  type ReconcilePorts,
  reconcileRecords,
} from './reconcile-records.ts';

export interface SweepPorts extends ReconcilePorts {
  readonly config: SyncConfig;
  readonly mappingStates: Pick<
    MappingStates,
    'get' | 'advancePass' | 'finishPass' | 'setBulkJob' | 'clearPushDue' | 'expireCheck' | 'makeDueBy'
  >;
  readonly executions: BulkExecutions;
  readonly bulkJobs: Pick<BulkJobs, 'get'>;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
}

export type SweepOutcome =
  /** `isIdle`: it found nothing. */
  | { readonly kind: 'done'; readonly counts: RunCounts; readonly isIdle: boolean }
  /** Time is up: the pass goes on where it is, with the next hint. */
  | { readonly kind: 'continue'; readonly counts: RunCounts }
  /** Another function carries the pass on, or the mapping changed under it. */
  | { readonly kind: 'taken-over'; readonly counts: RunCounts }
  /** The first load is a bulk job, or has just become one. */
  | { readonly kind: 'bulk' };

/** A collection call and a hint take 200 records; a page comes in pieces of that. */
const RECORDS_AT_ONCE = 200;

/**
 * Pulls everything that changed since the mapping's watermark, with an overlap, and reconciles it; the first time,
 * everything there is, or a bulk job from the mapping's threshold on. A pass that was interrupted goes on after the last
 * record that it dealt with. Costs one call a page of 2,000, and nothing more for rows that are in step.
 *
 * @param first - the first page, where it was read with others (only of an `isOrdinary` sweep)
 * @throws PageRepeated, CountedRowsMissing, and what Salesforce or a store threw; the pass stays where it came to
 */
export async function sweep(
  ports: SweepPorts,
  open: OpenMapping,
  hint: SweepHint,
  first?: RecordPage,
): Promise<SweepOutcome> {
  const { pass, watermark } = open.state;
  const begun = pass || watermark ? undefined : await beginLoad(ports, open);
  if (begun === 'bulk') return { kind: 'bulk' };

  let page = first ?? (await open.org.select(selectionOf(open)));
  if (begun && begun.counted > 0 && page.records.length === 0 && page.next === undefined)
    throw new CountedRowsMissing();
  let underway = underwayOf(open, hint, page);
  let counts = NO_COUNTS;
  for (;;) {
    const { records: rows, unreadable } = decodeRemotes(open.mapping, page.records, page.readAt);
    await parkUnreadable(ports, open, unreadable);
    const pieces = chunk(rows, RECORDS_AT_ONCE);
    for (const [index, piece] of pieces.entries()) {
      counts = addCounts(counts, await reconcileRows(ports, open, piece, hint.runId));
      const isEnd = page.next === undefined && index === pieces.length - 1;
      if (isEnd || ports.remainingMs() >= PAGE_RESERVE_MS) continue;
      const moved = await advance(
        ports.mappingStates,
        underway,
        rows.slice(0, (index + 1) * RECORDS_AT_ONCE),
      );
      return { kind: moved ? 'continue' : 'taken-over', counts };
    }
    if (page.next === undefined) break;
    const moved = await advance(ports.mappingStates, underway, rows);
    if (!moved) return { kind: 'taken-over', counts };
    underway = moved;
    page = await open.org.nextPage(page.next);
  }
  await startPushIfDue(ports, open, underway.pass.passId);
  // What the turns before this one found is not counted here, and one that found nothing ends in its first.
  const isIdle = pass === undefined && foundNothing(counts);
  const isDone = await ports.mappingStates.finishPass(
    underway.basis,
    {
      watermark: nextWatermark(open, underway.pass),
      followedUntil: underway.pass.startedAt,
      isIdle,
    },
    nowIso(ports.clock),
  );
  if (!isDone) return { kind: 'taken-over', counts };
  if (!watermark) await letChildrenBegin(ports, open.mapping);
  return { kind: 'done', counts, isIdle };
}

/**
 * After a first pass, or when changes of local items went nowhere for a while: no hint names those any more. It comes
 * before the pass counts as done, so that a repeat of what was killed here starts the same push, which starts but once.
 */
async function startPushIfDue(
  ports: SweepPorts,
  { mapping, state }: OpenMapping,
  passId: string,
): Promise<void> {
  const { mappingId, direction } = mapping;
  const isDue =
    !state.watermark ||
    state.pushDueSince !== undefined ||
    isFirstAfterDeployment(state, ports.clock.nowMs());
  if (isDue && direction !== 'from-salesforce')
    await ports.executions.startPush({ bulkJobId: pushIdOf(state, passId), mappingId });
  if (state.pushDueSince !== undefined) await ports.mappingStates.clearPushDue(mappingId, state.pushDueSince);
}

/** Of another cause by another name, since the pass of a message that comes back late may meet one. */
const pushIdOf = ({ revision, epoch, pushDueSince }: MappingState, passId: string): string => {
  const due = pushDueSince === undefined ? [] : [Date.parse(pushDueSince)];
  return [passId, revision?.revision ?? 0, epoch, ...due].join('-');
};

/**
 * While a deployment replaced the functions, the one at the stream may still have gone by the fields of before, and
 * passed over changes of others.
 */
function isFirstAfterDeployment({ replaced, revision, lastRunAt }: MappingState, nowMs: number): boolean {
  if (!replaced || revision?.revision !== revision?.fieldsRevision) return false;
  const overAtMs = Date.parse(replaced.at) + DEPLOYMENT_MS;
  return nowMs >= overAtMs && (lastRunAt === undefined || Date.parse(lastRunAt) < overAtMs);
}

/** What a sweep looks back to and knows already is nothing new. */
const foundNothing = ({ read, unchanged, rejections }: RunCounts): boolean =>
  read === unchanged && rejections === 0;

/** Begins the first load as a bulk job, if that is its route; else how many records it has, where they were counted. */
async function beginLoad(
  ports: SweepPorts,
  open: OpenMapping,
): Promise<'bulk' | { readonly counted: number } | undefined> {
  const { mapping, state } = open;
  // A rehearsal has no bulk jobs: what they read or write is not overlaid.
  if (state.trouble?.code === BULK_REFUSED || state.rehearsal) return undefined;
  if (state.bulkJobId !== undefined && (await isUnderWay(ports, state.bulkJobId, mapping.mappingId)))
    return 'bulk';
  const records = await open.org.count(sweepSelection(mapping, undefined));
  if (records !== 'too-many' && chooseRoute(records, mapping.bulkThreshold) === 'rows')
    return { counted: records };
  // Never the run's id: a message that comes twice must not name a load that has ended since.
  const bulkJobId = ports.ids.next();
  await ports.mappingStates.setBulkJob(mapping.mappingId, bulkJobId);
  await ports.executions.startLoad({ bulkJobId, mappingId: mapping.mappingId });
  return 'bulk';
}

/** Whoever named the job may have died before it began, so it is begun again, which a name can be but once. */
async function isUnderWay(ports: SweepPorts, bulkJobId: string, mappingId: string): Promise<boolean> {
  const job = await ports.bulkJobs.get(bulkJobId);
  if (job && isEnded(job)) return false;
  await ports.executions.startLoad({ bulkJobId, mappingId });
  return true;
}

async function reconcileRows(
  ports: SweepPorts,
  open: OpenMapping,
  remotes: readonly RemoteRecord[],
  runId: string,
): Promise<RunCounts> {
  const causesOf = () => [{ by: 'sweep' as const, runId }];
  const input = await wanted(ports, open, remotes);
  const reconciled = await reconcileRecords(ports, open, { ...input, causesOf });
  await parkHeld(ports, open, reconciled.held);
  return reconciled.counts;
}

/** Whether a record that nothing is linked to meets the filter is for Salesforce to say: it is read by that once more. */
async function wanted(
  { syncStore }: SweepPorts,
  { mapping, state }: OpenMapping,
  remotes: readonly RemoteRecord[],
): Promise<ReconcileInput> {
  if (mapping.filter === undefined || isWhole(state)) return { remotes };
  const linked = await syncStore.localKeysOf(
    mapping.mappingId,
    remotes.map(({ sfId }) => sfId),
  );
  const isLinked = ({ sfId }: RemoteRecord) => linked.has(sfId);
  return {
    // What was told of a record that is deleted by now is taken back.
    remotes: remotes.filter((remote) => isLinked(remote) || remote.isDeleted),
    sfIds: remotes.filter((remote) => !isLinked(remote) && !remote.isDeleted).map(({ sfId }) => sfId),
  };
}
