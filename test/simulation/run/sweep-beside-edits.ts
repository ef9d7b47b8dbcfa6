import { unsweptMappings } from '../oracles/full-sweeps.ts';
import { falseProofs, type PairNames } from '../oracles/proofs.ts';
import type { Violation } from '../oracles/violation.ts';
import type { Happening } from '../people/happenings.ts';
import type { People } from '../people/people.ts';
import { CONNECTIONS } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import type { Phase, Stage } from './stage.ts';

/** Sweeps that wait for each other go on with their mappings' passes, each hour one. */
const LONG_ENOUGH_MS = 3 * 3_600_000;
/** Nothing else has such numbers: no two edits write the same value. */
const FIRST_ID = 900;

/** Records of the one tenant whose pairs have no other org, and their items, one after the other; every fourth item goes. */
const EDITS: readonly Happening[] = Array.from({ length: 8 }, (_, n): Happening => {
  const id = FIRST_ID + n;
  if (n % 4 === 3) return { id, what: 'local-delete', tenant: 'globex', n };
  return n % 3 === 2
    ? { id, what: 'local-edit', tenant: 'globex', n, field: 'firstName' }
    : { id, what: 'org-edit', org: 'c3', n, field: 'FirstName' };
});

/** While everything is compared once more, people edit and delete what was compared already, and are followed. */
export async function sweepBesideEdits(
  world: World,
  people: People,
  stage: Stage,
  phase: (change: Partial<Phase>) => Phase,
): Promise<Violation[]> {
  await people.fullSweepAll();
  await stage.run(phase({ restMs: LONG_ENOUGH_MS, events: EDITS }));
  return [...unsweptMappings(world), ...falseProofs(world, CONNECTIONS, (pair) => isSettled(world, pair))];
}

/** Nobody has written a side of the pair since the sweep began to look through the links, for those that have changed. */
const isSettled = (
  { linksTurnAtMs, writtenAtMs }: World,
  { mappingId, localKey, sfId }: PairNames,
): boolean => {
  const turnAtMs = linksTurnAtMs.get(mappingId) ?? Number.NEGATIVE_INFINITY;
  const sides = [`local ${localKey}`, `${mappingId.split('.')[0]} ${sfId}`];
  return sides.every((side) => (writtenAtMs.get(side) ?? Number.NEGATIVE_INFINITY) < turnAtMs);
};
