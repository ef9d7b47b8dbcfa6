import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ConflictPolicy } from '../../../../shared/contracts/sync-config.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import { REASONS } from '../../../../shared/sync/reconcile/plan.ts';
import { aField, aLink, aMapping } from '../../../builders/sync.ts';
import { adjusted, nowIn, runAlone, saveRemote, type World, worker } from './world.ts';

const FIELDS = ['a', 'b'] as const;
const WORKERS = ['w1', 'w2'] as const;

type Side = 'local' | 'remote';
type Action =
  | {
      readonly do: 'edit';
      readonly side: Side;
      readonly field: (typeof FIELDS)[number];
      readonly loud: boolean;
    }
  | { readonly do: 'step'; readonly worker: (typeof WORKERS)[number]; readonly steps: number }
  | { readonly do: 'crash'; readonly worker: (typeof WORKERS)[number] };

const edits = (side: Side) =>
  fc.record({
    do: fc.constant('edit' as const),
    side: fc.constant(side),
    field: fc.constantFrom(...FIELDS),
    loud: fc.boolean(),
  });

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 1, arbitrary: edits('local') },
    { weight: 1, arbitrary: edits('remote') },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('step' as const),
        worker: fc.constantFrom(...WORKERS),
        // To the end, often: what follows is then about whole passes and not only about their beginnings.
        steps: fc.integer({ min: 1, max: 9 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('crash' as const), worker: fc.constantFrom(...WORKERS) }),
    },
  ),
  { minLength: 4, maxLength: 30, size: 'max' },
);

type Start = 'linked' | 'local only' | 'remote only';

const BEGIN: FieldValues = { a: 'a0', b: 'b0' };

const aWorld = (policy: ConflictPolicy, start: Start): World => {
  const fields = FIELDS.map((localField) => aField({ localField, conflictPolicy: policy }));
  const world: World = {
    mapping: aMapping({ fields }),
    second: 0,
    local: start === 'remote only' ? undefined : BEGIN,
    localChangedAt: undefined,
    remote: undefined,
    remoteCreations: start === 'local only' ? 0 : 1,
    link: undefined,
    conflicts: [],
    living: new Set(),
    writes: 0,
  };
  if (start !== 'local only') saveRemote(world, BEGIN);
  if (start === 'linked') world.link = aLink({ base: BEGIN });
  return world;
};

const hasCrash = (script: readonly Action[]): boolean => script.some((action) => action.do === 'crash');

/** The last edit of each side, by field; a side that never edited has none. */
type LastEdits = Record<Side, Record<string, string>>;

const perform = (world: World, script: readonly Action[]): LastEdits => {
  // Whether a record under our key is the one that a dead worker made cannot be told once somebody has edited it, so
  // what the item was born with counts as an edit.
  const last: LastEdits = { local: world.remote === undefined ? { a: 'a0', b: 'b0' } : {}, remote: {} };
  const running = new Map<string, Generator<void, void, void>>();
  for (const [index, action] of script.entries()) {
    world.second += 1;
    if (action.do === 'edit') {
      const value = `${action.side}${index}${action.loud ? '!' : ''}`;
      if (edit(world, action.side, action.field, value)) last[action.side][action.field] = value;
      continue;
    }
    if (action.do === 'crash') {
      running.delete(action.worker);
      world.living.delete(action.worker);
      continue;
    }
    world.living.add(action.worker);
    const run = running.get(action.worker) ?? worker(world, action.worker);
    running.set(action.worker, run);
    for (let step = 0; step < action.steps && running.has(action.worker); step += 1) {
      if (run.next().done) running.delete(action.worker);
    }
  }
  if (!hasCrash(script)) {
    for (const run of running.values()) while (!run.next().done) world.second += 1;
  }
  world.living.clear();
  return last;
};

const edit = (world: World, side: Side, field: string, value: string): boolean => {
  if (side === 'remote') {
    if (world.remote === undefined) return false;
    saveRemote(world, { [field]: value });
    return true;
  }
  if (world.local === undefined) return false;
  world.local = { ...world.local, [field]: value };
  world.localChangedAt = nowIn(world);
  return true;
};

/** Passes without a write settle it; more than this many with one would be a loop. */
const settle = (world: World): void => {
  for (let pass = 0; pass < 6; pass += 1) {
    const { version } = world.link ?? {};
    if (runAlone(world) === 0 && world.link?.version === version) return;
  }
  throw new Error('the pair does not come to rest');
};

/**
 * Triggers change what is written only where no worker dies: what a trigger made of a write whose answer was lost
 * cannot be told from somebody's edit.
 */
const withoutBoth = (script: readonly Action[]): readonly Action[] =>
  hasCrash(script)
    ? script.map((action) => (action.do === 'edit' ? { ...action, loud: false } : action))
    : script;

const worlds = fc.record({
  policy: fc.constantFrom('last-write-wins' as const, 'salesforce-wins' as const, 'local-wins' as const),
  start: fc.constantFrom('linked' as const, 'local only' as const, 'remote only' as const),
  script: fc.oneof(
    actions.map(withoutBoth),
    actions.map((script) => script.filter((action) => action.do !== 'crash')),
  ),
});

const RUNS = { numRuns: 1500 };

describe('two workers that may die between any two steps, while both sides edit', () => {
  test('the sides come to rest in agreement, and no record has a twin', () => {
    fc.assert(
      fc.property(worlds, ({ policy, start, script }) => {
        const world = aWorld(policy, start);
        perform(world, script);
        settle(world);

        expect(world.local).toEqual(world.remote?.values);
        expect(world.link?.base).toEqual(world.local);
        expect(world.link?.pending).toBeUndefined();
        expect(world.remoteCreations).toBe(1);
      }),
      RUNS,
    );
  });

  test('an edit of a field that one side alone edits is never lost and never in conflict', () => {
    fc.assert(
      fc.property(worlds, ({ policy, start, script }) => {
        const world = aWorld(policy, start);
        const last = perform(world, script);
        settle(world);

        for (const field of FIELDS) {
          const [local, remote] = [last.local[field], last.remote[field]];
          if (local !== undefined && remote !== undefined) continue;
          const only = local ?? remote ?? BEGIN[field] ?? null;
          expect(world.local?.[field]).toBe(adjusted({ [field]: only })[field]);
          // Of a write whose outcome nobody knows, it is recorded that there may have been one.
          const known = world.conflicts.filter(({ reason }) => reason !== REASONS.outcomeUnknown);
          expect(known.filter((conflict) => conflict.field === field)).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  test('a field that both edit ends as the last edit of one of them', () => {
    fc.assert(
      fc.property(worlds, ({ policy, start, script }) => {
        const world = aWorld(policy, start);
        const last = perform(world, script);
        settle(world);

        for (const field of FIELDS) {
          const [local, remote] = [last.local[field], last.remote[field]];
          if (local === undefined || remote === undefined) continue;
          expect([local.replace('!', ''), remote.replace('!', '')]).toContain(world.local?.[field]);
        }
      }),
      RUNS,
    );
  });

  test('further hints write nothing', () => {
    fc.assert(
      fc.property(worlds, ({ policy, start, script }) => {
        const world = aWorld(policy, start);
        perform(world, script);
        settle(world);

        expect([runAlone(world), runAlone(world)]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
