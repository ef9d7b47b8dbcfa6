import type { BulkState } from '../../contracts/bulk-steps.ts';
import { nowIso } from '../../contracts/clock.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import { type OpenMapping, openMapping } from '../reconciliation/open-mapping.ts';
import { failed, stoppedAsClosed, stoppedAsEnded } from './outcomes.ts';
import type { BulkPorts } from './ports.ts';

/** A job in mid-flight, with what a step works on. */
export interface OpenJob {
  readonly job: BulkJob;
  /** Salesforce's id of it. */
  readonly jobId: string;
  readonly open: OpenMapping;
}

const ENDED: ReadonlySet<BulkJob['state']> = new Set(['done', 'Failed', 'Aborted']);

/** Whether our record of the job is closed: no step has anything left to do for it. */
export const isEnded = (job: BulkJob): boolean => ENDED.has(job.state);

/** Whether the job has had its time: it is aborted then, whatever it has come to. */
export const isPastDeadline = (job: BulkJob, nowMs: number): boolean => nowMs > Date.parse(job.deadlineAt);

/**
 * Looks at the job before a step has any effect, and marks it as alive. A job that was aborted meanwhile is left alone,
 * even by an execution that runs on after it was stopped.
 *
 * @returns the job, or the state with which the step ends
 */
export async function openJob(
  ports: BulkPorts,
  state: BulkState,
): Promise<OpenJob | { readonly end: BulkState }> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  if (!job?.jobId) return { end: failed(state, 'The bulk job was never submitted.') };
  if (isEnded(job)) return { end: stoppedAsEnded(state, job) };
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return { end: stoppedAsClosed(state, open) };
  await ports.bulkJobs.update(job.bulkJobId, { updatedAt: nowIso(ports.clock) });
  return { job, jobId: job.jobId, open };
}
