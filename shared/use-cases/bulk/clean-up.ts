import type { BulkState } from '../../contracts/bulk-steps.ts';
import { SyncError } from '../../contracts/next.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import { type AbortPorts, abort } from './abort.ts';
import { type MeterPorts, meterCalls } from './meter-calls.ts';
import { isPastDeadline } from './open-job.ts';

/** No execution stands behind these aborts, so their calls are counted here. */
export type CleanUpPorts = AbortPorts & Pick<MeterPorts, 'slots'>;

/**
 * Every step marks its job as alive, and no Wait state waits longer than a quarter of an hour: a job that was not
 * seen for this long has lost its execution.
 */
const QUIET_MS = 60 * 60_000;
/** Between our record of a job and Salesforce's id of it lies no Wait state, only steps and their repeats. */
const QUIET_SUBMITTING_MS = 15 * 60_000;
/** More open jobs than ever run at once; the next hour takes what is left over. */
const OPEN_JOBS_LIMIT = 200;

/** An execution that ended without reaching its own end: it timed out, was stopped, or failed for good. */
export interface EndedExecution {
  readonly bulkJobId: string;
  /** From the execution's input, for a job that was never recorded. */
  readonly mappingId?: string;
  readonly status: string;
}

/** Does what the execution could not do any more. Nothing, where its abort step was run. */
export async function cleanUpExecution(ports: CleanUpPorts, ended: EndedExecution): Promise<void> {
  const job = await ports.bulkJobs.get(ended.bulkJobId);
  const mappingId = job?.mappingId ?? ended.mappingId;
  if (mappingId === undefined) return;
  const reason = `The execution ended: ${ended.status}.`;
  await abortCounted(ports, { bulkJobId: ended.bulkJobId, mappingId, reason });
}

export interface CleanedUp {
  readonly aborted: readonly string[];
  /** Jobs whose abort failed; the next run tries again. */
  readonly left: readonly { readonly bulkJobId: string; readonly code: string }[];
}

/**
 * Aborts every open job whose time is up or whose execution is gone. A job that cannot be aborted does not hold up the
 * others.
 */
export async function cleanUpJobs(ports: CleanUpPorts): Promise<CleanedUp> {
  const aborted: string[] = [];
  const left: { bulkJobId: string; code: string }[] = [];
  const jobs = await ports.bulkJobs.open(OPEN_JOBS_LIMIT);
  for (const job of jobs.filter((one) => isLost(one, ports.clock.nowMs()))) {
    const { bulkJobId, mappingId } = job;
    try {
      await abortCounted(ports, {
        bulkJobId,
        mappingId,
        reason: 'The execution is gone, or its time was up.',
      });
      aborted.push(bulkJobId);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      left.push({ bulkJobId, code: error.code });
    }
  }
  return { aborted, left };
}

/** Job by job: a run that dies has counted those before. */
async function abortCounted(ports: CleanUpPorts, state: BulkState): Promise<void> {
  const meter = meterCalls(ports);
  try {
    await abort({ ...ports, connections: meter.connections, orgs: meter.orgs }, state);
  } finally {
    await meter.count();
  }
}

function isLost(job: BulkJob, nowMs: number): boolean {
  const quietMs = nowMs - Date.parse(job.updatedAt);
  const limitMs = job.jobId === undefined ? QUIET_SUBMITTING_MS : QUIET_MS;
  // A job that has come to its end in time may take longer than that to be reconciled.
  const isOverdue = job.state !== 'JobComplete' && isPastDeadline(job, nowMs);
  return isOverdue || quietMs > limitMs;
}
