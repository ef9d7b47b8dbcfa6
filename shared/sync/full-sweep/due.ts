import { isoOf } from '../../contracts/time.ts';
import type { Mapping } from '../model/mapping.ts';
import { placeOf } from '../spread.ts';
import { epochMs } from '../time.ts';
import type { SweepScope } from './findings.ts';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
/** A sweep of which nobody has a message any more goes on after this. */
export const LOST_AFTER_MS = 60 * MINUTE_MS;

/** In a mapping's state: when a sweep of each scope is due. */
export const DUE_AT = { all: 'fullSweepAt', formulas: 'formulasAt' } as const satisfies Record<
  SweepScope,
  string
>;

/** Milliseconds from one sweep of this scope to the next; undefined where only somebody's word begins one. */
export const sweepEveryMs = (
  scope: SweepScope,
  {
    fullSweepEveryDays: days,
    formulasEveryMinutes: minutes,
  }: Pick<Mapping, 'fullSweepEveryDays' | 'formulasEveryMinutes'>,
): number | undefined => {
  if (scope === 'all') return days === undefined ? undefined : days * DAY_MS;
  return minutes === undefined ? undefined : minutes * MINUTE_MS;
};

/** How long after it was seen at work a sweep is taken for lost. */
export const lostAfterMs = (everyMs: number | undefined): number =>
  Math.min(LOST_AFTER_MS, everyMs ?? LOST_AFTER_MS);

/** What a tick does about a mapping's full sweep. */
export interface FullSweepTick {
  /** Begin one, or go on with the one that is under way. */
  readonly isDue: boolean;
  /** When the next tick has something to do (ISO 8601); absent where it stays as it is. */
  readonly at?: string;
}

/**
 * Whether a full sweep is due, and when the next is. A schedule that is new, or shorter than before, counts from now;
 * the first sweeps of mappings that a deployment brings are spread over a day, or less where they are swept more often,
 * since they all begin to count at once.
 *
 * @param at - when one is due, as it is stored (ISO 8601)
 * @param everyMs - of the schedule, if there is one
 */
export const fullSweepTick = (
  mappingId: string,
  at: string | undefined,
  everyMs: number | undefined,
  nowMs: number,
): FullSweepTick => {
  if (at !== undefined && epochMs(at) <= nowMs)
    return { isDue: true, at: isoOf(nowMs + lostAfterMs(everyMs)) };
  if (everyMs === undefined) return { isDue: false };
  const spreadMs = Math.min(DAY_MS, everyMs);
  const firstMs = nowMs + everyMs - spreadMs + (placeOf(mappingId, spreadMs / MINUTE_MS) + 1) * MINUTE_MS;
  const isLate = at === undefined || epochMs(at) > nowMs + everyMs;
  return isLate ? { isDue: false, at: isoOf(firstMs) } : { isDue: false };
};
