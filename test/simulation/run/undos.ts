import { isDeepStrictEqual } from 'node:util';
import { must } from '../../../shared/sync/assert.ts';
import { getLeftovers, getPage } from '../../../shared/use-cases/reconciliation/plan/pages.ts';
import type { Violation } from '../oracles/violation.ts';
import { happeningsOf, type Scene } from '../people/happenings.ts';
import type { People } from '../people/people.ts';
import { randomOf } from '../turns/random.ts';
import { CONNECTIONS, fieldsOf, TABLE } from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { traced, tracedAt } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import type { Phase, Stage, Trouble } from './stage.ts';

type MakePhase = (change: Partial<Phase>) => Phase;
/** By key and attribute: what both sides have. */
type Sides = ReadonlyMap<string, unknown>;

const { connectionId: ORG, tenant: TENANT } = CONNECTIONS[2];
const MAPPING_ID = `${ORG}.contact`;
const REST_MS = 2 * 3_600_000;
/** Values of the schedule's own happenings end below. */
const FIRST_ID = 1_000;

/** What people do that is then undone: the mapping of the tenant with one org. */
const SCENE: Scene = {
  weights: {
    'local-edit': 5,
    'org-edit': 5,
    'local-clear': 2,
    'org-clear': 2,
    'local-new': 2,
    'org-new': 2,
    'local-delete': 2,
    'org-delete': 2,
    'org-undelete': 2,
    'org-merge': 1,
    calm: 8,
    time: 2,
  },
  length: 10,
  reach: 4,
  attributes: ['firstName', 'lastName', 'email'],
  sfFields: ['FirstName', 'LastName', 'Email'],
  orgs: [ORG],
};

/**
 * With everything at rest people do this and that; once it is at rest again it is undone, while workers die, and both
 * sides are as before; then the undo is undone, and they are as they had been. Keys of which the plan said that
 * something stays are left out, and so are those of which a conflict was decided: what lost may come back.
 */
export async function endInUndo(
  world: World,
  people: People,
  stage: Stage,
  phase: MakePhase,
  { seed, trouble }: { readonly seed: number; readonly trouble: Trouble },
): Promise<Violation[]> {
  const { clock, plans, recorded } = world;
  const rest = () => stage.run(phase({ restMs: REST_MS }));
  const violations: Violation[] = [];
  const first = sidesOf(world);
  clock.advance(60_000);
  const from = clock.now();
  const conflicts = recorded.length;
  const events = happeningsOf(randomOf(seed, 'undone'), SCENE).map((one) => ({
    ...one,
    id: FIRST_ID + one.id,
  }));
  await stage.run(phase({ events }));
  await rest();
  const second = sidesOf(world);
  const left = new Set(recorded.slice(conflicts).map(({ conflict }) => conflict.localKey));

  const undo = async (scope: { readonly from?: string; readonly runId?: string }, wanted: Sides) => {
    clock.advance(60_000);
    if (!(await people.undoing.ask(MAPPING_ID, scope)))
      return void violations.push({
        oracle: 'undo',
        text: `the undo of ${JSON.stringify(scope)} was not taken`,
      });
    await rest();
    for (const key of await keptBy(world)) left.add(key);
    await people.undoing.apply(MAPPING_ID);
    await stage.run(phase({ trouble, mustSettle: false }));
    await rest();
    if (!people.undoing.lastOf(MAPPING_ID))
      violations.push({
        oracle: 'undo',
        text: `the undo of ${JSON.stringify(scope)} did not come to its end`,
      });
    for (const key of await leftBy(world)) left.add(key);
    violations.push(...differences(wanted, sidesOf(world), left, scope.runId ? 'undone undo' : 'undo'));
  };
  await undo({ from }, first);
  if (violations.length === 0)
    await undo({ runId: must(plans.plans.get(MAPPING_ID), 'the undo').planId }, second);
  return violations;
}

/** Keys of which the plan says that something stays. */
async function keptBy({ plans, staging }: World): Promise<string[]> {
  const plan = must(plans.plans.get(MAPPING_ID), 'the undo');
  const kept: string[] = [];
  for (let page = 0; page < plan.pages; page += 1)
    for (const { key, actions } of (await getPage(staging, plan, page)).entries)
      if (actions.some(({ kind }) => kind === 'keep')) kept.push(key);
  return kept;
}

/** Keys that were not done as planned. */
async function leftBy({ plans, staging }: World): Promise<string[]> {
  const plan = must(plans.plans.get(MAPPING_ID), 'the undo');
  const left: string[] = [];
  for (let page = 0; page < plan.pages; page += 1)
    left.push(...(await getLeftovers(staging, plan, page).catch(() => [])).map(({ key }) => key));
  return left;
}

/** The mapped values of both sides, and whether a side is there. */
function sidesOf(world: World): Sides {
  const fields = fieldsOf(world.config, 'contact');
  const sides = new Map<string, unknown>();
  for (const key of world.syncStore.tables.keys(TABLE)) {
    const item = world.item(key);
    if (item?.tenantId !== TENANT) continue;
    sides.set(
      `${key} item`,
      fields.map(([attribute]) => tracedAt(item, attribute)),
    );
  }
  for (const record of world.contacts(ORG).filter(({ IsDeleted }) => !IsDeleted))
    sides.set(
      `${keyOfRecord(ORG, record)} record`,
      fields.map(([, field]) => traced(record.fields[field]) ?? null),
    );
  return sides;
}

const differences = (wanted: Sides, found: Sides, left: ReadonlySet<string>, what: string): Violation[] =>
  [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((side) => !left.has(side.split(' ')[0] ?? ''))
    .filter((side) => !isDeepStrictEqual(wanted.get(side), found.get(side)))
    .map((side) => ({
      oracle: 'undo',
      text: `after the ${what} ${side} is ${JSON.stringify(found.get(side))}, and was ${JSON.stringify(wanted.get(side))}`,
    }));
