import type { BulkState } from '../../../contracts/bulk-steps.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { SyncError } from '../../../contracts/next.ts';
import { type OpenMapping, openMapping } from '../../reconciliation/open-mapping.ts';
import { BULK_REFUSED, sweepSelection } from '../../reconciliation/pass.ts';
import { isEnded } from '../open-job.ts';
import { stopped, stoppedAsClosed, stoppedAsEnded } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { submitJob } from '../submit-job.ts';

/**
 * First step of a load: a query job over all records of the mapping. Until the load ends, the mapping names this job,
 * so that no second one begins. Costs one call; after a try that broke off, one more and one for each orphan.
 */
export async function submitLoad(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return stoppedAsClosed(state, open);
  const known = await ports.bulkJobs.get(state.bulkJobId);
  // A mapping must never name a job that nobody will end any more.
  if (known && isEnded(known)) return stoppedAsEnded(state, known);
  if (!(await claimMapping(ports, state, open))) {
    return stopped(state, 'Another load of this mapping is under way.');
  }
  const { revision, epoch } = open.state;
  const begun = { ...state, ...(revision && { revision: revision.revision }), epoch };
  return submitJob(ports, begun, open, 'query', async () => {
    try {
      return await open.org.bulk.submitQuery(sweepSelection(open.mapping, undefined));
    } catch (error) {
      await noteRefusal(ports, state.mappingId, error);
      throw error;
    }
  });
}

/** Bulk API does not know every object, and no description says which: the next pass reads the records row by row. */
async function noteRefusal(ports: BulkPorts, mappingId: string, error: unknown): Promise<void> {
  if (!(error instanceof SyncError) || error.next.do !== 'stop') return;
  await ports.mappingStates.recordTrouble(mappingId, BULK_REFUSED, nowIso(ports.clock));
}

/** Writes the job's name on the mapping, unless a job that is still under way has its name there. */
async function claimMapping(ports: BulkPorts, state: BulkState, open: OpenMapping): Promise<boolean> {
  const named = open.state.bulkJobId;
  if (named === state.bulkJobId) return true;
  const other = named === undefined ? undefined : await ports.bulkJobs.get(named);
  if (other && !isEnded(other)) return false;
  await ports.mappingStates.setBulkJob(state.mappingId, state.bulkJobId);
  return true;
}
