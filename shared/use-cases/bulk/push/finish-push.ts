import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { openMapping } from '../../reconciliation/open-mapping.ts';
import { BulkStepOutOfTime } from '../errors.ts';
import { isEnded } from '../open-job.ts';
import { failed, proceed, stoppedAsClosed, stoppedAsEnded } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { bulkJobRejectionKey, continuePush } from './push-parts.ts';
import { releaseAnnounced } from './release-announced.ts';

/**
 * Last step of a push: no record stays held that none of the result sets spoke of, and what one job could not carry
 * becomes the next push. Each effect is the same when repeated.
 *
 * @throws BulkStepOutOfTime when there is more to release than one invocation can: the repeated step goes on
 */
export async function finishPush(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  if (!job) return failed(state, 'The bulk job is not known.');
  if (isEnded(job) && job.state !== 'done') {
    return stoppedAsEnded(state, job);
  }
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return stoppedAsClosed(state, open);
  if (!(await releaseAnnounced(ports, open.mapping, job))) throw new BulkStepOutOfTime(job.bulkJobId);
  await continuePush(ports, state);
  await ports.journal.clearRejections(state.mappingId, [bulkJobRejectionKey(job)]);
  await ports.bulkJobs.update(job.bulkJobId, { state: 'done', updatedAt: nowIso(ports.clock) });
  return proceed(state, 'done');
}
