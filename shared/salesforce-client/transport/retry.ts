import { nextOf } from '../../contracts/next.ts';
import { isSalesforceError } from '../errors/errors.ts';

/** Attempts of one call in all. If three within seconds fail, waiting is up to the caller. */
const MAX_ATTEMPTS = 3;
const BASE_MS = 250;
/** Waiting inside a call keeps a function busy; a longer wait belongs in the queue. */
const MAX_WAIT_MS = 5_000;

export type RetryDecision = { readonly do: 'repeat'; readonly afterMs: number } | { readonly do: 'give-up' };

/**
 * Whether a failed attempt is repeated inside the call. Pure. `next` of the error says whether a repeat is safe (for a
 * write of unknown outcome it is `reread`), so this decides only how often and after how long. The jitter is full: from
 * 0 to the whole pause, after the time that `Retry-After` asked for.
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
