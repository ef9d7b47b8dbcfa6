import type { BulkState } from '../../contracts/bulk-steps.ts';
import { nowIso } from '../../contracts/clock.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import { type OpenMapping, openMapping } from '../reconciliation/open-mapping.ts';
import { failed, stopped } from './outcomes.ts';
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

/**
 * Looks at the job before a step has any effect: one that was aborted meanwhile is left alone, also by an execution that runs on after it was stopped. Marks the job as alive.
 *
 * @returns the job, or the state with which the step ends
 */
export async function openJob(
  ports: BulkPorts,
  state: BulkState,
): Promise<OpenJob | { readonly end: BulkState }> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  if (!job?.jobId) return { end: failed(state, 'The bulk job was never submitted.') };
  if (isEnded(job)) return { end: stopped(state, `The bulk job has ended already (${job.state}).`) };
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return { end: stopped(state, closedReason(open.reason)) };
  await ports.bulkJobs.update(job.bulkJobId, { updatedAt: nowIso(ports.clock) });
  return { job, jobId: job.jobId, open };
}

/** Why a mapping cannot be worked on, as a sentence. */
export const closedReason = (reason: string): string => `The mapping cannot be worked on now: ${reason}.`;
