import type * as z from 'zod/mini';
import type { Clock } from '../../contracts/clock.ts';
import { unexpectedResponse } from '../errors/errors.ts';
import { type OrgCalls, reading, readJson } from './calls.ts';
import { sharing } from './sharing.ts';

/** How long an answer is used without asking again: a changed field or permission is noticed within this time. */
const FRESH_MS = 5 * 60_000;

interface Cached<T> {
  readonly value: T;
  readonly lastModified: string | undefined;
  readonly checkedAtMs: number;
}

/**
 * Reads resources that seldom change, and remembers them by their address. After five minutes it asks with
 * `If-Modified-Since`, so that an unchanged resource costs a call but no body.
 *
 * @param maxKept - how many answers are remembered: those that were used last
 */
export function conditionalReads<S extends z.ZodMiniType>(
  calls: OrgCalls,
  clock: Clock,
  schema: S,
  maxKept: number,
): (operation: string, url: string) => Promise<z.infer<S>> {
  const cache = new Map<string, Cached<z.infer<S>>>();
  const ask = async (operation: string, url: string, known: Cached<z.infer<S>> | undefined) => {
    const since = known?.lastModified;
    const request = reading(operation, url, since === undefined ? {} : { 'if-modified-since': since });
    const response = await calls.send(request);
    if (response.status !== 304) {
      const value = await readJson(response, request, schema);
      return { value, lastModified: response.headers['last-modified'] };
    }
    if (known === undefined)
      throw unexpectedResponse(
        operation,
        'it says that an answer is unchanged which was never given',
        response,
      );
    return known;
  };
  const look = async (operation: string, url: string, key: string) => {
    const found = await ask(operation, url, cache.get(key));
    cache.delete(key);
    cache.set(key, { ...found, checkedAtMs: clock.nowMs() });
    for (const oldest of cache.keys()) {
      if (cache.size <= maxKept) break;
      cache.delete(oldest);
    }
    return found.value;
  };
  const once = sharing<string, z.infer<S>>();
  return async (operation, url) => {
    // These addresses hold API names alone, which are compared without case.
    const key = url.toLowerCase();
    const known = cache.get(key);
    const ageMs = clock.nowMs() - (known?.checkedAtMs ?? 0);
    // The age is negative if the clock was set back.
    if (known !== undefined && ageMs >= 0 && ageMs < FRESH_MS) return known.value;
    return once(key, () => look(operation, url, key));
  };
}
