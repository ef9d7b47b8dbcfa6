import { type Clock, nowIso } from '../../contracts/clock.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { depthOf, mastersOf } from '../../sync/mapping/reference-graph.ts';
import { mappingIdOf, parseMappingId } from '../../sync/mapping/resolve.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { KeysLook } from './look.ts';
import type { OpenMapping } from './open-mapping.ts';

interface Ports {
  readonly config: Pick<SyncConfig, 'mappings'>;
  readonly mappingStates: Pick<MappingStates, 'get'>;
}

/** Time for a page or two of a master's load. */
export const MASTERS_WAIT_MS = 60_000;

/**
 * Whether a mapping's first pass is to wait for that of a mapping that its lookups lead to: its records would wait one by
 * one for parents that are on their way. A master whose passes come to nothing is not waited for.
 */
export async function waitsForMasters(
  { config, mappingStates }: Ports,
  { mapping, state }: OpenMapping,
): Promise<boolean> {
  if (state.pass || state.watermark) return false;
  const masters = mastersOf(config.mappings, mapping.name);
  const states = await Promise.all(
    masters.map((name) => mappingStates.get(mappingIdOf(mapping.connectionId, name))),
  );
  return states.some(
    (master) =>
      master?.status === 'loading' && !master.watermark && !master.trouble && master.isRetired !== true,
  );
}

/** Has those that waited for this mapping's first pass, which is over, begin theirs with the next tick. */
export async function letChildrenBegin(
  {
    config: { mappings },
    mappingStates,
    clock,
  }: {
    readonly config: Ports['config'];
    readonly mappingStates: Pick<MappingStates, 'get' | 'makeDueBy'>;
    readonly clock: Pick<Clock, 'nowMs'>;
  },
  { connectionId, name }: Pick<Mapping, 'connectionId' | 'name'>,
): Promise<void> {
  const children = Object.keys(mappings).filter((child) => mastersOf(mappings, child).includes(name));
  await Promise.all(
    children.map(async (child) => {
      const mappingId = mappingIdOf(connectionId, child);
      const state = await mappingStates.get(mappingId);
      if (state && mayBegin(state)) await mappingStates.makeDueBy(mappingId, nowIso(clock));
    }),
  );
}

/** Nothing of its first pass was done, and nothing else keeps it waiting. */
const mayBegin = ({ watermark, pass, bulkJobId, trouble }: MappingState): boolean =>
  [watermark, pass, bulkJobId, trouble].every((one) => one === undefined);

/**
 * The looks of one connection as one after the other has the least to wait for: what lives by `mastersFirst`, and what
 * was deleted after that the other way round. Salesforce may refuse to delete a record that others still lead to, or
 * deletes with it what leads to it. Among what lives, that which somebody waits for comes first.
 */
export const deletionsLast = <L extends { readonly look: KeysLook }>(
  config: Ports['config'],
  looks: readonly L[],
): readonly L[] => {
  const deletions = looks.filter(({ look }) => isOfDeletions(look));
  const others = looks.filter(({ look }) => !isOfDeletions(look));
  const isWaitedFor = ({ look }: L): boolean => look.work === 'interactive';
  const living = mastersFirst(config, others).toSorted(
    (a, b) => Number(isWaitedFor(b)) - Number(isWaitedFor(a)),
  );
  return [...living, ...mastersFirst(config, deletions).toReversed()];
};

const isOfDeletions = ({ localKeys, sfIds }: KeysLook): boolean =>
  sfIds.length === 0 && localKeys.every(({ isDeleted }) => isDeleted);

/** The looks of one connection, those of mappings that others refer to first. */
export const mastersFirst = <L extends { readonly look: { readonly mappingId: string } }>(
  { mappings }: Pick<SyncConfig, 'mappings'>,
  looks: readonly L[],
): readonly L[] => {
  const depth = ({ look }: L): number => depthOf(mappings, parseMappingId(look.mappingId)?.name ?? '');
  return looks.toSorted((a, b) => depth(a) - depth(b));
};
