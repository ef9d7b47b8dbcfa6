import type { Weights } from '../people/happenings.ts';
import type { Random } from '../turns/random.ts';
import type { Profile } from './profile.ts';

/** What people do while others undo it. */
const LIFE: Weights = {
  'local-edit': 7,
  'org-edit': 7,
  'local-new': 2,
  'org-new': 2,
  'local-clear': 2,
  'org-clear': 2,
  calm: 3,
  time: 5,
};

const UNDOS: Weights = { undo: 4, 'undo-window': 2, 'undo-key': 2, 'undo-last': 3, 'apply-undo': 8 };

/** A world in which much else happens beside undos. */
const besideOthers = (random: Random) => ({
  isLoaded: random.chance(0.8),
  records: 2,
  hasBadge: false,
  bulkThreshold: random.pick([1, 1000]),
  deletePolicy: random.pick(['ignore', 'propagate'] as const),
});

/** @param others - what happens in it beside edits and undos */
const sceneBeside = (others: Weights) => (random: Random) => ({
  weights: { ...LIFE, ...UNDOS, ...others },
  orgs: random.pick([['c3'], ['c1', 'c3']] as const),
  reach: 4,
  length: 26,
});

/** Kinds of schedules in which operators take changes back. */
export const UNDO_PROFILES: readonly Profile[] = [
  {
    name: 'undo beside edits',
    shape: besideOthers,
    scene: sceneBeside({
      'local-delete': 1,
      'org-delete': 1,
      'lose-change': 1,
      push: 1,
      'lose-notification': 1,
      sweep: 1,
    }),
  },
  {
    name: 'undo, and undo of the undo',
    shape: (random) => ({
      isLoaded: true,
      records: 2,
      hasBadge: false,
      hasLocalId: random.chance(0.3),
      deletePolicy: random.pick(['propagate', 'propagate', 'ignore'] as const),
      endsInUndo: true,
    }),
    scene: () => ({ weights: LIFE, orgs: ['c3'], reach: 4, length: 6 }),
    trouble: (random) => ({
      death: random.pick([0, 0.03]),
      store: random.pick([0, 0.01]),
      org: random.pick([0, 0.05]),
    }),
  },
  {
    name: 'undo of one new item',
    shape: (random) => ({
      isLoaded: true,
      records: 0,
      hasBadge: false,
      bulkThreshold: random.pick([1, 1000]),
    }),
    scene: () => ({
      opening: ['local-new', 'calm'],
      weights: {
        'local-edit': 5,
        'local-clear': 4,
        calm: 8,
        time: 6,
        undo: 2,
        'undo-window': 5,
        'apply-undo': 6,
        'lose-change': 2,
        push: 2,
      },
      attributes: ['email'],
      orgs: ['c3'],
      reach: 2,
      length: 24,
    }),
    trouble: () => ({ death: 0, store: 0, org: 0 }),
  },
  {
    name: 'pairs that an undo ends while workers die',
    shape: () => ({ isLoaded: true, records: 0, hasBadge: false, deletePolicy: 'ignore' }),
    scene: () => ({
      opening: ['local-new', 'org-new', 'calm', 'undo', 'calm', 'apply-undo', 'sweep', 'sweep'],
      weights: { sweep: 4, time: 4, 'apply-undo': 1 },
      orgs: ['c3'],
      reach: 1,
      length: 6,
    }),
    trouble: () => ({ death: 0.05, store: 0, org: 0.1 }),
  },
];

/** Beside what else people do with records. A list of its own, so that the kinds above keep their seeds. */
export const FURTHER_UNDO_PROFILES: readonly Profile[] = [
  {
    name: 'undo beside merges, undeletes and decisions',
    shape: (random) => ({ ...besideOthers(random), isManual: random.chance(0.3) }),
    scene: sceneBeside({
      'local-delete': 1,
      'org-delete': 1,
      'org-undelete': 2,
      'org-merge': 2,
      resolve: 2,
      'resolve-stale': 1,
      sweep: 1,
    }),
  },
  {
    name: 'undo of what was brought back',
    shape: () => ({ isLoaded: true, records: 0, hasBadge: false, deletePolicy: 'ignore' }),
    scene: () => ({
      opening: ['org-new', 'org-new', 'org-new', 'calm', 'undo', 'calm', 'calm', 'apply-undo'],
      weights: { 'org-delete': 5, 'org-undelete': 5, 'apply-undo': 3 },
      orgs: ['c3'],
      reach: 3,
      length: 14,
    }),
    trouble: () => ({ death: 0, store: 0, org: 0 }),
  },
];
