import { StoredItemError } from '../../../contracts/stored-item-error.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { ParkedKey } from '../../../sync/reconcile/parking.ts';
import type { LookedUp } from '../../ports/sync-store.ts';

/** What was found by key, and the keys whose item somebody damaged. */
export interface Readable<T> extends LookedUp<T> {
  readonly unreadable: ReadonlySet<string>;
}

const PARALLEL = 20;

/**
 * Looks items up by key, and where one is damaged each by itself: the others are not held up by it.
 *
 * @throws what `read` throws otherwise, also for items of a newer deployment: those wait for its return
 */
export async function readReadable<T>(
  keys: readonly string[],
  read: (keys: readonly string[]) => Promise<LookedUp<T>>,
): Promise<Readable<T>> {
  if (keys.length === 0) return { found: new Map(), parked: new Map(), unreadable: new Set() };
  try {
    return { ...(await read(keys)), unreadable: new Set() };
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const found = new Map<string, T>();
  const parked = new Map<string, ParkedKey>();
  const unreadable = new Set<string>();
  const readOne = async (key: string): Promise<void> => {
    try {
      const one = await read([key]);
      for (const [name, value] of one.found) found.set(name, value);
      for (const [name, value] of one.parked) parked.set(name, value);
    } catch (error) {
      if (!isDamage(error)) throw error;
      unreadable.add(key);
    }
  };
  for (const part of chunk([...new Set(keys)], PARALLEL)) await Promise.all(part.map(readOne));
  return { found, parked, unreadable };
}

const isDamage = (error: unknown): boolean => error instanceof StoredItemError && error.next.do === 'stop';
