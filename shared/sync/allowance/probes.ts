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

const DAY_MS = 24 * 60 * 60_000;

/**
 * The time between two sweeps where the budget does not suffice for what all mappings ask for. Only an answer tells that
 * there is room again, so each mapping is asked after once a day, however little is left.
 *
 * @param stretch - how many times longer than asked sweeps have to wait
 */
export const stretchedMs = (freshnessMs: number, stretch: number): number =>
  Math.min(freshnessMs * stretch, Math.max(freshnessMs, DAY_MS));
