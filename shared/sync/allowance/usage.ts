import { type CallLedger, callsOfDay, HOUR_MS } from './ledger.ts';

/** What Salesforce said of an org's calls in the last 24 hours (epoch milliseconds). */
export interface SeenUsage {
  readonly used: number;
  readonly max: number;
  readonly atMs: number;
}

/** What is known of an org's allowance. */
export interface Usage {
  readonly max: number;
  /** Calls in 24 hours that are not ours: a maximum that fades. */
  readonly others: number;
  /** When it was last seen (epoch milliseconds). */
  readonly atMs: number;
}

/** Salesforce's count lags by minutes and goes backwards, so what was seen once fades slowly. */
const HALF_LIFE_MS = 3 * HOUR_MS;

/** What others use by now, as far as is known. */
export const othersAt = ({ others, atMs }: Usage, nowMs: number): number =>
  others * 2 ** (-Math.max(0, nowMs - atMs) / HALF_LIFE_MS);

/**
 * What is known after one more answer of the org, which may be an older one than that before it. Of its count, everything
 * that is not surely ours is others'.
 */
export const observe = (before: Usage | undefined, seen: SeenUsage, ledger: CallLedger): Usage => {
  const others = Math.max(0, seen.used - callsOfDay(ledger, seen.atMs, 'at-least'));
  const told: Usage = { max: seen.max, others, atMs: seen.atMs };
  if (before === undefined) return told;
  const [older, newer] = before.atMs > told.atMs ? [told, before] : [before, told];
  return { ...newer, others: Math.max(newer.others, othersAt(older, newer.atMs)) };
};
