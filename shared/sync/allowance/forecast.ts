import { HOUR_MS } from './ledger.ts';
import { MAX_TOGETHER } from './together.ts';

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
 * @param budget - the connection's calls a day, of all classes
 * @param ceiling - the part of it that schedules may use up
 */
export const forecast = (
  intervalsMs: readonly number[],
  hintsPerDay: number,
  budget: number,
  ceiling: number,
): Forecast => {
  const scheduledPerDay = probesPerDay(intervalsMs);
  const availablePerDay = Math.max(0, budget * ceiling - hintsPerDay);
  const isFeasible = scheduledPerDay <= availablePerDay;
  const stretch = isFeasible ? 1 : Math.min(MAX_STRETCH, scheduledPerDay / Math.max(1, availablePerDay));
  return { scheduledPerDay, hintsPerDay, availablePerDay, isFeasible, stretch };
};

/** Even where nothing is left, a mapping is asked after once a day: only an answer tells that there is room again. */
const MAX_STRETCH = 1_440;
