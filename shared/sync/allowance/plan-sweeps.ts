import { type Allowance, admit, budgetOf } from './admit.ts';
import { forecast } from './forecast.ts';
import { callsOfDay } from './ledger.ts';
import { intervalOf, type ProbedMapping, probesDue } from './probes.ts';
import { CEILINGS, type WorkClass } from './work-class.ts';

export interface SweepPlan<M extends ProbedMapping> {
  /** The sweeps to make now, those of one call together. */
  readonly calls: readonly (readonly M[])[];
  /** How many times longer the mappings wait between sweeps than they ask for. */
  readonly stretch: number;
  readonly scheduledPerDay: number;
}

/** A stretch stays as it is until it would have to be longer, or could be shorter by more than a tenth. */
const STEADY = 0.9;

/**
 * Which mappings of a connection to sweep now. Where its budget does not suffice for what all of them ask for, all wait
 * longer by the same factor, which is spread over the day, so that none is left for last.
 *
 * @param stretch - of the plan before this one
 */
export const planSweeps = <M extends ProbedMapping>(
  allowance: Allowance,
  mappings: readonly M[],
  stretch: number,
  nowMs: number,
): SweepPlan<M> => {
  const of = (work: WorkClass): number => callsOfDay(allowance.ledger, nowMs, 'at-most', work);
  const hintsPerDay = of('interactive') + of('hints');
  const { scheduledPerDay, stretch: needed } = forecast(
    mappings.map(intervalOf),
    hintsPerDay,
    budgetOf(allowance, nowMs),
    CEILINGS.schedules,
  );
  const steady = needed > stretch || needed < stretch * STEADY ? needed : stretch;
  const due = probesDue(mappings, nowMs, steady);
  // One call each for asking; what is found is read and written as it comes.
  const calls = due.filter((_, index) => admit(allowance, 'schedules', index + 1, nowMs).kind === 'go');
  return { calls, stretch: steady, scheduledPerDay };
};
