import type { Clock } from '../../contracts/clock.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { BulkExecutions } from '../ports/bulk-jobs.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { Conflict, Journal, Rejection, SyncRun } from '../ports/journal.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { Ids } from '../ports/runtime.ts';
import { mustConnection } from './connections.ts';
import { OperationRefused } from './errors.ts';

export interface MappingOperationsPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: Pick<MappingStates, 'get' | 'makeDue' | 'listOfConnection'>;
  readonly hints: HintQueue;
  readonly bulkExecutions: Pick<BulkExecutions, 'startPush'>;
  readonly journal: Pick<Journal, 'conflicts' | 'rejections' | 'runs'>;
  readonly parkedKeys: Pick<ParkedKeys, 'ofMapping'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<Ids, 'next'>;
}

interface OfMapping {
  readonly mappingId: string;
}

interface Listing extends OfMapping {
  readonly limit: number;
}

/** What the mappings of one connection have come to, with what is wrong with each. */
export const listMappings = async (
  { connections, mappingStates }: MappingOperationsPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<{ readonly mappings: readonly MappingState[] }> => {
  await mustConnection(connections, connectionId);
  return { mappings: await mappingStates.listOfConnection(connectionId) };
};

/** Sweeps a mapping now, whenever its next run is due; that one then follows after a whole interval. */
export const runNow = async (
  ports: MappingOperationsPorts,
  { mappingId }: OfMapping,
): Promise<{ readonly runId: string }> => {
  const { template } = await mustWork(ports, mappingId);
  const runId = ports.ids.next();
  await ports.hints.send([{ kind: 'sweep', mappingId, runId, isAsked: true }]);
  const nextRunMs = ports.clock.nowMs() + template.schedule.everyMinutes * 60_000;
  await ports.mappingStates.makeDue(mappingId, isoOf(nextRunMs));
  return { runId };
};

/** Starts a mass push of all local items of a mapping, as one bulk execution. */
export const pushNow = async (
  ports: MappingOperationsPorts,
  { mappingId }: OfMapping,
): Promise<{ readonly bulkJobId: string }> => {
  const { template, state } = await mustWork(ports, mappingId);
  if (template.direction === 'from-salesforce') {
    throw new OperationRefused(
      'WRONG_DIRECTION',
      `Mapping ${state.name} has the direction "from-salesforce": nothing is ever pushed.`,
    );
  }
  const bulkJobId = ports.ids.next();
  await ports.bulkExecutions.startPush({ bulkJobId, mappingId });
  return { bulkJobId };
};

/** The newest conflicts of a mapping; they hold field values. */
export const listConflicts = async (
  { journal }: MappingOperationsPorts,
  { mappingId, limit }: Listing,
): Promise<{ readonly conflicts: readonly Conflict[] }> => ({
  conflicts: await journal.conflicts(mappingId, limit),
});

/** The newest rejections of a mapping, or of `unassigned.{name}`; their messages may quote field values. */
export const listRejections = async (
  { journal }: MappingOperationsPorts,
  { mappingId, limit }: Listing,
): Promise<{ readonly rejections: readonly Rejection[] }> => ({
  rejections: await journal.rejections(mappingId, limit),
});

/** The newest runs of a mapping, with what each of them did. */
export const listRuns = async (
  { journal }: MappingOperationsPorts,
  { mappingId, limit }: Listing,
): Promise<{ readonly runs: readonly SyncRun[] }> => ({ runs: await journal.runs(mappingId, limit) });

/** Some keys of a mapping whose change was seen and not applied, with why and since when; they are keys of items. */
export const listWaiting = async (
  { parkedKeys }: MappingOperationsPorts,
  { mappingId, limit }: Listing,
): Promise<{ readonly waiting: readonly ParkedKey[] }> => ({
  waiting: await parkedKeys.ofMapping(mappingId, limit),
});

/** The mapping, if there is anything to be done with it now; else a refusal that says why. */
export const mustWork = async (
  { config, connections, mappingStates }: MappingOperationsPorts,
  mappingId: string,
): Promise<{ readonly state: MappingState; readonly template: MappingTemplate }> => {
  const state = await mappingStates.get(mappingId);
  const template = state && config.mappings[state.name];
  if (!state || !template) {
    throw new OperationRefused('UNKNOWN_MAPPING', `There is no mapping ${mappingId}.`);
  }
  const { status } = await mustConnection(connections, state.connectionId);
  if (status !== 'active') {
    throw new OperationRefused(
      'CONNECTION_NOT_ACTIVE',
      `Connection ${state.connectionId} is ${status}, so nothing can run for it.`,
    );
  }
  return { state, template };
};
