import { MAX_TOGETHER } from './together.ts';

/** A mapping's sweeps, as far as planning them goes; all times in milliseconds. */
export interface ProbedMapping {
  readonly mappingId: string;
  /** How often it is swept while it finds something. */
  readonly everyMs: number;
  /** How old what it knows may be: sweeps that find nothing are this far apart at most. */
  readonly freshnessMs: number;
  readonly probedAtMs: number;
  /** Sweeps in a row that found nothing. */
  readonly idleRounds: number;
}

/** The time between two sweeps: doubled with each that finds nothing, within the freshness asked for. */
export const intervalOf = ({
  everyMs,
  freshnessMs,
  idleRounds,
}: Pick<ProbedMapping, 'everyMs' | 'freshnessMs' | 'idleRounds'>): number =>
  Math.min(Math.max(everyMs, freshnessMs), everyMs * 2 ** Math.min(idleRounds, 20));

/** When it is due (epoch milliseconds); `stretch` is 1 while the budget suffices. */
export const dueAt = (mapping: ProbedMapping, stretch: number): number =>
  mapping.probedAtMs + intervalOf(mapping) * stretch;

/**
 * The sweeps to make now, earliest deadline first, five a call. Seats that are left in the last call go to those that
 * would be due next: they cost nothing, and their next call is later.
 */
export const probesDue = <M extends ProbedMapping>(
  mappings: readonly M[],
  nowMs: number,
  stretch: number,
): M[][] => {
  const byDeadline = mappings.toSorted((a, b) => dueAt(a, stretch) - dueAt(b, stretch));
  const due = byDeadline.filter((mapping) => dueAt(mapping, stretch) <= nowMs).length;
  const seats = Math.min(byDeadline.length, Math.ceil(due / MAX_TOGETHER) * MAX_TOGETHER);
  return Array.from({ length: Math.ceil(seats / MAX_TOGETHER) }, (_, call) =>
    byDeadline.slice(call * MAX_TOGETHER, Math.min(seats, (call + 1) * MAX_TOGETHER)),
  );
};
