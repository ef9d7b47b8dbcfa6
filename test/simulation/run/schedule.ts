import { watchBudget } from '../oracles/budget.ts';
import { watchCalls } from '../oracles/calls.ts';
import { carried, marks, stranded } from '../oracles/carried.ts';
import { convergence } from '../oracles/convergence.ts';
import { lostEdits, lostSetBacks, untrueConflicts } from '../oracles/edits.ts';
import {
  differencesLeft,
  unknownDeletions,
  unsweptMappings,
  untrueFindings,
} from '../oracles/full-sweeps.ts';
import { homeAndMaps } from '../oracles/going-out.ts';
import { heldConflicts, lostDecisions } from '../oracles/held.ts';
import { unexplainedFields, untrueLine } from '../oracles/history.ts';
import { defaultsForEdits, partedWays, unnamed, watchMaking } from '../oracles/making.ts';
import { needlessRevisions, stuckPasses, untoldTrouble, untrueRejections } from '../oracles/operators.ts';
import { unendedPlans, unplannedRevisions } from '../oracles/plans.ts';
import { ALONE, falseProofs } from '../oracles/proofs.ts';
import { matchedPairs, references } from '../oracles/references.ts';
import { atRest, returned, twins, untrueTombstones, wiped } from '../oracles/rest.ts';
import { halvesOfPairs, heedUndo, untrueEnd, untrueUndo } from '../oracles/undo.ts';
import type { Violation } from '../oracles/violation.ts';
import { falseReasons } from '../oracles/why.ts';
import type { Happening } from '../people/happenings.ts';
import { People } from '../people/people.ts';
import { Choices } from '../turns/choices.ts';
import { randomOf } from '../turns/random.ts';
import { CONNECTIONS, HIDEABLE, type WorldShape } from '../world/configs.ts';
import { storedState } from '../world/stored.ts';
import { World } from '../world/world.ts';
import { endInPlans, letBegin } from './plans.ts';
import { policyOf } from './policies.ts';
import { rehearse } from './rehearse.ts';
import { NeverEnds, type Phase, Stage, type Trouble } from './stage.ts';
import { sweepBesideEdits } from './sweep-beside-edits.ts';
import { endInUndo } from './undos.ts';

/** Everything that a schedule follows from. */
export interface Plan {
  readonly seed: number;
  readonly profile: string;
  readonly shape: WorldShape;
  readonly trouble: Trouble;
  readonly events: readonly Happening[];
  /** Answers of an earlier run, to repeat it or to make it simpler; without them the seed decides. */
  readonly choices?: readonly number[];
}

/** What became of a schedule. */
export interface Outcome {
  readonly violations: readonly Violation[];
  /** Of the trace and the final state. */
  readonly hash: string;
  readonly steps: number;
  readonly policy: string;
  readonly choices: readonly number[];
  readonly trace: readonly string[];
}

const HOUR_MS = 3_600_000;
/** Until then everything has to be at rest, the quiet at the end left out. */
const MAX_HOURS = 9;
/**
 * So long without any write it is taken for rest: every mapping has been swept meanwhile, from the beginning of a pass,
 * also one that had to end an older pass first.
 */
const QUIET_HOURS = 3;
/** A mapping whose sweeps the budget has stretched is swept again within a day. */
const QUIET_HOURS_EATEN = 26;
const NO_TROUBLE: Trouble = { death: 0, store: 0, org: 0, slow: 0 };

