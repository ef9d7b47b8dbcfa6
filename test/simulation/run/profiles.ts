import { happeningsOf, type Scene, type Weights, type What } from '../people/happenings.ts';
import { type Random, randomOf } from '../turns/random.ts';
import type { WorldShape } from '../world/configs.ts';
import { CAPABILITIES } from './capabilities.ts';
import { OTHERS_EAT } from './others-eat.ts';
import type { Profile } from './profile.ts';
import type { Plan } from './schedule.ts';
import { SELDOM_PROFILES } from './seldom-profiles.ts';
import type { Trouble } from './stage.ts';
import { UNDO_PROFILES } from './undo-profiles.ts';

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

/** Both sides edit one field, and a person decides now and then. */
const HELD: Weights = {
  'local-edit': 8,
  'org-edit': 8,
  resolve: 7,
  'resolve-stale': 6,
  'lose-notification': 1,
  time: 8,
};

/** Nothing but time for the others. */
const PAUSE: readonly What[] = Array.from({ length: 6 }, () => 'repeat-notification');

/** Both sides edit a record. */
const BOTH_EDIT: readonly What[] = ['local-edit', 'org-edit'];

const QUIET: Partial<Trouble> = { death: 0, store: 0, org: 0 };

const PROFILES: readonly Profile[] = [
  { name: 'life' },
  {
    name: 'one hot field',
    shape: () => ({ records: 1 }),
    scene: () => ({
      weights: EDITS,
      reach: 1,
      attributes: ['firstName'],
      sfFields: ['FirstName'],
      orgs: ['c1'],
      length: 12,
    }),
    trouble: () => ({ death: 0 }),
  },
  {
    name: 'one hot item',
    shape: () => ({ records: 1, isLoaded: true, tellsOwnWrites: false, hasBadge: false }),
    scene: () => ({
      weights: { 'local-edit': 10, time: 1 },
      reach: 1,
      attributes: ['firstName'],
      orgs: ['c1'],
      length: 14,
    }),
    trouble: () => ({ ...QUIET, slow: 0.8 }),
  },
  {
    name: 'locked rows',
    shape: () => ({ records: 1, isLoaded: true, hasBadge: false }),
    scene: () => ({
      weights: { 'local-edit': 8, 'org-begin': 6, 'org-rollback': 4, time: 3 },
      reach: 3,
      orgs: ['c1', 'c2'],
      length: 10,
    }),
    trouble: () => QUIET,
  },
  {
    name: "a push's hold and a lost hint",
    shape: () => ({
      records: 1,
      bulkThreshold: 1,
      bulkPolls: 25,
      pageRows: 50,
      isLoaded: true,
      hasBadge: false,
    }),
    scene: () => ({
      opening: [
        'local-new',
        'lose-change',
        'lose-change',
        'push',
        'calm',
        'wait',
        'calm',
        'org-edit',
        'lose-notification',
        'lose-notification',
        'wait',
        'sweep',
        'calm',
        'wait',
        'sweep',
      ],
      weights: {
        'local-new': 3,
        push: 4,
        'lose-change': 4,
        'org-edit': 8,
        'lose-notification': 12,
        sweep: 6,
        wait: 5,
        time: 2,
      },
      sfFields: ['FirstName'],
      orgs: ['c3'],
      length: 4,
      reach: 2,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'one hot record',
    shape: () => ({ records: 1 }),
    scene: (random) => ({ reach: 1, orgs: random.pick([['c1'], ['c1', 'c2']] as const) }),
    trouble: () => ({ death: 0.01, store: 0.01, org: 0.05 }),
  },
  { name: 'many records', shape: () => ({ records: 6 }), scene: () => ({ reach: 40 }) },
  { name: 'a bad day', trouble: () => ({ death: 0.03, store: 0.03, org: 0.1 }) },
  {
    name: 'late commits',
    scene: () => ({
      weights: {
        'org-begin': 4,
        'org-commit': 4,
        'org-late-new': 3,
        'lose-notification': 8,
        sweep: 8,
        time: 6,
      },
      length: 20,
      orgs: ['c1'],
    }),
    trouble: () => QUIET,
  },
  {
    name: 'small pages and deaths',
    shape: () => ({ records: 4, pageRows: 2 }),
    scene: () => ({
      weights: { 'org-edit': 10, 'org-new': 3, 'lose-notification': 12, sweep: 8, time: 2 },
      length: 25,
      orgs: ['c1'],
    }),
    trouble: () => ({ death: 0.06, store: 0, org: 0 }),
  },
  {
    name: 'a push beside edits',
    shape: (random) => ({ bulkThreshold: 1, pageRows: 50, hasLocalId: random.chance(0.5), isLoaded: true }),
    scene: () => ({
      weights: { ...LIFE, 'local-new': 8, push: 6, 'lose-change': 3, 'lose-notification': 8, sweep: 5 },
      orgs: ['c1', 'c3'],
      length: 20,
    }),
  },
  {
    name: 'a load beside edits',
    shape: (random) => ({ bulkThreshold: 2, pageRows: random.pick([1, 2, 50]), isLoaded: false, records: 3 }),
    scene: () => ({ weights: { ...LIFE, 'stop-execution': 1 }, length: 20 }),
  },
  {
    name: 'deletions',
    scene: () => ({
      weights: { ...LIFE, 'local-delete': 4, 'org-delete': 4, 'org-undelete': 4 },
      length: 20,
    }),
  },
  {
    name: 'deletions carried over',
    shape: (random) => ({
      hasBadge: false,
      isLoaded: random.chance(0.85),
      deletePolicy: random.pick([
        'propagate',
        'propagate',
        { toSalesforce: 'propagate' },
        { fromSalesforce: 'propagate' },
      ] as const),
    }),
    scene: (random) => ({
      weights: {
        ...EDITS,
        'local-new': 2,
        'org-new': 2,
        'local-delete': 5,
        'local-return': 3,
        'local-expire': 2,
        'org-delete': 5,
        'org-undelete': 4,
        'org-hide': 1,
        'org-show': 1,
        'repeat-message': 2,
        'repeat-notification': 1,
      },
      length: 16,
      reach: random.pick([2, 6]),
    }),
    needs: 'deletions',
  },
  {
    name: 'deletions marked',
    shape: (random) => ({
      hasBadge: false,
      isLoaded: true,
      records: 2,
      deletePolicy: random.pick([
        { toSalesforce: { mark: 'Opted_In__c' }, fromSalesforce: { mark: 'goneAt' } },
        { toSalesforce: { mark: 'Opted_In__c' }, fromSalesforce: 'propagate' },
        { toSalesforce: 'propagate', fromSalesforce: { mark: 'goneAt' } },
      ] as const),
    }),
    scene: () => ({
      weights: {
        ...EDITS,
        'local-delete': 6,
        'local-return': 5,
        'local-expire': 1,
        'org-delete': 6,
        'org-undelete': 6,
        'repeat-message': 2,
        time: 5,
      },
      orgs: ['c1', 'c3'],
      length: 14,
      reach: 2,
    }),
    needs: 'deletions',
  },
  {
    name: 'a deletion against an edit',
    shape: (random) => ({
      hasBadge: false,
      isLoaded: true,
      records: 1,
      deletePolicy: 'propagate',
      skewsMs: [0, 0, 0],
      conflictPolicy: random.pick(['last-write-wins', 'salesforce-wins', 'local-wins'] as const),
    }),
    scene: () => ({
      weights: {
        'local-edit': 6,
        'org-edit': 6,
        'local-delete': 3,
        'org-delete': 3,
        'local-return': 2,
        'org-undelete': 2,
        time: 4,
      },
      attributes: ['firstName'],
      sfFields: ['FirstName'],
      orgs: ['c1'],
      reach: 2,
      length: 8,
    }),
    needs: 'deletions',
  },
  {
    name: 'merges carried over',
    shape: (random) => ({
      records: 3,
      hasBadge: false,
      isLoaded: true,
      isFiltered: true,
      deletePolicy: random.pick(['propagate', 'ignore'] as const),
    }),
    scene: () => ({
      weights: { ...EDITS, 'org-new': 1, 'org-outsider': 4, 'org-merge': 6, 'org-undelete': 1 },
      orgs: ['c1', 'c3'],
      length: 12,
    }),
    needs: 'deletions',
  },
  {
    name: 'a bad day of deletions',
    shape: () => ({ hasBadge: false, isLoaded: true, deletePolicy: 'propagate' }),
    scene: () => ({
      weights: { ...EDITS, 'local-delete': 8, 'org-delete': 8, 'local-return': 3, 'org-undelete': 3 },
      length: 12,
    }),
    trouble: () => ({ death: 0.04, store: 0.03, org: 0.15 }),
    needs: 'deletions',
  },
  {
    name: 'mass deletions',
    shape: () => ({
      hasBadge: false,
      isLoaded: true,
      records: 6,
      deletePolicy: 'propagate',
      deletionsADay: 2,
    }),
    scene: (random) => ({
      // One person's decision soon after another's.
      ...(random.chance(0.3) && {
        orgs: ['c1'] as const,
        opening: [
          ...(['org-delete', 'org-delete', 'org-delete', 'org-delete', 'calm', 'held-refuse'] as const),
          ...(['org-delete', 'time', 'org-delete', 'time', 'held-release', 'time', 'held-release'] as const),
        ],
      }),
      weights: {
        ...EDITS,
        'local-delete': 10,
        'org-delete': 10,
        'held-release': 2,
        'held-refuse': 2,
        time: 6,
      },
      reach: 40,
      length: 24,
    }),
    needs: 'deletions',
  },
  {
    name: 'mass clearing',
    shape: () => ({ hasBadge: false, isLoaded: true, records: 6, deletionsADay: 1 }),
    scene: () => ({
      weights: {
        ...EDITS,
        'local-clear': 12,
        'org-clear': 12,
        'clears-release': 1,
        'clears-refuse': 2,
        time: 6,
      },
      reach: 40,
      length: 30,
    }),
  },
  {
    name: 'refusals',
    scene: () => ({
      weights: { ...LIFE, 'local-refused': 5, 'local-bad-type': 3, 'org-begin': 4, 'org-commit': 3 },
      length: 20,
    }),
  },
  {
    name: 'duplicates',
    shape: (random) => ({
      duplicateRules: random.pick(['respect', 'allow', 'allow'] as const),
      bulkThreshold: random.pick([1, 1000]),
      hasBadge: false,
    }),
    scene: () => ({
      opening: ['local-new-duplicate', 'lose-change', 'push', 'calm'],
      weights: { ...LIFE, 'local-duplicate': 5, 'local-new-duplicate': 6, 'lose-change': 6, push: 5 },
      orgs: ['c1', 'c3'],
      length: 16,
      reach: 3,
    }),
  },
  {
    name: 'one bad record among others',
    shape: () => ({ records: 4, isLoaded: true }),
    scene: () => ({
      weights: {
        ...EDITS,
        'local-new': 3,
        'local-unreadable': 4,
        'local-bad-key': 2,
        'org-spoil': 2,
        'org-new': 2,
      },
      length: 16,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'refusals that pass',
    shape: (random) => ({ records: 2, bulkThreshold: random.pick([1, 1000]), pageRows: 50 }),
    scene: () => ({
      weights: {
        ...EDITS,
        'local-new': 4,
        'lose-change': 2,
        push: 2,
        'org-refuses': 4,
        'org-yields': 2,
      },
      orgs: ['c1', 'c3'],
      length: 16,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'who was later',
    shape: () => ({ records: 1, isLoaded: true, hasBadge: false, conflictPolicy: 'last-write-wins' }),
    scene: (random) => ({
      opening: random.pick([
        ['org-edit', 'time', 'local-edit'],
        ['org-edit', 'time', 'local-edit'],
        ['allowance', 'org-edit', 'time', 'local-edit', 'calm', 'wait', 'calm', 'wait', 'calm', 'wait'],
        // The first local edit is told and waits, and nobody tells of the second.
        ['allowance', 'local-edit', 'calm', 'time', 'org-edit', 'time', 'local-edit', 'lose-change'],
      ] as const),
      weights: { 'local-edit': 2, 'org-edit': 2, time: 4 },
      attributes: ['firstName'],
      sfFields: ['FirstName'],
      orgs: ['c1'],
      reach: 2,
      length: 3,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'old values set once more',
    shape: () => ({ records: 1, isLoaded: true, hasBadge: false }),
    scene: () => ({
      weights: { 'local-edit': 6, 'org-set-back': 8, time: 8 },
      attributes: ['firstName'],
      orgs: ['c1'],
      reach: 1,
      length: 12,
    }),
    trouble: () => ({ ...QUIET, org: 0.3 }),
  },
  {
    name: 'items that come back',
    shape: () => ({ records: 2, isLoaded: true }),
    scene: () => ({
      weights: { ...EDITS, 'local-delete': 5, 'local-restore': 8 },
      orgs: ['c1', 'c3'],
      reach: 3,
      length: 14,
    }),
    trouble: () => ({ ...QUIET, slow: 0.5 }),
  },
  {
    name: 'a first meeting in bulk',
    shape: () => ({
      records: 3,
      arePaired: true,
      isLoaded: false,
      bulkThreshold: 1,
      pageRows: 2,
      bulkPolls: 3,
    }),
    scene: () => ({
      weights: { 'org-edit': 8, 'local-edit': 2, time: 3, 'lose-notification': 3 },
      orgs: ['c3'],
      length: 12,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'a load and an allowance that is used up for a moment',
    shape: () => ({ records: 5, isLoaded: false, bulkThreshold: 1, pageRows: 1, hasBadge: false }),
    scene: () => ({
      weights: { 'org-edit': 8, allowance: 5, time: 4 },
      sfFields: ['FirstName'],
      orgs: ['c3'],
      reach: 5,
      length: 14,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'two looks at a first meeting',
    shape: () => ({ records: 1, arePaired: true, isLoaded: false, hasBadge: false }),
    scene: () => ({
      opening: ['allowance', 'org-edit', 'calm', 'wait', 'calm', 'org-edit', 'org-edit'],
      weights: { 'org-edit': 4, 'repeat-notification': 4, time: 1 },
      sfFields: ['LastName'],
      orgs: ['c3'],
      reach: 1,
      length: 3,
    }),
    trouble: () => ({ ...QUIET, slow: 0.7 }),
  },
  {
    name: 'a push and an allowance that is used up',
    shape: () => ({ records: 4, isLoaded: false, bulkThreshold: 1, pageRows: 50 }),
    scene: () => ({
      weights: { outage: 8, time: 4, wait: 6, 'local-new': 2, 'stop-execution': 1 },
      orgs: ['c1', 'c3'],
      length: 12,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'closed doors',
    scene: () => ({
      weights: { ...LIFE, pause: 3, resume: 3, 'token-lost': 2, reauthorise: 3, outage: 4, time: 8 },
      length: 24,
    }),
  },
  {
    name: 'two tenants',
    scene: () => ({ weights: { ...LIFE, 'local-new': 4, 'org-claim': 5 }, orgs: ['c1', 'c3'] }),
  },
  {
    name: 'a key that is given up',
    shape: () => ({ hasBadge: false }),
    scene: () => ({
      weights: { ...EDITS, 'local-new': 4, 'org-claim': 5, 'org-unclaim': 5, 'org-delete': 1 },
      orgs: ['c1', 'c3'],
      length: 16,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'two orgs that never agree',
    shape: () => ({ isContested: true, isLoaded: true, records: 1, hasBadge: false }),
    scene: () => ({
      opening: ['local-title', 'hour'],
      weights: { ...EDITS, 'local-title': 2 },
      attributes: ['firstName'],
      sfFields: ['LastName'],
      orgs: ['c1', 'c2'],
      reach: 2,
      length: 4,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'orgs that cannot count',
    shape: () => ({ isUncountable: true, isLoaded: false }),
    scene: () => ({ length: 8 }),
    trouble: () => QUIET,
  },
  {
    name: 'a long pass and an org that is away',
    shape: () => ({ records: 6, pageRows: 1, isLoaded: false }),
    scene: () => ({ weights: { outage: 6, time: 6, wait: 2, 'org-edit': 3, 'org-new': 2 }, length: 14 }),
    trouble: () => ({ ...QUIET, org: 0.05 }),
  },
  {
    name: 'a filter that nobody may read',
    shape: () => ({ isFiltered: true, hasBadge: false, isLoaded: false, records: 1 }),
    scene: () => ({
      opening: ['field-gone', 'hour'],
      weights: { ...EDITS, 'org-new': 2 },
      orgs: ['c1'],
      length: 4,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'a second org that joins',
    shape: () => ({ joins: 'c2', isLoaded: true, hasBadge: false }),
    scene: () => ({
      weights: { ...EDITS, 'local-new': 4, 'org-new': 2, connect: 4 },
      length: 16,
    }),
    trouble: () => ({ ...QUIET, death: 0.03 }),
  },
  {
    name: 'long texts',
    shape: () => ({ records: 1, isLoaded: true, hasBadge: false }),
    scene: () => ({
      opening: ['local-long', 'calm', 'local-long', 'org-long'],
      weights: { ...EDITS, 'local-new': 2, 'org-new': 2 },
      attributes: ['lastName'],
      sfFields: ['LastName'],
      orgs: ['c1'],
      reach: 1,
      length: 6,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'many connections at once',
    shape: () => ({ idle: 250, storeMs: 200, isLoaded: false, hasBadge: false, records: 1 }),
    scene: () => ({ opening: ['calm', 'wait', 'calm'], weights: EDITS, length: 4 }),
    trouble: () => QUIET,
  },
  {
    name: 'a mapping that leaves and comes back',
    shape: () => ({ change: 'drops-mapping', isLoaded: true, hasBadge: false }),
    scene: () => ({
      opening: [
        'deploy',
        'deployed',
        'calm',
        'wait',
        'local-edit',
        'calm',
        'wait',
        'roll-back',
        'deployed',
        'calm',
      ],
      weights: { ...EDITS, 'local-new': 2 },
      length: 6,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'two versions',
    shape: (random) => ({ change: random.pick(['adds-field', 'other-policy'] as const) }),
    scene: () => ({
      weights: { ...LIFE, deploy: 3, deployed: 2, sweep: 4 },
      attributes: ['firstName', 'email', 'title'],
      sfFields: ['FirstName', 'Email', 'Title'],
      length: 20,
    }),
  },
  {
    name: 'a filter',
    shape: () => ({ isFiltered: true, hasBadge: false }),
    scene: () => ({ weights: { ...LIFE, 'org-filter': 6 } }),
    needs: 'filter',
  },
  { name: 'expiry', scene: () => ({ weights: { ...LIFE, 'local-expire': 4 } }), needs: 'expiry' },
  {
    name: 'hidden records',
    shape: () => ({ records: 1, isLoaded: true }),
    scene: () => ({
      weights: { ...EDITS, 'org-hide': 6, 'org-show': 3 },
      orgs: ['c1'],
      reach: 2,
      length: 12,
    }),
    needs: 'hidden-records',
  },
  {
    name: 'merges',
    shape: () => ({ records: 4 }),
    scene: () => ({ weights: { ...LIFE, 'org-merge': 3 } }),
    needs: 'merges',
  },
  {
    name: 'a field that moves',
    shape: (random) => ({ change: random.pick(['repoints-field', 'renames-attribute'] as const) }),
    scene: () => ({
      weights: { ...EDITS, 'local-new': 2, 'org-new': 2, deploy: 3, deployed: 2, sweep: 4 },
      attributes: ['firstName', 'email', 'mail'],
      sfFields: ['FirstName', 'Email', 'Title'],
      length: 20,
    }),
    needs: 'moved-fields',
  },
  {
    name: 'a deployment during a sweep',
    shape: () => ({ change: 'adds-field', records: 4, pageRows: 1, isLoaded: true, hasBadge: false }),
    scene: () => ({
      opening: ['org-edit', 'org-edit', 'org-edit', 'calm', 'wait', 'sweep', 'deploy'],
      weights: { 'local-edit': 3, deployed: 1, sweep: 3, time: 2, wait: 1 },
      attributes: ['firstName'],
      sfFields: ['Title'],
      orgs: ['c1'],
      length: 8,
    }),
    trouble: () => ({ ...QUIET, death: 0.02, slow: 0.6 }),
  },
  {
    name: 'two versions, one hot record',
    shape: () => ({
      change: 'adds-field',
      records: 1,
      isLoaded: true,
      hasBadge: false,
      tellsOwnWrites: false,
    }),
    scene: () => ({
      opening: ['local-edit', 'org-edit', 'deploy', 'local-edit', 'local-edit'],
      weights: { 'local-edit': 8, 'org-edit': 4, sweep: 1 },
      attributes: ['firstName', 'title'],
      sfFields: ['FirstName', 'LastName'],
      orgs: ['c1'],
      reach: 1,
      length: 12,
    }),
    trouble: () => ({ ...QUIET, slow: 0.7 }),
  },
  {
    name: 'values of every kind',
    shape: (random) => ({ hasValues: true, bulkThreshold: random.pick([1, 1000]), hasBadge: false }),
    scene: (random) => ({
      weights: { ...LIFE, 'local-new': 4, push: 2, 'lose-change': 1 },
      attributes: ['amount', 'skills', 'address.city', 'firstName', 'source'],
      sfFields: ['Score__c', 'Skills__c', 'MailingCity', 'FirstName'],
      orgs: random.pick([['c1', 'c2', 'c3'], ['c1'], ['c1']] as const),
      length: 16,
    }),
  },
  {
    name: 'servers that disagree on the time',
    // A load's rows are old when they are looked at, and no stamp says so.
    shape: (random) => ({
      hasBadge: false,
      ...random.pick([
        { records: 1, isLoaded: true },
        { records: 6, isLoaded: false, bulkThreshold: 1, pageRows: 1, bulkPolls: 1 },
      ]),
    }),
    scene: (random) => ({
      // A transaction is stamped as the save before it, and commits when the load has read its rows.
      opening: random.pick([
        [],
        ['sweep', 'calm', 'org-edit', 'org-begin-skewed', 'calm', 'time', ...PAUSE, 'org-commit', 'calm'],
      ]),
      weights: { 'local-edit': 8, 'org-skewed': 8, time: 4, sweep: 1 },
      attributes: ['lastName'],
      sfFields: ['FirstName'],
      orgs: ['c1'],
      reach: 1,
      length: 12,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'everything lost, and a full sweep',
    shape: (random) => ({
      endsInFullSweep: true,
      hasFormula: true,
      isLoaded: true,
      records: 4,
      pageRows: random.pick([1, 2, 50]),
      hasLocalId: false,
    }),
    scene: (random) => ({
      weights: {
        'local-edit': 5,
        'local-new': 4,
        'lose-change': 8,
        'org-edit': 3,
        'org-unseen': 6,
        'org-new': 3,
        'lose-notification': 8,
        'org-formula': 5,
        'org-hide': 2,
        'org-show': 1,
        'org-delete': 1,
        'org-unseen-delete': 2,
        'full-sweep': 2,
        sweep: 2,
        wait: 3,
        time: 3,
      },
      length: 20,
      reach: 12,
      orgs: random.pick([['c1', 'c3'], ['c3']] as const),
    }),
    needs: 'full-sweeps',
  },
  {
    name: 'formulas refreshed beside edits',
    shape: (random) => ({
      hasFormula: true,
      refreshesFormulas: true,
      isLoaded: random.chance(0.8),
      ...random.pick([{ isFiltered: true }, { endsInFullSweep: true }, {}]),
      records: 4,
      pageRows: random.pick([1, 2, 50]),
    }),
    scene: () => ({
      weights: {
        ...LIFE,
        'org-formula': 10,
        'org-hide': 1,
        'org-show': 2,
        'org-delete': 1,
        'full-sweep': 2,
        'lose-notification': 5,
        outage: 1,
        time: 5,
      },
      length: 18,
    }),
    trouble: () => ({ death: 0.01, store: 0.01, org: 0.03 }),
    needs: 'full-sweeps',
  },
  {
    name: 'a deployment while formulas are refreshed',
    shape: (random) => ({
      hasFormula: true,
      refreshesFormulas: true,
      change: random.pick(['adds-field', 'repoints-field'] as const),
      records: 4,
      pageRows: 1,
      isLoaded: true,
      hasBadge: false,
    }),
    scene: () => ({
      opening: ['org-formula', 'org-formula', 'hour', 'deploy'],
      weights: { 'org-formula': 5, 'local-edit': 3, deployed: 1, sweep: 2, time: 2, hour: 1 },
      attributes: ['firstName'],
      sfFields: ['FirstName', 'LastName'],
      orgs: ['c1'],
      length: 10,
    }),
    trouble: () => ({ ...QUIET, death: 0.02, slow: 0.6 }),
    needs: 'full-sweeps',
  },
  {
    name: 'full sweeps beside edits',
    shape: (random) => ({
      endsInFullSweep: random.chance(0.5),
      hasFormula: false,
      isLoaded: random.chance(0.8),
      records: 3,
      pageRows: random.pick([1, 2, 50]),
      isFiltered: false,
    }),
    scene: () => ({
      weights: {
        ...LIFE,
        'full-sweep': 5,
        'lose-notification': 5,
        'lose-change': 2,
        'org-delete': 2,
        'org-undelete': 2,
        outage: 1,
        pause: 1,
        resume: 2,
        wait: 1,
      },
      length: 20,
    }),
    trouble: () => ({ death: 0.02, store: 0.01, org: 0.03 }),
    needs: 'full-sweeps',
  },
  {
    name: 'a deployment during a full sweep',
    shape: (random) => ({
      endsInFullSweep: true,
      change: random.pick(['adds-field', 'repoints-field'] as const),
      records: 4,
      pageRows: 1,
      isLoaded: true,
      hasBadge: false,
    }),
    scene: () => ({
      opening: ['org-unseen', 'org-unseen', 'full-sweep', 'deploy'],
      weights: { 'full-sweep': 4, 'local-edit': 3, deployed: 1, sweep: 2, time: 2, wait: 1 },
      attributes: ['firstName'],
      sfFields: ['FirstName', 'LastName'],
      orgs: ['c1'],
      length: 10,
    }),
    trouble: () => ({ ...QUIET, death: 0.02, slow: 0.6 }),
    needs: 'full-sweeps',
  },
  {
    name: 'nothing but plans',
    shape: (random) => ({
      endsInPlans: true,
      records: 3,
      pageRows: random.pick([1, 2, 50]),
      isLoaded: true,
      hasBadge: false,
      change: random.pick(['none', 'other-policy', 'adds-field'] as const),
    }),
    scene: (random) => ({
      weights: {
        'local-edit': 4,
        'local-new': 3,
        'lose-change': 8,
        'org-edit': 3,
        'org-unseen': 6,
        'org-new': 3,
        'lose-notification': 8,
        plan: 2,
        'apply-plan': 2,
        wait: 3,
        time: 3,
      },
      length: 16,
      reach: 12,
      orgs: random.pick([['c1', 'c3'], ['c3']] as const),
    }),
    trouble: () => QUIET,
    needs: 'plans',
  },
  {
    name: 'changes that wait for plans',
    shape: (random) => ({
      asksForPlans: true,
      isLoaded: true,
      hasBadge: false,
      records: 2,
      change: random.pick(['adds-field', 'other-policy'] as const),
    }),
    scene: () => ({
      weights: {
        ...EDITS,
        deploy: 3,
        deployed: 3,
        plan: 4,
        'apply-plan': 4,
        hour: 1,
        'local-new': 1,
        'org-new': 1,
      },
      length: 14,
    }),
    trouble: () => ({ death: 0.01, store: 0, org: 0 }),
    needs: 'plans',
  },
  {
    name: 'plans beside edits',
    shape: (random) => ({
      isLoaded: random.chance(0.8),
      records: 3,
      pageRows: random.pick([1, 2, 50]),
      change: random.pick(['none', 'adds-field', 'repoints-field'] as const),
    }),
    scene: () => ({
      weights: {
        ...LIFE,
        plan: 5,
        'apply-plan': 6,
        'lose-notification': 4,
        'org-delete': 2,
        'org-undelete': 2,
        deploy: 1,
        deployed: 2,
        outage: 1,
        pause: 1,
        resume: 2,
      },
      length: 20,
    }),
    trouble: () => ({ death: 0.02, store: 0.01, org: 0.03 }),
    needs: 'plans',
  },
  {
    name: 'held for a person',
    shape: () => ({ isManual: true, records: 1, isLoaded: true, hasBadge: false }),
    scene: (random) => ({
      weights: { ...HELD, sweep: 1 },
      // The last decision of all, whose hint gets lost as that of every even one: nothing else brings the pair.
      endings: [[], ['calm', ...BOTH_EDIT, ...BOTH_EDIT, ...BOTH_EDIT, 'calm', 'resolve']],
      attributes: ['firstName', 'firstName', 'lastName'],
      sfFields: ['FirstName', 'FirstName', 'LastName'],
      orgs: random.pick([['c1'], ['c3']] as const),
      reach: 1,
      length: 18,
    }),
    trouble: (random) =>
      random.chance(0.5) ? { death: 0.01, store: 0.01, org: 0.05 } : { death: 0.04, store: 0, org: 0.15 },
    needs: 'manual-conflicts',
  },
  {
    name: 'held beside everything',
    shape: (random) => ({
      isManual: true,
      isLoaded: random.chance(0.5),
      bulkThreshold: random.pick([1, 2000]),
      change: random.pick(['none', 'none', 'other-policy', 'adds-field'] as const),
    }),
    scene: () => ({
      weights: {
        ...LIFE,
        ...HELD,
        'local-new': 2,
        'org-new': 2,
        'local-delete': 1,
        'org-delete': 1,
        push: 2,
        deploy: 1,
        deployed: 1,
      },
      attributes: ['firstName', 'firstName', 'email'],
      sfFields: ['FirstName', 'FirstName', 'Email'],
      reach: 2,
      length: 26,
    }),
    needs: 'manual-conflicts',
  },
  {
    name: 'a decision against a deletion',
    shape: () => ({
      isManual: true,
      records: 1,
      isLoaded: true,
      hasBadge: false,
      deletePolicy: 'propagate',
      skewsMs: [0, 0, 0],
    }),
    scene: (random) => ({
      opening: ['local-edit', 'org-edit', 'calm'],
      weights: { ...HELD, 'resolve-stale': 1, 'local-delete': 4, 'org-delete': 4, sweep: 3, calm: 4 },
      attributes: ['firstName'],
      sfFields: ['FirstName'],
      orgs: random.pick([['c1'], ['c3']] as const),
      reach: 1,
      length: 10,
    }),
    trouble: () => ({ death: 0.01, store: 0.01, org: 0.05 }),
    needs: 'manual-conflicts',
  },
  {
    name: 'servers that disagree on the time, and a message that is lost',
    shape: () => ({ records: 1, isLoaded: true, hasBadge: false, skewsMs: [0, 0, 0] }),
    scene: () => ({
      opening: ['org-edit', 'calm', 'org-skewed', 'lose-notification', 'sweep', 'calm'],
      weights: { 'org-edit': 4, 'org-skewed': 4, 'lose-notification': 4, calm: 4, sweep: 2 },
      sfFields: ['FirstName', 'LastName'],
      orgs: ['c1'],
      reach: 1,
      length: 8,
    }),
    trouble: () => QUIET,
  },
  {
    name: 'parents',
    shape: () => ({ hasParents: true, hasBadge: false }),
    scene: (random) => ({
      weights: {
        'account-new': 6,
        'account-refer': 8,
        'boss-refer': 4,
        'local-new': 3,
        'local-edit': 3,
        'org-edit': 3,
        'org-account-new': 2,
        ...(random.chance(0.5) && { 'org-account-refer': 4, 'org-account-delete': 1, 'account-delete': 1 }),
        time: 4,
        sweep: 1,
      },
      reach: 5,
      length: 16,
      orgs: random.pick([['c1', 'c2', 'c3'], ['c1']] as const),
    }),
  },
  {
    name: 'parents by bulk',
    shape: () => ({ hasParents: true, hasBadge: false, bulkThreshold: 1, isLoaded: false }),
    scene: () => ({
      weights: { 'account-new': 6, 'account-refer': 8, 'boss-refer': 3, 'local-new': 3, push: 4, time: 3 },
      reach: 5,
      length: 14,
      orgs: ['c1', 'c3'],
    }),
    trouble: () => ({ death: 0.005, store: 0, org: 0 }),
  },
  {
    name: 'pairs that exist already',
    shape: (random) => ({
      isMatched: true,
      hasLocalId: random.chance(0.5),
      hasBadge: false,
      records: 4,
      isLoaded: random.chance(0.3),
      bulkThreshold: random.pick([1, 1000]),
    }),
    scene: () => ({ weights: EDITS, reach: 8, length: 12 }),
    trouble: () => ({ death: 0.005, store: 0.005, org: 0.01 }),
  },
  {
    name: 'a field that is hidden stops the mapping',
    shape: () => ({ isLoaded: true, hasBadge: false }),
    scene: () => ({ weights: { ...LIFE, 'field-hide': 4, 'field-show': 3 }, length: 20 }),
    trouble: () => ({ death: 0.005 }),
  },
  {
    name: 'a field that is hidden is left out',
    shape: () => ({ isLoaded: true, hasBadge: false, onDrift: 'leave-out' }),
    scene: () => ({
      weights: { ...LIFE, 'field-hide': 4, 'field-show': 2 },
      orgs: ['c1', 'c3'],
      length: 20,
    }),
    trouble: () => ({ death: 0.005, store: 0, org: 0 }),
  },
  {
    name: 'records without a key',
    shape: () => ({ isKeyless: true, hasBadge: false, hasLocalId: false }),
    scene: () => ({
      weights: {
        'org-edit': 10,
        'org-new': 4,
        'org-delete': 2,
        'org-undelete': 2,
        'org-clear': 1,
        sweep: 3,
        'lose-notification': 2,
        time: 5,
      },
      length: 20,
    }),
  },
  {
    name: 'a rehearsal',
    shape: (random) => ({
      isRehearsed: true,
      isLoaded: random.chance(0.5),
      records: 4,
      arePaired: random.chance(0.5),
      hasBadge: false,
      hasLocalId: random.chance(0.5),
      bulkThreshold: random.pick([1, 1_000]),
      deletePolicy: random.pick(['ignore', 'propagate'] as const),
    }),
    scene: () => ({
      weights: { ...LIFE, 'local-delete': 1, 'org-delete': 1 },
      length: 10,
      reach: 4,
    }),
  },
  OTHERS_EAT,
];

/** Lists of kinds that come every so manieth seed, the first that claims it: all other kinds of schedules keep theirs. */
const LISTS = [
  { every: 25, profiles: UNDO_PROFILES },
  { every: 23, profiles: SELDOM_PROFILES },
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
