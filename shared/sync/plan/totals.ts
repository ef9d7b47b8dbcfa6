import { PLAN_KINDS, type PlanEntry, type PlanKind } from './entry.ts';

/** What a plan comes to; kinds that do not occur are left out. A key may count in several kinds. */
export interface PlanTotals {
  readonly keys: number;
  readonly kinds: Readonly<Partial<Record<PlanKind, number>>>;
}

export const NO_TOTALS: PlanTotals = { keys: 0, kinds: {} };

export const totalsOf = (entries: readonly PlanEntry[]): PlanTotals => {
  const kinds = new Map<PlanKind, number>();
  for (const { actions } of entries)
    for (const kind of new Set(actions.map((action) => action.kind)))
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return { keys: entries.length, kinds: Object.fromEntries(kinds) };
};

export const addTotals = (a: PlanTotals, b: PlanTotals): PlanTotals => ({
  keys: a.keys + b.keys,
  kinds: Object.fromEntries(
    PLAN_KINDS.flatMap((kind) => {
      const count = (a.kinds[kind] ?? 0) + (b.kinds[kind] ?? 0);
      return count === 0 ? [] : [[kind, count]];
    }),
  ),
});