/** Runs one schedule from its beginning to rest, and looks at what is left. */
export async function runSchedule(plan: Plan, isTraced = false): Promise<Outcome> {
  const { seed, shape, trouble, events } = plan;
  const world = new World(shape);
  world.syncStore.onCommit = (commit, before) => {
    world.offences.push(...untrueLine(world, commit, before), ...untrueUndo(world, commit, before));
    heedUndo(world, commit);
  };
  world.undoEnds = (connectionId, link) => untrueEnd(world, connectionId, link);
  const people = new People(world);
  const choices = new Choices(plan.choices);
  const random = randomOf(seed, 'turns');
  const { name, policy } = policyOf(random);
  const stage = new Stage(world, people, choices, isTraced);
  const phase = (change: Partial<Phase>): Phase => ({
    policy,
    random,
    trouble: NO_TROUBLE,
    events: [],
    restMs: 0,
    mustSettle: true,
    ...change,
  });
  const violations: Violation[] = [];
  try {
    watchBudget(world);
    watchMaking(world);
    await furnish(world, people);
    const { length: furnished } = world.ledger.edits;
    if (shape.asksForPlans) await letBegin(people, stage, phase);
    if (shape.isLoaded) await stage.run(phase({ policy: () => 0, restMs: HOUR_MS }));
    await stage.run(phase({ trouble, events, mustSettle: false }));
    if (shape.isRehearsed) {
      const { edits, everDeleted, untraced } = world.ledger;
      const touched = new Set([
        ...[...edits.slice(furnished), ...untraced].map(({ record }) => record),
        ...[...everDeleted].map((name) => name.split(' ').at(-1) ?? ''),
      ]);
      violations.push(...(await rehearse(world, stage, phase, touched)));
    }
    violations.push(...(await settleUnmended(world, people, stage, phase)));
    violations.push(...(await settle(world, people, stage, phase, furnished, plan)));
  } catch (error) {
    violations.push(crashOf(error));
  }
  // Where something has happened that must never happen, the schedule stops, and nothing after it says anything.
  if (world.offences.length > 0) violations.splice(0, violations.length, ...world.offences);
  stage.hash.add(JSON.stringify(storedState(world)));
  return {
    violations,
    hash: stage.hash.value,
    steps: stage.steps,
    policy: name,
    choices: choices.made,
    trace: stage.trace,
  };
}

/** The records and items that are there from the start. */
async function furnish(world: World, people: People): Promise<void> {
  await world.enrol();
  world.byPerson(() => {
    for (let n = 0; n < world.shape.records; n += 1) {
      for (const { connectionId, tenant } of CONNECTIONS) {
        const key = world.shape.arePaired && tenant === 'globex' ? `globex-pair-${n}` : undefined;
        if (key !== undefined) {
          people.newItem(tenant, key, `${key}I`);
          people.fillItem(tenant, key, key);
        }
        people.newRecord(connectionId, `${connectionId}R${n}`, key);
      }
      if (n % 2 === 1)
        for (const tenant of ['acme', 'globex'] as const) people.newItem(tenant, `${tenant}-${n}`, `I${n}`);
    }
    if (world.shape.isMatched) people.parents.furnishPairs();
  });
  // Nobody told of what was there before.
  world.notifications.waiting.splice(0);
  for (const shard of world.stream.shards) shard.splice(0);
  world.clock.advance(60_000);
}

/** Whether the pair of a record belongs to another record by now. */
function isReplaced({ syncStore }: World, connectionId: string, sfId: string): boolean {
  const key = syncStore.pointers.get(`${connectionId}.contact#${sfId}`);
  const link = key === undefined ? undefined : syncStore.storedLinks.get(`${connectionId}.contact#${key}`);
  return link?.sfId !== undefined && link.sfId !== sfId;
}

type MakePhase = (change: Partial<Phase>) => Phase;

/** Until nothing is written any more: a pass that found an org away waits for its next turn, and for the one after. */
async function rest(world: World, stage: Stage, phase: MakePhase, quietHours = QUIET_HOURS): Promise<void> {
  const maxHours = MAX_HOURS + quietHours;
  for (let hour = 0, quiet = 0; hour < maxHours && quiet < quietHours; hour += 1) {
    const writes = writesOf(world);
    await stage.run(phase({ restMs: HOUR_MS }));
    quiet = writesOf(world) === writes ? quiet + 1 : 0;
  }
}

/**
 * Where a hidden field is left out, the others come into step without it, and so do the neighbours of a record with a
 * value that cannot be read: nobody has to mend anything first.
 */
async function settleUnmended(
  world: World,
  people: People,
  stage: Stage,
  phase: MakePhase,
): Promise<Violation[]> {
  const isHidden = CONNECTIONS.some(({ connectionId }) =>
    world.org(connectionId).isFieldHidden(HIDEABLE.field),
  );
  const isLeftOut = isHidden && world.shape.onDrift === 'leave-out';
  if (!isLeftOut && !people.hasSpoilt) return [];
  await rest(world, stage, phase);
  return convergence(world).map(({ text }) => ({ oracle: 'unmended', text }));
}

