import { happeningsOf, type Scene, type Weights } from '../people/happenings.ts';
import { type Random, randomOf } from '../turns/random.ts';
import type { WorldShape } from '../world/configs.ts';
import type { Plan } from './schedule.ts';
import type { Trouble } from './stage.ts';

/** A kind of schedule: what the world is like, what happens in it, and what goes wrong. */
interface Profile {
  readonly name: string;
  readonly shape?: (random: Random) => Partial<WorldShape>;
  readonly scene?: (random: Random) => Partial<Scene>;
  readonly trouble?: (random: Random) => Partial<Trouble>;
}

const EDITS: Weights = { 'local-edit': 8, 'org-edit': 8, time: 5, sweep: 2 };
const LIFE: Weights = {
  ...EDITS,
  'local-new': 2,
  'org-new': 2,
  'local-clear': 1,
  'org-clear': 1,
  'repeat-notification': 1,
  'lose-notification': 1,
  'repeat-message': 1,
};

const shapeOf = (random: Random): WorldShape => ({
  records: 2,
  isLoaded: random.chance(0.7),
  pageRows: random.pick([2, 50]),
  bulkThreshold: 1000,
  conflictPolicy: random.pick(['last-write-wins', 'last-write-wins', 'salesforce-wins', 'local-wins'] as const),
  hasBadge: random.chance(0.2),
  isFiltered: false,
  hasLocalId: false,
  change: 'none',
  skewsMs: [0, 0, 0].map(() => random.pick([0, 0, -70_000, 45_000, 400])),
  tellsOwnWrites: random.chance(0.25),
  workers: 4,
});

const sceneOf = (random: Random): Scene => ({
  weights: LIFE,
  length: random.pick([8, 14, 20]),
  reach: 6,
  attributes: ['firstName', 'lastName', 'email'],
  sfFields: ['FirstName', 'LastName', 'Email'],
  orgs: random.pick([['c1', 'c2', 'c3'], ['c1', 'c2'], ['c1']] as const),
});

const PROFILES: readonly Profile[] = [
  { name: 'life' },
  {
    name: 'one hot field',
    shape: () => ({ records: 1 }),
    scene: () => ({ weights: EDITS, reach: 1, attributes: ['firstName'], sfFields: ['FirstName'], orgs: ['c1'], length: 12 }),
    trouble: () => ({ death: 0 }),
  },
  {
    name: 'one hot record',
    shape: () => ({ records: 1 }),
    scene: (random) => ({ reach: 1, orgs: random.pick([['c1'], ['c1', 'c2']] as const) }),
    trouble: () => ({ death: 0.01, store: 0.01, org: 0.05 }),
  },
  { name: 'many records', shape: () => ({ records: 6 }), scene: () => ({ reach: 40 }) },
  { name: 'a bad day', trouble: () => ({ death: 0.03, store: 0.03, org: 0.1 }) },
];

/** The schedule of a seed. */
export const planOf = (seed: number): Plan => {
  const random = randomOf(seed, 'plan');
  const profile = PROFILES[seed % PROFILES.length];
  const trouble = { death: random.pick([0, 0.005, 0.02]), store: random.pick([0, 0.01]), org: random.pick([0, 0.03]) };
  return {
    seed,
    profile: profile?.name ?? '',
    shape: { ...shapeOf(random), ...profile?.shape?.(random) },
    trouble: { ...trouble, ...profile?.trouble?.(random) },
    events: happeningsOf(random, { ...sceneOf(random), ...profile?.scene?.(random) }),
  };
};
