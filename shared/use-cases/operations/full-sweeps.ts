import { FINDING_KINDS, type Finding, type FindingKind } from '../../sync/full-sweep/findings.ts';
import type { FullSweep, FullSweeps } from '../ports/full-sweeps.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { OperationRefused } from './errors.ts';
import { type MappingOperationsPorts, mustBeLive, mustWork } from './mappings.ts';

export interface FullSweepOperationsPorts extends MappingOperationsPorts {
  readonly fullSweeps: Pick<FullSweeps, 'get' | 'findings'>;
  readonly syncStore: Pick<SyncStore, 'links' | 'localKeysOf'>;
}

interface OfMapping {
  readonly mappingId: string;
}
/** Everything, or the fields that Salesforce computes. */
interface OfScope extends OfMapping {
  readonly scope?: 'formulas' | undefined;
}

/** A full sweep as an operator sees it. */
export type ShownFullSweep = Omit<
  FullSweep,
  'version' | 'place' | 'revision' | 'outcome' | 'digestKey' | 'buckets'
> & {
  /** `under-way`, `done`, or the code of what ended it before it had compared everything. */
  readonly outcome: string;
  /** What it compares now. */
  readonly phase: FullSweep['place']['phase'];
};

/** Begins a full sweep of a mapping, or has the one that is under way go on. */
export const startFullSweep = async (
  ports: FullSweepOperationsPorts,
  { mappingId, scope }: OfScope,
): Promise<{ readonly sweepId: string; readonly isUnderWay: boolean }> => {
  mustBeLive((await mustWork(ports, mappingId)).state);
  const known = await ports.fullSweeps.get(mappingId, scope);
  const isUnderWay = known !== undefined && known.endedAt === undefined;
  const sweepId = isUnderWay ? known.sweepId : ports.ids.next();
  await ports.hints.send([
    { kind: 'full-sweep', mappingId, sweepId, isAsked: true, ...(scope && { scope }) },
  ]);
  return { sweepId, isUnderWay };
};

/** The full sweep of a mapping that is under way, or the last one, with its counts by kind; none if there never was one. */
export const fullSweepStatus = async (
  { fullSweeps }: FullSweepOperationsPorts,
  { mappingId, scope }: OfScope,
): Promise<{ readonly fullSweep?: ShownFullSweep }> => {
  const sweep = await fullSweeps.get(mappingId, scope);
  if (!sweep) return {};
  const { version, place, revision, digestKey, buckets, outcome = 'under-way', ...shown } = sweep;
  return { fullSweep: { ...shown, outcome, phase: place.phase } };
};

/** What a full sweep found, and what came of it. */
export interface ShownFinding extends Omit<Finding, 'linkVersion'> {
  /** The pair has moved since: a look has linked it, brought it into step or made it a tombstone. */
  readonly isSettled: boolean;
}

/** A page of what the last full sweep of a mapping found; the keys in it are those of items. */
export const fullSweepFindings = async (
  { fullSweeps, syncStore }: FullSweepOperationsPorts,
  asked: OfMapping & {
    readonly kind?: FindingKind | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<{ readonly findings: readonly ShownFinding[]; readonly next?: string }> => {
  const { mappingId, kind, after, limit } = asked;
  const sweep = await fullSweeps.get(mappingId);
  if (!sweep) return { findings: [] };
  if (after !== undefined && !isPlace(after, kind))
    throw new OperationRefused('INVALID_INPUT', 'after must be the `next` of a page of the same kind.');
  const page = await fullSweeps.findings(sweep, {
    ...(kind !== undefined && { kind }),
    ...(after !== undefined && { after }),
    limit,
  });
  const links = await syncStore.links(
    mappingId,
    page.findings.flatMap(({ localKey }) => localKey ?? []),
  );
  const linked = await syncStore.localKeysOf(
    mappingId,
    page.findings.flatMap(({ localKey, sfId }) => (localKey === undefined ? (sfId ?? []) : [])),
  );
  const findings = page.findings.map(({ linkVersion, ...shown }) => {
    const { localKey, sfId = '' } = shown;
    const isSettled =
      localKey === undefined
        ? linked.has(sfId)
        : shown.kind === 'pointer-missing' || (links.get(localKey)?.version ?? 0) !== linkVersion;
    return { ...shown, isSettled };
  });
  return { findings, ...(page.next !== undefined && { next: page.next }) };
};

const isPlace = (after: string, kind: FindingKind | undefined): boolean =>
  (kind === undefined ? FINDING_KINDS : [kind]).some((one) => after.startsWith(`${one}#`));
