/** Calls in succession that the org refused as above its allowance. */
export interface Refused {
  /** 0 where the org has answered since. */
  readonly times: number;
  /** When the last of them was (epoch milliseconds). */
  readonly atMs: number;
}

/** Only an answer tells that there is room again: it is asked for after this time, then after twice as long, up to an hour. */
const FIRST_MS = 15 * 60_000;
const LONGEST_MS = 60 * 60_000;

/** When the org may be called again; nothing where it was not refused (epoch milliseconds). */
export const askAgainAt = (refused: Refused | undefined): number | undefined =>
  refused === undefined || refused.times === 0
    ? undefined
    : refused.atMs + Math.min(LONGEST_MS, FIRST_MS * 2 ** (refused.times - 1));

/**
 * What is known after a call that the org refused as above its allowance, whether or not the refusal told the count:
 * nobody calls before `askAgainAt`, and the next answer tells how much is left.
 */
export const afterRefusal = (before: Refused | undefined, nowMs: number): Refused => ({
  times: (before?.times ?? 0) + 1,
  atMs: nowMs,
});

/** What is known after a call that the org answered. */
export const afterAnswer = (before: Refused | undefined, nowMs: number): Refused | undefined =>
  before === undefined || before.times === 0 ? before : { times: 0, atMs: nowMs };
