import type { CallLedger } from './ledger.ts';
import { observe, type Usage } from './usage.ts';

/** Calls in succession that the org refused as above its allowance. */
export interface Refused {
  /** 0 where the org has answered since. */
  readonly times: number;
  /** When the last of them was (epoch milliseconds). */
  readonly atMs: number;
}

/** What refusals and answers change, and what it depends on. */
interface Told {
  readonly ledger: CallLedger;
  readonly usage?: Usage | undefined;
  readonly refused?: Refused | undefined;
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
 * What is known after a call that the org refused as above its allowance, whether or not the refusal told the count: all
 * is used up, and nobody calls before `askAgainAt`.
 */
export const afterRefusal = (
  { usage, ledger, refused }: Told,
  nowMs: number,
): Pick<Told, 'usage' | 'refused'> => {
  const max = usage?.max;
  return {
    refused: { times: (refused?.times ?? 0) + 1, atMs: nowMs },
    ...(max !== undefined && { usage: observe(usage, { used: max, max, atMs: nowMs }, ledger) }),
  };
};

/** What is known after a call that the org answered. */
export const afterAnswer = ({ refused }: Pick<Told, 'refused'>, nowMs: number): Pick<Told, 'refused'> =>
  refused === undefined || refused.times === 0 ? {} : { refused: { times: 0, atMs: nowMs } };
