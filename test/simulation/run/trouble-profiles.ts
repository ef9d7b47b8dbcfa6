import type { Profile } from './profile.ts';
import { EDITS, LIFE, PAUSE, QUIET } from './scenes.ts';

/** Kinds of schedules in which orgs refuse, connections come and go, and deployments change the mappings. */
export const TROUBLE_PROFILES: readonly Profile[] = [
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
];
