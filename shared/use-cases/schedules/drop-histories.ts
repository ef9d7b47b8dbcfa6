import type { Clock } from '../../contracts/clock.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { History } from '../ports/history.ts';

export interface DropHistoriesPorts {
  readonly history: Pick<History, 'drop'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** Pages of some two hundred lines that one tick deletes of a mapping; the next time that it is due goes on. */
const DROPPED_PAGES = 50;
/** Mappings at once: a page is one query, and eight writes side by side. */
const PARALLEL = 4;

/**
 * Deletes what is remembered of the changes of mappings that nobody wants any more: a page of each in turn, so that none
 * waits for the longest. What is left when the time is over goes on when its mapping is due again, or ends by itself.
 *
 * @param deadlineMs - epoch milliseconds at which to stop between two pages
 */
export const dropHistories = async (
  { history, clock }: DropHistoriesPorts,
  mappingIds: readonly string[],
  deadlineMs: number,
): Promise<void> => {
  let left = mappingIds;
  for (let page = 0; page < DROPPED_PAGES && left.length > 0; page += 1) {
    const more: string[] = [];
    for (const part of chunk(left, PARALLEL)) {
      if (clock.nowMs() >= deadlineMs) return;
      const dropped = await Promise.all(part.map((mappingId) => history.drop(mappingId)));
      more.push(...part.filter((_, index) => dropped[index] !== 0));
    }
    left = more;
  }
};