/** Every message is delivered, first without the help of any sweep, then with it; then nothing is done any more. */
async function settle(
  world: World,
  people: People,
  stage: Stage,
  phase: MakePhase,
  furnished: number,
  plan: Plan,
): Promise<Violation[]> {
  const { ledger, notifications, lostChanges, queue, shape } = world;
  const violations = untoldTrouble(world);
  await people.mend();
  queue.redrive();
  if (shape.asksForPlans) {
    violations.push(...unplannedRevisions(world));
    await letBegin(people, stage, phase);
  }
  queue.takesSweeps = false;
  queue.dropSweeps();
  await stage.run(phase({ restMs: 30 * HOUR_MS }));
  // What was there from the start has no hint.
  const hinted = new Set(ledger.edits.slice(furnished));
  const late = lostEdits(world, 'by-its-hint', (edit) => {
    const { place, record, hint } = edit;
    if (!hinted.has(edit) || !edit.isMapped) return false;
    // A hint that came while the field was left out found nothing to do; the pass that follows compares everything.
    if (world.wasFieldHidden && shape.onDrift === 'leave-out' && isHideable(edit.field)) return false;
    if (place === 'local') return (lostChanges.get(record) ?? 0) < hint;
    const way = `${place} ${record}`;
    if (ledger.hidden.has(way)) return false;
    // Undeleted after its item was made again: the pair is another record's, which the next sweep tells.
    if (isReplaced(world, place, record)) return false;
    // A record may have been outside of the filter when it was told of, and come in by a save that was not.
    const needed = world.shape.isFiltered ? (notifications.latest.get(way) ?? 0) : hint;
    return (notifications.told.get(way) ?? 0) >= needed;
  });

  violations.push(...late, ...lostDecisions(world));
  queue.takesSweeps = true;
  // Whoever knows that a stream has lost something starts a push.
  const isMendedElse = world.shape.endsInFullSweep || world.shape.endsInPlans;
  if (lostChanges.size > 0 && !isMendedElse) await people.pushAll();
  await rest(world, stage, phase, people.hasEaten ? QUIET_HOURS_EATEN : QUIET_HOURS);
  if (world.shape.endsInFullSweep) {
    // Nothing else helps, and once is enough.
    await people.fullSweepAll();
    await stage.run(phase({ restMs: QUIET_HOURS * HOUR_MS }));
    violations.push(...unsweptMappings(world), ...unknownDeletions(world), ...falseProofs(world, ALONE));
  }
  if (world.shape.endsInPlans) {
    violations.push(...(await endInPlans(world, people, stage, phase)));
    await rest(world, stage, phase);
  }
  if (world.shape.endsInUndo) {
    violations.push(...(await endInUndo(world, people, stage, phase, plan)));
    await rest(world, stage, phase);
  }
  violations.push(
    ...unendedPlans(world),
    ...convergence(world),
    ...lostEdits(world, 'lost', () => true),
    ...lostSetBacks(world),
    ...untrueConflicts(world),
    ...twins(world),
    ...returned(world),
    ...wiped(world),
    ...carried(world),
    ...marks(world),
    ...stranded(world),
    ...homeAndMaps(world),
    ...unexplainedFields(world),
    ...halvesOfPairs(world),
    ...untrueRejections(world),
    ...untrueFindings(world),
    ...heldConflicts(world),
    ...untrueTombstones(world),
    ...stuckPasses(world),
    ...needlessRevisions(world),
    ...references(world),
    ...matchedPairs(world),
    ...partedWays(world),
    ...unnamed(world),
    ...defaultsForEdits(world),
    ...(await falseReasons(world)),
  );

  const before = writesOf(world);
  const tooManyCalls = watchCalls(world);
  await stage.run(phase({ restMs: HOUR_MS }));
  violations.push(...atRest(world), ...tooManyCalls());
  if (writesOf(world) !== before) {
    violations.push({ oracle: 'bounded', text: 'writes go on after everything has settled' });
  }
  if (world.shape.endsInFullSweep) {
    await people.fullSweepAll();
    // A sweep that waits for another one goes on with its mapping's pass of the next hour.
    await stage.run(phase({ restMs: QUIET_HOURS * HOUR_MS }));
    violations.push(...unsweptMappings(world), ...differencesLeft(world), ...falseProofs(world));
    violations.push(...(await sweepBesideEdits(world, people, stage, phase)));
  }
  if (queue.deadLetters.length > 0) {
    violations.push({ oracle: 'dead-letter', text: JSON.stringify(queue.deadLetters[0]?.hint) });
  }
  return violations;
}

/** Writes of the sync's, on both sides. */
const writesOf = ({ orgs, localWrites }: World): number =>
  [...orgs.values()].reduce((sum, { writes }) => sum + writes, localWrites);

const crashOf = (error: unknown): Violation => {
  if (error instanceof NeverEnds) return { oracle: 'never-ends', text: error.message };
  return { oracle: 'crash', text: error instanceof Error ? (error.stack ?? error.message) : String(error) };
};

const isHideable = (field: string): boolean => field === HIDEABLE.field || field === HIDEABLE.attribute;
