import type { Clock } from '../../contracts/clock.ts';
import type { MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import type { FindingWeight } from '../../sync/mapping/check/finding.ts';
import { templateToGoBy } from '../../sync/mapping/running-template.ts';
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
import { listParked, type ParkedListing } from './list-parked.ts';
import { type MappingReport, reportOf } from './mapping-report.ts';
import { type ProofOperationsPorts, type ShownProof, showProof } from './proofs.ts';

export interface MappingOperationsPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly mappingStates: Pick<MappingStates, 'get' | 'makeDue' | 'expireCheck' | 'listOfConnection'>;
  readonly hints: HintQueue;
  readonly bulkExecutions: Pick<BulkExecutions, 'startPush'>;
  readonly journal: Pick<Journal, 'conflicts' | 'rejectionsPage' | 'runs'>;
  readonly parkedKeys: Pick<ParkedKeys, 'page'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<Ids, 'next'>;
}

interface OfMapping {
  readonly mappingId: string;
}

interface Listing extends OfMapping {
  readonly limit: number;
}

/** The state of a mapping, with its last check in short; `mappingReport` gives that whole. */
export type MappingSummary = Omit<MappingState, 'schema' | 'running' | 'foreseen'> & {
  /** A plan of what is deployed is to be applied: until then the mapping goes on as before, or waits if it is new. */
  readonly waitsForPlan?: 'goes-on-as-before' | 'waits';
  /** Attributes that are not synced as long as their fields do not fit. */
  readonly leftOut?: readonly string[];
  /** How many findings stop the mapping, are about one field, or are only to be known. */
  readonly findings?: Readonly<Record<FindingWeight, number>>;
  /** What its last full sweep has proven, in short. */
  readonly proof?: Pick<ShownProof, 'isProven' | 'from' | 'pairs'>;
};

/** What the mappings of one connection have come to, with what is wrong with each. */
export const listMappings = async (
  {
    config,
    connections,
    mappingStates,
    proofs,
  }: MappingOperationsPorts & Pick<ProofOperationsPorts, 'proofs'>,
  { connectionId }: { readonly connectionId: string },
): Promise<{ readonly mappings: readonly MappingSummary[] }> => {
  await mustConnection(connections, connectionId);
  const states = await mappingStates.listOfConnection(connectionId);
  const proven = await Promise.all(states.map(({ mappingId }) => showProof({ proofs }, { mappingId })));
  return {
    mappings: states.map((state, index) => ({
      ...summaryOf(state, config.mappings[state.name]),
      ...inShort(proven[index]?.proof),
    })),
  };
};

const inShort = (proof: ShownProof | undefined): Pick<MappingSummary, 'proof'> => {
  if (proof === undefined) return {};
  const { isProven, from, pairs } = proof;
  return { proof: { isProven, from, pairs } };
};

const summaryOf = (
  { schema, running, foreseen, ...state }: MappingState,
  template: MappingTemplate | undefined,
): MappingSummary => {
  const goesBy =
    template && !state.rehearsal && templateToGoBy(template, { ...state, ...(running && { running }) });
  const waits = goesBy && goesBy.kind !== 'deployed' && WAITS[goesBy.kind];
  const summary = { ...state, ...(waits && { waitsForPlan: waits }) };
  if (schema === undefined) return summary;
  const count = (weight: FindingWeight): number =>
    schema.findings.filter((finding) => finding.weight === weight).length;
  const findings = { stops: count('stops'), field: count('field'), notice: count('notice') };
  return { ...summary, findings, ...(schema.leftOut.length > 0 && { leftOut: schema.leftOut }) };
};

const WAITS = { running: 'goes-on-as-before', waits: 'waits' } as const;

/** All that the last check of a mapping found, field by field. */
export const mappingReport = async (
  { config, mappingStates }: MappingOperationsPorts,
  { mappingId }: OfMapping,
): Promise<MappingReport> => {
  const state = await mappingStates.get(mappingId);
  const template = state && config.mappings[state.name];
  if (!state || !template) throw unknownMapping(mappingId);
  return reportOf(state, template);
};

/** Checks a mapping against the org's schema, and sweeps it if it fits; within seconds, by the next free worker. */
export const checkNow = async (
  ports: MappingOperationsPorts,
  { mappingId }: OfMapping,
): Promise<{ readonly runId: string }> => {
  await mustWork(ports, mappingId);
  await ports.mappingStates.expireCheck(mappingId);
  return runNow(ports, { mappingId });
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
  mustBeLive(state);
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

/** The newest rejections of a mapping, or of `unassigned.{name}`, and where to go on; messages may quote values. */
export const listRejections = (
  { journal }: MappingOperationsPorts,
  { mappingId, limit, after }: ParkedListing,
): Promise<{ readonly rejections: readonly Rejection[]; readonly next?: string }> =>
  journal.rejectionsPage(mappingId, limit, after);

/** The newest runs of a mapping, with what each of them did. */
export const listRuns = async (
  { journal }: MappingOperationsPorts,
  { mappingId, limit }: Listing,
): Promise<{ readonly runs: readonly SyncRun[] }> => ({ runs: await journal.runs(mappingId, limit) });

/** Some keys of a mapping whose change was seen and not applied, with why and since when; they are keys of items. */
export const listWaiting = async (
  ports: MappingOperationsPorts,
  asked: ParkedListing,
): Promise<{ readonly waiting: readonly ParkedKey[]; readonly next?: string }> => {
  const { found, ...place } = await listParked(ports, asked);
  return { waiting: found.map(withoutImage), ...place };
};

/** The image is a digest of the item's values, which tells a person nothing. */
const withoutImage = (parked: ParkedKey): ParkedKey => {
  if (!parked.local) return parked;
  const { image: _, ...local } = parked.local;
  return { ...parked, local };
};

export const unknownMapping = (mappingId: string): OperationRefused =>
  new OperationRefused('UNKNOWN_MAPPING', `There is no mapping ${mappingId}.`);

/** @throws OperationRefused for a mapping that is rehearsed */
export const mustBeLive = ({ mappingId, rehearsal }: MappingState): void => {
  if (!rehearsal) return;
  throw new OperationRefused(
    'MAPPING_REHEARSED',
    `Mapping ${mappingId} is rehearsed and writes nothing: see rehearsal-report, and promote it first.`,
  );
};

/**
 * For what is no plan of the deployed template as it is: an undo is for what has run, and other policies let nothing
 * begin.
 *
 * @throws OperationRefused where work does not go by that template yet
 */
export const mustGoByDeployed = (template: MappingTemplate, state: MappingState): void => {
  if (templateToGoBy(template, state).kind === 'deployed') return;
  throw new OperationRefused(
    'PLAN_REQUIRED',
    `Mapping ${state.mappingId} was changed, and waits for a plan of that change. Make one with plan, apply it with apply-plan, and ask again.`,
  );
};

/** The mapping, if there is anything to be done with it now; else a refusal that says why. */
export const mustWork = async (
  { config, connections, mappingStates }: MappingOperationsPorts,
  mappingId: string,
): Promise<{ readonly state: MappingState; readonly template: MappingTemplate }> => {
  const state = await mappingStates.get(mappingId);
  const template = state && config.mappings[state.name];
  if (!state || !template) {
    throw unknownMapping(mappingId);
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
