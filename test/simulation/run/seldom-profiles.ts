import type { Profile } from './profile.ts';
import { EDITS } from './scenes.ts';

/** Kinds of schedules for what few mappings have, and for what operators seldom do. */
export const SELDOM_PROFILES: readonly Profile[] = [
  {
    name: 'what is made, and how it begins',
    shape: (random) => ({
      hasCreationRules: true,
      namesRecordTypes: random.chance(0.5),
      bulkThreshold: random.pick([1, 1000, 1000]),
      hasBadge: false,
    }),
    scene: (random) => ({
      weights: {
        ...EDITS,
        'local-new': 6,
        'org-new': 2,
        'local-unknown-name': 1,
        'lose-notification': 1,
        'lose-change': 1,
        push: 2,
      },
      attributes: ['motto', 'origin', 'tier', 'kind', 'firstName', 'email'],
      sfFields: ['Title', 'MailingCity', 'Tier__c', 'RecordTypeId', 'FirstName', 'Email'],
      orgs: random.pick([['c3'], ['c3'], ['c1', 'c3'], ['c1', 'c2']] as const),
      length: 16,
    }),
  },
  {
    name: 'a parent of one of several objects',
    shape: (random) => ({
      hasParents: true,
      hasSponsors: true,
      hasBadge: false,
      bulkThreshold: random.pick([1, 1000, 1000]),
      isLoaded: random.chance(0.7),
    }),
    scene: (random) => ({
      weights: {
        'account-new': 5,
        'sponsor-refer': 9,
        'boss-refer': 1,
        'local-new': 4,
        'local-edit': 2,
        'org-account-new': 2,
        push: 1,
        ...(random.chance(0.5) && { 'org-sponsor-refer': 5, 'org-account-delete': 1 }),
        time: 4,
        sweep: 1,
      },
      reach: 5,
      length: 14,
      orgs: random.pick([['c1', 'c3'], ['c3']] as const),
    }),
  },
  {
    name: 'operators say what was deleted',
    shape: (random) => ({
      isLoaded: random.chance(0.85),
      records: 3,
      hasBadge: false,
      deletePolicy: random.pick([
        'propagate',
        'propagate',
        'ignore',
        { toSalesforce: 'propagate' },
        { fromSalesforce: 'propagate' },
      ] as const),
    }),
    scene: (random) => ({
      weights: {
        ...EDITS,
        'local-new': 1,
        'local-delete': 3,
        'local-expire': 5,
        'local-return': 1,
        'org-delete': 3,
        'org-undelete': 1,
        'org-hide': 5,
        'org-show': 1,
        'say-item-deleted': 6,
        'say-record-deleted': 6,
        'release-tombstone': 4,
        pause: 1,
        resume: 2,
      },
      orgs: random.pick([['c3'], ['c1', 'c3'], ['c1', 'c2']] as const),
      reach: random.pick([2, 6]),
      length: 18,
    }),
    needs: 'deletions',
  },
];
