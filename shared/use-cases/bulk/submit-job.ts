import type { BulkState } from '../../contracts/bulk-steps.ts';
import { nowIso } from '../../contracts/clock.ts';
import { BULK_DEADLINE_MS } from '../../contracts/lifetimes.ts';
import type { BulkJobInfo } from '../../contracts/salesforce.ts';
import { isoOf } from '../../contracts/time.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import type { OpenMapping } from '../reconciliation/open-mapping.ts';
import { isEnded, isPastDeadline } from './open-job.ts';
import { abortOrphans } from './orphans.ts';
import { overdue, proceed, stoppedAsEnded } from './outcomes.ts';
import type { BulkPorts } from './ports.ts';
import { waitSecondsOf } from './wait.ts';

/** Our record of a job that is about to be submitted; made once, whoever comes first. */
export async function ensureBulkJob(
  ports: Pick<BulkPorts, 'bulkJobs' | 'clock'>,
  state: BulkState,
  open: OpenMapping,
  kind: BulkJob['kind'],
): Promise<{ readonly job: BulkJob; readonly isNew: boolean }> {
  const startedAt = nowIso(ports.clock);
  const job: BulkJob = {
    bulkJobId: state.bulkJobId,
    mappingId: state.mappingId,
    connectionId: open.connection.connectionId,
    kind,
    state: 'submitting',
    sObject: open.mapping.sfObject,
    operation: kind === 'query' ? 'query' : 'upsert',
    startedAt,
    deadlineAt: isoOf(ports.clock.nowMs() + BULK_DEADLINE_MS),
    updatedAt: startedAt,
  };
  if (await ports.bulkJobs.create(job)) return { job, isNew: true };
  return { job: (await ports.bulkJobs.get(state.bulkJobId)) ?? job, isNew: false };
}

/**
 * Submits a job to Salesforce and remembers its id, at most once however often the step runs: an id that is known is
 * kept; a try that ended between submitting and remembering has left an orphan, which is aborted first.
 *
 * @param submit - makes the job in Salesforce; one call
 */
export async function submitJob(
  ports: BulkPorts,
  state: BulkState,
  open: OpenMapping,
  kind: BulkJob['kind'],
  submit: () => Promise<BulkJobInfo>,
): Promise<BulkState> {
  const { job, isNew } = await ensureBulkJob(ports, state, open, kind);
  if (isEnded(job)) return stoppedAsEnded(state, job);
  if (isPastDeadline(job, ports.clock.nowMs())) return overdue(state);
  if (job.jobId) return submitted(ports, state, job, job.jobId);
  if (!isNew) await abortOrphans(ports, open, job);
  const { jobId } = await submitAndRemember(ports, job, submit);
  return submitted(ports, state, job, jobId);
}

/** Makes the job in Salesforce and stores its id at once: what lies between the two is what leaves an orphan. */
export async function submitAndRemember(
  ports: BulkPorts,
  job: BulkJob,
  submit: () => Promise<BulkJobInfo>,
): Promise<BulkJobInfo> {
  const info = await submit();
  await ports.bulkJobs.update(job.bulkJobId, {
    state: info.state,
    jobId: info.jobId,
    jobCreatedAt: info.createdAt,
    updatedAt: nowIso(ports.clock),
  });
  return info;
}

function submitted(ports: BulkPorts, state: BulkState, job: BulkJob, jobId: string): BulkState {
  return proceed(state, 'submitted', { jobId, waitSeconds: waitSecondsOf(ports, job) });
}
