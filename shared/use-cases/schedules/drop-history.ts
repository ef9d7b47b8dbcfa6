import type { History } from '../ports/history.ts';

export interface DropHistoryPorts {
  readonly history: Pick<History, 'drop'>;
}

/** Pages of some two hundred lines that one tick deletes of a mapping; the next time that it is due goes on. */
const DROPPED_PAGES = 50;

/** Deletes what is remembered of a mapping's changes that nobody wants any more. What is left ends by itself in time. */
export const dropHistory = async ({ history }: DropHistoryPorts, mappingId: string): Promise<void> => {
  for (let page = 0; page < DROPPED_PAGES; page += 1) {
    if ((await history.drop(mappingId)) === 0) return;
  }
};
