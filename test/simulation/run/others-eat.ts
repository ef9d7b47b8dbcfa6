import type { Profile } from './profile.ts';

/** Other integrations use an org's allowance up, and stop, while both sides are edited. */
export const OTHERS_EAT: Profile = {
  name: 'an allowance that others use up',
  shape: (random) => ({ isLoaded: true, hasBadge: random.chance(0.5) }),
  scene: () => ({
    weights: {
      'local-edit': 8,
      'org-edit': 8,
      'others-eat': 6,
      'others-stop': 1,
      'local-new': 2,
      'org-new': 2,
      'full-sweep': 1,
      plan: 1,
      'apply-plan': 2,
      sweep: 2,
      time: 5,
      wait: 2,
    },
    reach: 4,
    length: 24,
    orgs: ['c1', 'c3'],
  }),
};
