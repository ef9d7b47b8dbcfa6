import type { BulkState } from '../../contracts/bulk-steps.ts';
import { nowIso } from '../../contracts/clock.ts';
import type { BulkJobInfo } from '../../contracts/salesforce.ts';
import { mayFollow } from '../../sync/bulk-job/transitions.ts';
import { MOST_LOADED } from '../../sync/plan/route.ts';
import { BULK_REFUSED } from '../reconciliation/pass.ts';
import { isPastDeadline, type OpenJob, openJob } from './open-job.ts';
import { failed, overdue, proceed } from './outcomes.ts';
import type { BulkPorts } from './ports.ts';
import { bulkJobRejectionKey } from './push/push-parts.ts';
import { waitSecondsOf } from './wait.ts';

/**
 * Asks Salesforce how the job stands; one call. The job's deadline is looked at here, because an execution that is
 * stopped from outside has no other chance to end its job in good order.
 */
export async function poll(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const opened = await openJob(ports, state);
  if ('end' in opened) return opened.end;
  const { job, jobId, open } = opened;
  if (isPastDeadline(job, ports.clock.nowMs())) return overdue(state);
  const info = await open.org.bulk.info(job.kind, jobId);
  switch (info.state) {
    case 'JobComplete':
      await remember(ports, opened, info);
      if (job.kind === 'query' && (info.recordsProcessed ?? 0) > MOST_LOADED)
        return await tooMany(ports, state);
      return proceed(state, 'complete', {
        jobId,
        ...(job.kind === 'query' &&
          info.recordsProcessed !== undefined && { recordsFound: info.recordsProcessed }),
      });
    case 'Failed':
      await recordFailure(ports, opened, info);
      return failed(state, `Salesforce gave up the ${job.kind} job.`);
    case 'Aborted':
      return failed(state, `The ${job.kind} job was aborted in Salesforce.`);
    default:
      await remember(ports, opened, info);
      return proceed(state, 'running', { jobId, waitSeconds: waitSecondsOf(ports, job) });
  }
}

/** More than Salesforce could count before, and than one execution carries: the next pass reads the records row by row. */
async function tooMany(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  await ports.mappingStates.recordTrouble(state.mappingId, BULK_REFUSED, nowIso(ports.clock));
  return failed(state, `The query found more than ${MOST_LOADED} records; they are read row by row.`);
}

/** A late answer may speak of a state that is past. */
async function remember(ports: BulkPorts, { job }: OpenJob, info: BulkJobInfo): Promise<void> {
  const seen = mayFollow(job.state, info.state) ? { state: info.state } : {};
  await ports.bulkJobs.update(job.bulkJobId, { ...seen, updatedAt: nowIso(ports.clock) });
}

/** Salesforce's reason may quote a record's values: it goes where rejections are kept, not into the history. */
async function recordFailure(ports: BulkPorts, { job, open }: OpenJob, info: BulkJobInfo): Promise<void> {
  await ports.journal.recordRejections([
    {
      mappingId: open.mapping.mappingId,
      by: 'salesforce',
      key: bulkJobRejectionKey(job),
      code: 'BULK_JOB_FAILED',
      message: info.errorMessage ?? 'Salesforce gave no reason.',
      fields: [],
      at: nowIso(ports.clock),
    },
  ]);
}
