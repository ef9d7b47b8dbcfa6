import { type AskedWork, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';

/** Work that calls an org, from what a person waits for to what may wait longest. */
export const WORK_CLASSES = ['interactive', 'hints', 'schedules', 'loads', 'full-sweeps'] as const;
export type WorkClass = (typeof WORK_CLASSES)[number];

/**
 * How much of the day's budget may be used up, by all classes together, for a class to go on. What lies above the
 * second highest is the reserve of the first, which nothing else touches.
 */
export const CEILINGS: Readonly<Record<WorkClass, number>> = {
  interactive: 1,
  hints: 0.95,
  schedules: 0.9,
  loads: 0.85,
  'full-sweeps': 0.7,
};

/**
 * Of the budget, what a class may use in a day whatever sweeps ask for and hints used, up to where sweeps stop: so that a
 * load that somebody asked for begins at some time, and each mapping is compared in full at some time. Sweeps leave that
 * much.
 */
export const OWN: Readonly<Partial<Record<WorkClass, number>>> = { loads: 0.04, 'full-sweeps': 0.01 };

/** What a person asked to have looked at: somebody waits for as many keys as one look takes, and for more nobody does. */
export const workOfAsked = (keys: number): AskedWork => (keys <= MAX_KEYS_PER_HINT ? 'interactive' : 'loads');

/** So many calls of planning somebody waits for; a plan that takes more goes on as a load. */
const PLANNING_CALLS = 10;

/** The same of a plan: what is of one key or of one page, and the first calls of one whose size nobody knows yet. */
export const workOfPlan = (plan: {
  readonly phase: string;
  readonly pages: number;
  readonly calls: number;
  readonly undo?: { readonly key?: string };
}): AskedWork => {
  const isSmall = plan.pages <= 1 && (plan.phase === 'applying' || plan.calls < PLANNING_CALLS);
  return isSmall || plan.undo?.key !== undefined ? 'interactive' : 'loads';
};
