import { leftovers, plansNotIn, sidesOf } from '../oracles/plans.ts';
import type { Violation } from '../oracles/violation.ts';
import type { People } from '../people/people.ts';
import type { World } from '../world/world.ts';
import type { Phase, Stage } from './stage.ts';

type MakePhase = (change: Partial<Phase>) => Phase;

/**
 * Of the tenant with one org: what a plan of one org of two does to an item is news to the other, whose look then does
 * what its own plan left.
 */
const isOfOne = (name: string): boolean => name.includes('c3');

/** Messages are worked off, and what waits for a moment has had it; nothing is swept. */
const WORKED_MS = 5 * 60_000;

/**
 * What nobody was told of is planned and applied: planning changes nothing, a key that is changed in between is left, a
 * plan of a mapping that is another by now does nothing; and then the sides are in step, by plans alone.
 */
export async function endInPlans(
  world: World,
  people: People,
  stage: Stage,
  phase: MakePhase,
): Promise<Violation[]> {
  const { queue } = world;
  const violations: Violation[] = [];
  queue.takesSweeps = false;
  queue.dropSweeps();
  const work = () => stage.run(phase({ restMs: WORKED_MS }));
  const plan = async () => {
    const before = sidesOf(world);
    await people.planning.planAll();
    await work();
    if (sidesOf(world) !== before)
      violations.push({ oracle: 'plan', text: 'planning has changed something' });
    violations.push(...plansNotIn(world, 'planned'));
  };

  people.editUnseen('P');
  await plan();
  const later = people.editUnseen('Q');
  await people.planning.applyAll();
  await work();
  for (const value of later.filter((one) => isOfOne(one)))
    if (JSON.stringify(world.syncStore.tables.keys('contacts').map((key) => world.item(key))).includes(value))
      violations.push({ oracle: 'plan', text: `${value} came in by a plan that did not know it` });
  violations.push(
    ...plansNotIn(world, 'applied'),
    ...leftovers(world, ({ mappingId, applying }) => {
      const { changed = 0, ...others } = applying?.leftovers ?? {};
      const isAsEdited = Object.keys(others).length === 0 && changed >= later.filter(isOfOne).length;
      return isAsEdited || !isOfOne(mappingId);
    }),
  );

  await plan();
  await people.planning.applyAll();
  await work();
  violations.push(
    ...plansNotIn(world, 'applied'),
    ...leftovers(
      world,
      ({ mappingId, applying }) => !isOfOne(mappingId) || Object.keys(applying?.leftovers ?? {}).length === 0,
    ),
  );

  const [now, next] = world.configs.map((config) => JSON.stringify(config.mappings.contact));
  if (now !== next && world.versions.join() === '0') {
    people.editUnseen('Z');
    await plan();
    await people.planning.applyAll();
    world.deploy();
    world.endOldVersion();
    const before = sidesOf(world);
    await work();
    if (sidesOf(world) !== before)
      violations.push({ oracle: 'plan', text: 'a plan of a mapping that has changed was applied' });
    await plan();
    await people.planning.applyAll();
    await work();
  }
  queue.takesSweeps = true;
  return violations;
}

/** What waits for a plan gets one: it is made, and applied as it is. */
export async function letBegin(people: People, stage: Stage, phase: MakePhase): Promise<void> {
  for (const act of [() => people.planning.planAll(), () => people.planning.applyAll()]) {
    await act();
    await stage.run(phase({ restMs: WORKED_MS }));
  }
}
