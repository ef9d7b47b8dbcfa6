import type { BulkState } from '../../contracts/bulk-steps.ts';
import { nowIso } from '../../contracts/clock.ts';
import { type Next, SyncError } from '../../contracts/next.ts';
import { isoOf } from '../../contracts/time.ts';
import { isTerminal } from '../../sync/bulk-job/transitions.ts';
import { configuredMapping, resolveMapping } from '../../sync/mapping/resolve.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import { BulkStepOutOfTime } from './errors.ts';
import { isEnded } from './open-job.ts';
import { abortOrphans } from './orphans.ts';
import { failed } from './outcomes.ts';
import type { BulkPorts } from './ports.ts';
import { releaseAnnounced } from './push/release-announced.ts';

/** What ending a job needs: links and hints, but no local items. */
export type AbortPorts = Pick<
  BulkPorts,
  | 'config'
  | 'connections'
  | 'mappingStates'
  | 'orgs'
  | 'clock'
  | 'ids'
  | 'syncStore'
  | 'staging'
  | 'hints'
  | 'bulkJobs'
  | 'remainingMs'
>;

/** No repetition of the abort would reach the job. */
const HOPELESS: ReadonlySet<Next['do']> = new Set(['reauthorize', 'drop', 'stop', 'recheck']);

/** A load that failed is tried again after this: an outage has time to pass, and a bad day sees few jobs. */
const LOAD_RETRY_MS = 30 * 60_000;

/**
 * Ends a job that failed: aborts it in Salesforce, gives back every record that it holds, and lets the mapping's load
 * be tried again. Where the connection cannot be used any more, Salesforce is left alone. A job that has ended already is
 * left as it is.
 *
 * @throws errors that pass with time: called again, by the execution or by the clean-up, it goes on
 */
export async function abort(ports: AbortPorts, state: BulkState): Promise<BulkState> {
  const job = await ports.bulkJobs.get(state.bulkJobId);
  const end = failed(state, state.reason ?? 'A step of the bulk job failed.');
  if (job && isEnded(job)) return end;
  if (job) {
    await abortInSalesforce(ports, job);
    await release(ports, job);
  }
  const wasLoad = await freeMapping(ports, state);
  // A push may fail before it has come to a job; a load is named by its mapping before it begins.
  if (job ? job.kind === 'ingest' : !wasLoad) await makePushDue(ports, state);
  if (job) await ports.bulkJobs.update(job.bulkJobId, { state: 'Aborted', updatedAt: nowIso(ports.clock) });
  return end;
}

async function abortInSalesforce(ports: AbortPorts, job: BulkJob): Promise<void> {
  try {
    const connection = await ports.connections.get(job.connectionId);
    if (connection?.status !== 'active') return;
    const org = await ports.orgs.open(job.connectionId, connection.tokenVersion);
    if (job.jobId === undefined) {
      await abortOrphans(ports, { connection, org }, job);
      return;
    }
    const { state } = await org.bulk.info(job.kind, job.jobId);
    if (!isTerminal(state)) await org.bulk.abort(job.kind, job.jobId);
  } catch (error) {
    // Neither a dead connection nor a job that Salesforce no longer knows may keep the records held.
    if (!(error instanceof SyncError) || !HOPELESS.has(error.next.do)) throw error;
  }
}

async function release(ports: AbortPorts, job: BulkJob): Promise<void> {
  const mapping = job.kind === 'ingest' ? await mappingOf(ports, job) : undefined;
  if (mapping && !(await releaseAnnounced(ports, mapping, job))) throw new BulkStepOutOfTime(job.bulkJobId);
}

/** The mapping as it was last checked, whether or not anything can be done with it now. */
async function mappingOf(ports: AbortPorts, job: BulkJob): Promise<Mapping | undefined> {
  const configured = configuredMapping(ports.config, job.mappingId);
  const state = await ports.mappingStates.get(job.mappingId);
  // A mapping that is gone leaves nobody who could want its records.
  if (!configured || !state) return undefined;
  const { name, template, table } = configured;
  const { fieldTypes = {} } = state;
  // No value is compared or written here, so the type of a field added since the last check does not matter.
  const types = Object.fromEntries(
    Object.values(template.fieldMap).map(({ field }) => [field, fieldTypes[field] ?? 'text']),
  );
  return resolveMapping(template, table, name, state, types);
}

/** What the push did not come to is pushed by the next one, which follows the next pass; a bad day sees few. */
async function makePushDue({ mappingStates, clock }: AbortPorts, { mappingId }: BulkState): Promise<void> {
  const mapping = await mappingStates.get(mappingId);
  if (mapping) await mappingStates.setPushDue(mappingId, nowIso(clock));
}

/** @returns whether the mapping waited for this job */
async function freeMapping(ports: AbortPorts, { bulkJobId, mappingId }: BulkState): Promise<boolean> {
  const mapping = await ports.mappingStates.get(mappingId);
  if (mapping?.bulkJobId !== bulkJobId) return false;
  await ports.mappingStates.makeDue(mappingId, isoOf(ports.clock.nowMs() + LOAD_RETRY_MS));
  await ports.mappingStates.setBulkJob(mappingId, undefined);
  return true;
}
