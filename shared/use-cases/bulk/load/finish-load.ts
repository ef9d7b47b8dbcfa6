import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { letChildrenBegin } from '../../reconciliation/masters-first.ts';
import { openMapping } from '../../reconciliation/open-mapping.ts';
import { nextWatermark } from '../../reconciliation/pass.ts';
import { isEnded } from '../open-job.ts';
import { failed, proceed, stoppedAsClosed, stoppedAsEnded } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { bulkJobRejectionKey, nextPushId } from '../push/push-parts.ts';

/**
 * Last step of a load: everything stamped before the job's creation has been seen, so sweeps go on from there; and a
 * mapping that also goes to Salesforce now pushes what exists only locally. Each effect is the same when repeated.
 */
export async function finishLoad(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  if (!job?.jobCreatedAt) return failed(state, 'The bulk job was never submitted.');
  if (isEnded(job) && job.state !== 'done') {
    return stoppedAsEnded(state, job);
  }
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return stoppedAsClosed(state, open);
  const { mapping } = open;

  const { revision, epoch } = open.state;
  const isSame = state.revision === revision?.revision && state.epoch === epoch;
  const since = {
    watermark: nextWatermark(open, { startedAt: job.jobCreatedAt }),
    followedUntil: job.jobCreatedAt,
  };
  const isDone = isSame && (await ports.mappingStates.finishPass(open.state, since, nowIso(ports.clock)));
  // The mapping names other records or fields by now: the next pass begins from nothing, at once.
  if (!isDone) await ports.mappingStates.makeDue(mapping.mappingId, nowIso(ports.clock));
  // Where this step is repeated, the pass may have been finished before, and nobody told.
  await letChildrenBegin(ports, mapping);
  if (mapping.direction !== 'from-salesforce') {
    await ports.executions.startPush({ bulkJobId: nextPushId(job.bulkJobId), mappingId: mapping.mappingId });
  }
  if (open.state.bulkJobId === job.bulkJobId) {
    await ports.mappingStates.setBulkJob(mapping.mappingId, undefined);
  }
  await ports.journal.clearRejections(mapping.mappingId, [bulkJobRejectionKey(job)]);
  await ports.bulkJobs.update(job.bulkJobId, { state: 'done', updatedAt: nowIso(ports.clock) });
  return proceed(state, 'done');
}
