import { pollWaitSeconds } from '../../sync/bulk-job/polling.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import type { BulkPorts } from './ports.ts';

/** How long the next Wait state waits, by the job's age. */
export const waitSecondsOf = (ports: Pick<BulkPorts, 'clock'>, job: BulkJob): number =>
  pollWaitSeconds(Math.max(0, (ports.clock.nowMs() - Date.parse(job.startedAt)) / 1000));
