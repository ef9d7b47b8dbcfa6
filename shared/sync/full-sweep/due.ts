import { isoOf } from '../../contracts/time.ts';
import { epochMs } from '../time.ts';

const DAY_MS = 24 * 3_600_000;
const MINUTES_OF_A_DAY = 24 * 60;
/** A sweep of which nobody has a message any more goes on after this. */
export const LOST_AFTER_MS = 60 * 60_000;

/** What a tick does about a mapping's full sweep. */
export interface FullSweepTick {
  /** Begin one, or go on with the one that is under way. */
  readonly isDue: boolean;
  /** When the next tick has something to do (ISO 8601); absent where it stays as it is. */
  readonly at?: string;
}

/**
 * Whether a full sweep is due, and when the next is. A schedule that is new, or shorter than before, counts from now;
 * the first sweeps of mappings that a deployment brings are spread over a day, since they all begin to count at once.
 *
 * @param at - when one is due, as it is stored (ISO 8601)
 * @param everyDays - of the schedule, if there is one
 */
export const fullSweepTick = (
  mappingId: string,
  at: string | undefined,
  everyDays: number | undefined,
  nowMs: number,
): FullSweepTick => {
  if (at !== undefined && epochMs(at) <= nowMs) return { isDue: true, at: isoOf(nowMs + LOST_AFTER_MS) };
  if (everyDays === undefined) return { isDue: false };
  const firstMs = nowMs + (everyDays - 1) * DAY_MS + (minuteOf(mappingId) + 1) * 60_000;
  const isLate = at === undefined || epochMs(at) > nowMs + everyDays * DAY_MS;
  return isLate ? { isDue: false, at: isoOf(firstMs) } : { isDue: false };
};

/** A minute of the day, always the same for the same mapping. */
const minuteOf = (mappingId: string): number => {
  let hash = 0;
  for (let index = 0; index < mappingId.length; index += 1)
    hash = (hash * 31 + mappingId.charCodeAt(index)) % 1_000_003;
  return hash % MINUTES_OF_A_DAY;
};
