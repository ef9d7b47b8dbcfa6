import { type Allowance, budgetOf } from './admit.ts';
import { callsOfDay, HOUR_MS } from './ledger.ts';
import { MAX_TOGETHER } from './together.ts';
import { CEILINGS, OWN, type WorkClass } from './work-class.ts';

const DAY_MS = 24 * HOUR_MS;

/**
 * The fewest calls a day that keep these mappings as fresh as they ask: five a call, the seats that are left in the calls
 * of the most frequent taken by those less frequent. Exact where each freshness is a multiple of the next smaller one.
 *
 * @param intervalsMs - one for each mapping: its freshness, in milliseconds
 */
export const probesPerDay = (intervalsMs: readonly number[]): number => {
  let perDay = 0;
  let freeSeats = 0;
  const sorted = intervalsMs.toSorted((a, b) => a - b);
  for (const interval of new Set(sorted)) {
    const wanted = (sorted.filter((one) => one === interval).length * DAY_MS) / interval;
    const rounds = DAY_MS / interval;
    const riding = Math.min(wanted, freeSeats);
    const calls = Math.ceil((wanted - riding) / rounds / MAX_TOGETHER) * rounds;
    perDay += calls;
    freeSeats += calls * MAX_TOGETHER - wanted;
  }
  return perDay;
};

/** Of the budget, what hints and sweeps use together where they use all that they may. */
const OF_SWEEPS = CEILINGS.schedules - Object.values(OWN).reduce((all, own) => all + own, 0);

/** What a connection will use, and whether that fits. */
export interface Forecast {
  readonly scheduledPerDay: number;
  readonly hintsPerDay: number;
  /** The calls of a day that schedules may use. */
  readonly availablePerDay: number;
  readonly isFeasible: boolean;
  /** How many times longer the waits between sweeps become; 1 where it is feasible. */
  readonly stretch: number;
}

/**
 * What is to be expected of the next day, by what mappings ask for and what hints used in the last one.
 *
 * @param moreHints - calls of hints that come on top
 */
export const forecast = (allowance: Allowance, nowMs: number, moreHints = 0): Forecast => {
  const of = (work: WorkClass): number => callsOfDay(allowance.ledger, nowMs, 'at-most', work);
  const { scheduledPerDay } = allowance;
  const hintsPerDay = of('interactive') + of('hints') + moreHints;
  const availablePerDay = Math.max(0, budgetOf(allowance, nowMs) * OF_SWEEPS - hintsPerDay);
  const stretch = stretchOf(scheduledPerDay, availablePerDay);
  return { scheduledPerDay, hintsPerDay, availablePerDay, isFeasible: stretch === 1, stretch };
};

/** How many times longer sweeps wait so that what is needed a day fits into what is available; 1 where it does. */
const stretchOf = (scheduledPerDay: number, availablePerDay: number): number =>
  Math.min(MAX_STRETCH, Math.max(1, scheduledPerDay / Math.max(1, availablePerDay)));

/** A minute becomes a day. */
const MAX_STRETCH = 1_440;
