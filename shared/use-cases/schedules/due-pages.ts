import { type Clock, nowIso } from '../../contracts/clock.ts';

/** One read of the index; what is left after it comes with the next read. */
const PAGE = 500;
/** Pages in one tick, should the tables fill faster than they are emptied. */
const PAGES = 20;

/** How to work through what is due. */
export interface DuePages<T> {
  /** Entries that are due at this time, oldest first, at most `limit`. */
  readonly read: (at: string, limit: number) => Promise<readonly T[]>;
  /** Tells one entry from every other, and from itself at another time. */
  readonly identify: (entry: T) => string;
  readonly handle: (entries: readonly T[]) => Promise<void>;
  /** Called when a read brings nothing more; true if the next one looks further. @default there is nothing further */
  readonly widen?: () => boolean;
}

/**
 * Reads and handles pages until nothing new comes, the time is near, or the bound is reached. The index lags behind
 * what was just ticked off, so what was seen in this tick is passed over.
 *
 * @param deadlineMs - epoch milliseconds at which to stop between two pages
 */
export const eachDuePage = async <T>(
  clock: Pick<Clock, 'nowMs'>,
  deadlineMs: number,
  { read, identify, handle, widen = () => false }: DuePages<T>,
): Promise<void> => {
  const seen = new Set<string>();
  for (let page = 0; page < PAGES && clock.nowMs() < deadlineMs; page += 1) {
    const entries = await read(nowIso(clock), PAGE);
    const fresh = entries.filter((entry) => {
      const id = identify(entry);
      const isFresh = !seen.has(id);
      seen.add(id);
      return isFresh;
    });
    if (fresh.length > 0) await handle(fresh);
    const isLast = entries.length < PAGE || fresh.length === 0;
    if (isLast && !widen()) return;
  }
};
