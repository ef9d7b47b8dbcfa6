import { isKnown } from '../run/known.ts';
import { BUDGET_BUGS } from './budget-bugs.ts';
import type { PlantedBug } from './bundle.ts';
import { EDIT_BUGS } from './edit-bugs.ts';
import { OPERATION_BUGS } from './operation-bugs.ts';
import { SELDOM_BUGS } from './seldom-bugs.ts';
import { SWEEP_BUGS } from './sweep-bugs.ts';
import { TROUBLE_BUGS } from './trouble-bugs.ts';
import { UNDO_BUGS } from './undo-bugs.ts';

/**
 * Bugs that the simulation has to find, each by itself. Those of the store stand in the one in memory; its contract
 * suite finds the same ones in the adapter.
 *
 * Not among them, since no schedule shows it: that a field which was left out has the base of before when it is back. Where
 * that is still there, it decides as well as a first meeting, but for a side that was cleared, and an empty field proves
 * nothing here. A named test (`schedules/drift.test.ts`) holds the rule.
 */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...EDIT_BUGS,
  ...SWEEP_BUGS,
  ...TROUBLE_BUGS,
  ...OPERATION_BUGS,
  ...BUDGET_BUGS,
  ...UNDO_BUGS,
  ...SELDOM_BUGS,
];

/** Without those that nothing can tell from what the engine is known to do wrong. */
export const FINDABLE_BUGS = PLANTED_BUGS.filter(({ awaits }) => awaits === undefined || !isKnown(awaits));
