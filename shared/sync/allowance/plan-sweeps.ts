import { type Allowance, admit } from './admit.ts';
import { forecast, probesPerDay, stretchOf } from './forecast.ts';
import { intervalOf, type ProbedMapping, probesDue } from './probes.ts';

export interface SweepPlan<M extends ProbedMapping> {
  /** The sweeps to make now, those of one call together. */
  readonly calls: readonly (readonly M[])[];
  /** How many times longer the mappings wait between sweeps than they ask for. */
  readonly stretch: number;
  readonly scheduledPerDay: number;
}

/** A stretch stays as it is while it is long enough, and no longer than what fits into so much of what is available. */
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
  const scheduledPerDay = probesPerDay(mappings.map(intervalOf));
  const { stretch: needed, availablePerDay } = forecast({ ...allowance, scheduledPerDay }, nowMs);
  const steady = steadyStretch(stretch, needed, stretchOf(scheduledPerDay, availablePerDay * STEADY));
  const due = probesDue(mappings, nowMs, steady);
  // One call each for asking; what is found is read and written as it comes.
  const calls = due.filter((_, index) => admit(allowance, 'schedules', index + 1, nowMs).kind === 'go');
  return { calls, stretch: steady, scheduledPerDay };
};

/** Keeps a stretch within what is needed and what is easily enough, so that it does not change with every call. */
const steadyStretch = (before: number, needed: number, enough: number): number =>
  Math.min(enough, Math.max(needed, before));
