import type { Weights, What } from '../people/happenings.ts';
import type { Trouble } from './stage.ts';

/** Both sides are edited, and little else happens. */
export const EDITS: Weights = { 'local-edit': 8, 'org-edit': 8, time: 5, sweep: 2 };
/** What usually happens. */
export const LIFE: Weights = {
  ...EDITS,
  'local-new': 2,
  'org-new': 2,
  'local-clear': 1,
  'org-clear': 1,
  'repeat-notification': 1,
  'lose-notification': 1,
  'repeat-message': 1,
};

/** Both sides edit one field, and a person decides now and then. */
export const HELD: Weights = {
  'local-edit': 8,
  'org-edit': 8,
  resolve: 7,
  'resolve-stale': 6,
  'lose-notification': 1,
  time: 8,
};

/** Nothing but time for the others. */
export const PAUSE: readonly What[] = Array.from({ length: 6 }, () => 'repeat-notification');

/** Both sides edit a record. */
export const BOTH_EDIT: readonly What[] = ['local-edit', 'org-edit'];

export const QUIET: Partial<Trouble> = { death: 0, store: 0, org: 0 };
