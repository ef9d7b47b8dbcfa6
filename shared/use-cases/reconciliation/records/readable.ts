import { StoredItemError } from '../../../contracts/stored-item-error.ts';
import { chunk } from '../../../sync/plan/chunk.ts';

/** What was found by key, and the keys whose item somebody damaged. */
export interface Readable<T> {
  readonly found: ReadonlyMap<string, T>;
  readonly unreadable: ReadonlySet<string>;
}

const PARALLEL = 20;

/**
 * Reads items by key, and where one is damaged each by itself: the others are not held up by it.
 *
 * @throws what `read` throws otherwise, also for items of a newer deployment: those wait for its return
 */
export async function readReadable<T>(
  keys: readonly string[],
  read: (keys: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<Readable<T>> {
  try {
    return { found: await read(keys), unreadable: new Set() };
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  const found = new Map<string, T>();
  const unreadable = new Set<string>();
  const readOne = async (key: string): Promise<void> => {
    try {
      for (const [name, value] of await read([key])) found.set(name, value);
    } catch (error) {
      if (!isDamage(error)) throw error;
      unreadable.add(key);
    }
  };
  for (const part of chunk([...new Set(keys)], PARALLEL)) await Promise.all(part.map(readOne));
  return { found, unreadable };
}

const isDamage = (error: unknown): boolean => error instanceof StoredItemError && error.next.do === 'stop';
