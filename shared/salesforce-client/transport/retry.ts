import { nextOf } from '../../contracts/next.ts';
import { isSalesforceError } from '../errors/errors.ts';

/** Attempts of one call altogether: what three tries in a few seconds do not mend is the caller's to wait for. */
const MAX_ATTEMPTS = 3;
const BASE_MS = 250;
/** A wait inside a call holds a function; a longer one belongs into the queue. */
const MAX_WAIT_MS = 5_000;

export type RetryDecision = { readonly do: 'repeat'; readonly afterMs: number } | { readonly do: 'give-up' };

/**
 * Whether a failed attempt is repeated inside the call. Pure: errors say by `next` whether a repeat is safe (a write
 * of unknown outcome says `reread`), so that here only number and length of waits are decided. The jitter is full,
 * from nothing to the whole span; where `Retry-After` asked for a time, it begins when that is over.
 *
 * @param attempt - which attempt failed, from 1
 * @param random - one number from 0 up to 1, for full jitter
 */
export function decideRetry(error: unknown, attempt: number, random: number): RetryDecision {
  const next = nextOf(error);
  if (next.do !== 'retry' || attempt >= MAX_ATTEMPTS || next.afterMs > MAX_WAIT_MS) return { do: 'give-up' };
  const floorMs = isSalesforceError(error) ? (error.notBeforeMs ?? 0) : 0;
  const spreadMs = Math.max(next.afterMs, BASE_MS) * 2 ** (attempt - 1);
  return { do: 'repeat', afterMs: floorMs + Math.floor(random * Math.min(spreadMs, MAX_WAIT_MS - floorMs)) };
}
