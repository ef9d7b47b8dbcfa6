import type { BulkState } from '../../../contracts/bulk-steps.ts';
import type { BulkJobInfo } from '../../../contracts/salesforce.ts';
import { keyFieldOf } from '../../../sync/mapping/identity.ts';
import { type OpenMapping, openMapping } from '../../reconciliation/open-mapping.ts';
import { stoppedAsClosed } from '../outcomes.ts';
import type { BulkPorts } from '../ports.ts';
import { submitJob } from '../submit-job.ts';

/** Makes the ingest job of a push, still without data. Costs two calls, and one for each orphan of an earlier try. */
export async function submitPush(ports: BulkPorts, state: BulkState): Promise<BulkState> {
  const open = await openMapping(ports, state.mappingId);
  if (open.kind === 'closed') return stoppedAsClosed(state, open);
  return submitJob(ports, state, open, 'ingest', () => submitUpsert(open));
}

/** An upsert by the unique external id: whatever is sent twice, by any job, makes one record. */
export const submitUpsert = ({ mapping, org }: OpenMapping): Promise<BulkJobInfo> =>
  org.bulk.submitIngest({
    sObject: mapping.sfObject,
    operation: 'upsert',
    externalIdField: keyFieldOf(mapping),
  });
