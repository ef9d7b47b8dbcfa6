import { isIsoTime } from '../contracts/time.ts';
import { assert } from './assert.ts';

/**
 * Milliseconds since the epoch of an ISO 8601 time. Offsets without a colon, as REST writes them, are fine too: V8 reads
 * them, though the standard does not ask for it.
 */
export const epochMs = (iso: string): number => {
  const ms = Date.parse(iso);
  assert(!Number.isNaN(ms), 'a time is not ISO 8601');
  return ms;
};

/** True where `a` is a later moment than `b`; nothing is earlier than an unknown time. */
export const isAfter = (a: string, b: string | undefined): boolean => {
  if (b === undefined) return true;
  // Of the one form, the later text is the later time. Every row of a page is judged here.
  if (isIsoTime(a) && isIsoTime(b)) return a > b;
  return epochMs(a) > epochMs(b);
};

/** The later of two times, either of which may be unknown. */
export const latest = (a: string | undefined, b: string | undefined): string | undefined => {
  if (a === undefined) return b;
  return isAfter(a, b) ? a : b;
};
