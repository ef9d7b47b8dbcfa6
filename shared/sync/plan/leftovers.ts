/** Why a planned key was not done as planned. */
export const LEFTOVERS = {
  /** Something else would come of it now: one of the sides has changed since the plan. */
  changed: 'skipped',
  /** Nothing is left to do: the sync, or a person, has done it since. */
  settled: 'skipped',
  /** Another worker or a bulk job was writing it. */
  held: 'skipped',
  /** It was tried, and something else came of it: Salesforce refused it, or it changed in the same moment. */
  otherwise: 'tried',
} as const satisfies Record<string, 'skipped' | 'tried'>;

export type LeftoverReason = keyof typeof LEFTOVERS;
export const LEFTOVER_REASONS = Object.keys(LEFTOVERS) as LeftoverReason[];

/** How many were left for which reason; reasons without any are left out. */
export type LeftoverCounts = Readonly<Partial<Record<LeftoverReason, number>>>;

export const addLeftovers = (counts: LeftoverCounts, reasons: readonly LeftoverReason[]): LeftoverCounts =>
  Object.fromEntries(
    LEFTOVER_REASONS.flatMap((reason) => {
      const count = (counts[reason] ?? 0) + reasons.filter((one) => one === reason).length;
      return count === 0 ? [] : [[reason, count]];
    }),
  );
