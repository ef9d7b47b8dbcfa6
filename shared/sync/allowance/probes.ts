import { placeOf } from '../spread.ts';

/** What decides how often a mapping is swept; times in milliseconds. */
export interface SweepRhythm {
  /** How often it is swept while it finds something. */
  readonly everyMs: number;
  /** How old what it knows may be: sweeps that find nothing are this far apart at most. */
  readonly freshnessMs: number;
  /** Sweeps in a row that found nothing. */
  readonly idleRounds: number;
}

/** More doublings than this say nothing new: a minute becomes two years. */
const MOST_DOUBLINGS = 20;

/** The time between two sweeps: doubled with each that finds nothing, within the freshness asked for. */
export const intervalOf = ({ everyMs, freshnessMs, idleRounds }: SweepRhythm): number =>
  Math.min(Math.max(everyMs, freshnessMs), everyMs * 2 ** Math.min(idleRounds, MOST_DOUBLINGS));

const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60_000;

/**
 * When a mapping is swept next: at its connection's next whole multiple of the interval, counted from a second of the day
 * that the connection's id tells. So mappings of one connection are due together and share calls, however late one of
 * them was swept, and connections are not all due at once.
 *
 * @returns later than now, by one interval at most (epoch milliseconds)
 */
export const nextOnGrid = (connectionId: string, intervalMs: number, nowMs: number): number => {
  const startMs = placeOf(connectionId, DAY_MS / SECOND_MS) * SECOND_MS;
  return startMs + (Math.floor((nowMs - startMs) / intervalMs) + 1) * intervalMs;
};

/**
 * The time between two sweeps where the budget does not suffice for what all mappings ask for. Only an answer tells that
 * there is room again, so each mapping is asked after once a day, however little is left.
 *
 * @param stretch - how many times longer than asked sweeps have to wait
 */
export const stretchedMs = (freshnessMs: number, stretch: number): number =>
  Math.min(freshnessMs * stretch, Math.max(freshnessMs, DAY_MS));
