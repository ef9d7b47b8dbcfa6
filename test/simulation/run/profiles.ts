import { happeningsOf, type Scene } from '../people/happenings.ts';
import { type Random, randomOf } from '../turns/random.ts';
import type { WorldShape } from '../world/configs.ts';
import { CAPABILITIES } from './capabilities.ts';
import { EDIT_PROFILES } from './edit-profiles.ts';
import { OPERATION_PROFILES } from './operation-profiles.ts';
import { OTHERS_EAT } from './others-eat.ts';
import type { Profile } from './profile.ts';
import { LIFE } from './scenes.ts';
import type { Plan } from './schedule.ts';
import { SELDOM_PROFILES } from './seldom-profiles.ts';
import { TROUBLE_PROFILES } from './trouble-profiles.ts';
import { FURTHER_UNDO_PROFILES, UNDO_PROFILES } from './undo-profiles.ts';

const shapeOf = (random: Random): WorldShape => ({
  records: 2,
  isLoaded: random.chance(0.7),
  arePaired: false,
  idle: 0,
  isUncountable: false,
  isContested: false,
  storeMs: 8,
  pageRows: random.pick([2, 50]),
  bulkThreshold: 1000,
  conflictPolicy: random.pick([
    'last-write-wins',
    'last-write-wins',
    'salesforce-wins',
    'local-wins',
  ] as const),
  isManual: false,
  hasBadge: random.chance(0.2),
  isFiltered: false,
  hasLocalId: false,
  onDrift: 'stop',
  isKeyless: false,
  hasFormula: false,
  refreshesFormulas: false,
  endsInFullSweep: false,
  endsInPlans: false,
  asksForPlans: false,
  endsInUndo: false,
  hasParents: false,
  isMatched: false,
  hasValues: false,
  hasCreationRules: false,
  namesRecordTypes: false,
  hasSponsors: false,
  duplicateRules: 'respect',
  change: 'none',
  skewsMs: [0, 0, 0].map(() => random.pick([0, 0, -70_000, 45_000, 400])),
  tellsOwnWrites: random.chance(0.25),
  deletePolicy: 'ignore',
  isRehearsed: false,
  deletionsADay: 1_000,
  workers: 4,
  bulkPolls: random.pick([1, 1, 3]),
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
  ...EDIT_PROFILES,
  ...TROUBLE_PROFILES,
  ...OPERATION_PROFILES,
  OTHERS_EAT,
];

/** Lists of kinds that come every so manieth seed, the first that claims it: all other kinds of schedules keep theirs. */
const LISTS = [
  { every: 25, profiles: UNDO_PROFILES },
  { every: 23, profiles: SELDOM_PROFILES },
  { every: 29, profiles: FURTHER_UNDO_PROFILES },
] as const;

/** The seeds from `first` on that run one kind of schedule: every so manieth. */
export const seedsOf = (
  profile: string,
  first: number,
): { readonly first: number; readonly step: number } => {
  for (const { every, profiles } of LISTS) {
    const index = profiles.findIndex(({ name }) => name === profile);
    if (index === -1) continue;
    const step = every * profiles.length;
    return { first: first + ((every * (index + 1) - 1 - (first % step) + step) % step), step };
  }
  const index = PROFILES.findIndex(({ name }) => name === profile);
  if (index === -1) throw new Error(`there is no kind of schedule "${profile}"`);
  return {
    first: first + ((index - (first % PROFILES.length) + PROFILES.length) % PROFILES.length),
    step: PROFILES.length,
  };
};

const kindOf = (seed: number): Profile | undefined => {
  const list = LISTS.find(({ every }) => seed % every === every - 1);
  return list
    ? list.profiles[Math.floor(seed / list.every) % list.profiles.length]
    : PROFILES[seed % PROFILES.length];
};

/** One seed of each kind of schedule. */
export const seedOfEachKind = (): readonly number[] => {
  const kinds = new Map<Profile | undefined, number>();
  const count = PROFILES.length + LISTS.reduce((sum, { profiles }) => sum + profiles.length, 0);
  for (let seed = 1; kinds.size < count; seed += 1)
    if (!kinds.has(kindOf(seed))) kinds.set(kindOf(seed), seed);
  return [...kinds.values()];
};

/** The schedule of a seed. */
export const planOf = (seed: number): Plan => {
  const random = randomOf(seed, 'plan');
  const chosen = kindOf(seed);
  // Its seeds stay its own while a kind is left out: switching it on changes no other schedule.
  const isLeftOut = chosen?.needs !== undefined && !CAPABILITIES[chosen.needs];
  const profile = isLeftOut ? PROFILES[0] : chosen;
  const trouble = {
    death: random.pick([0, 0.005, 0.02]),
    store: random.pick([0, 0.01]),
    org: random.pick([0, 0.03]),
    slow: random.pick([0, 0.3]),
  };
  return {
    seed,
    profile: profile?.name ?? '',
    shape: { ...shapeOf(random), ...profile?.shape?.(random) },
    trouble: { ...trouble, ...profile?.trouble?.(random) },
    events: happeningsOf(random, { ...sceneOf(random), ...profile?.scene?.(random) }),
  };
};
