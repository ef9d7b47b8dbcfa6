import { PLAN_KINDS, type PlanEntry, type PlanKind } from './entry.ts';

/** One key that shows what a kind means; it holds no value. */
export interface PlanSample {
  readonly key: string;
  /** Local attributes, the first of them. */
  readonly fields?: readonly string[];
  readonly code?: string;
}

export type PlanSamples = Readonly<Partial<Record<PlanKind, readonly PlanSample[]>>>;

/** With keys and names of the greatest length, all of them take a quarter of what an item of DynamoDB may hold. */
const OF_A_KIND = 3;
const FIELDS = 10;

/** The first keys of each kind, beside those that there are already. */
export const withSamples = (samples: PlanSamples, entries: readonly PlanEntry[]): PlanSamples =>
  Object.fromEntries(
    PLAN_KINDS.flatMap((kind) => {
      const before = samples[kind] ?? [];
      const all = [...before, ...samplesOf(kind, entries, OF_A_KIND - before.length)];
      return all.length === 0 ? [] : [[kind, all]];
    }),
  );

function samplesOf(kind: PlanKind, entries: readonly PlanEntry[], wanted: number): PlanSample[] {
  const found: PlanSample[] = [];
  for (const { key, localKey, actions } of entries) {
    if (found.length === wanted) break;
    const action = actions.find((one) => one.kind === kind);
    if (!action) continue;
    const { fields = [], code } = action;
    found.push({
      key: localKey ?? key,
      ...(fields.length > 0 && { fields: fields.slice(0, FIELDS) }),
      ...(code !== undefined && { code }),
    });
  }
  return found;
}
