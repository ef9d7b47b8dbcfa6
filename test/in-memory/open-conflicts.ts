import {
  type HeldChange,
  InvalidPlace,
  type OpenConflict,
  type OpenConflictPage,
  type OpenConflictQuery,
  type OpenConflicts,
} from '../../shared/use-cases/ports/open-conflicts.ts';
import { idOf } from './open-conflict-items.ts';
import type { InMemorySyncStore } from './sync-store.ts';

/** In the order of the list: by time, and then by anything that is always the same. */
const placeOf = (conflict: OpenConflict): string => JSON.stringify([conflict.since, idOf(conflict)]);

/** The open conflicts of a store in memory; what is held of a link is changed in it. */
export class InMemoryOpenConflicts implements OpenConflicts {
  readonly #store: InMemorySyncStore;

  constructor(store: InMemorySyncStore) {
    this.#store = store;
  }

  async list({ mappingId, field, before, limit, after }: OpenConflictQuery): Promise<OpenConflictPage> {
    const ours = this.#all().filter((one) => one.mappingId === mappingId);
    if (after !== undefined && !isPlace(after)) throw new InvalidPlace();
    const found = ours
      .filter(({ since }) => before === undefined || Date.parse(since) < Date.parse(before))
      .toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
      .filter((one) => after === undefined || placeOf(one) > after);
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const conflicts = page
      .filter((one) => field === undefined || one.field === field)
      .map((one) => structuredClone(one));
    return last && found.length > limit ? { conflicts, next: placeOf(last) } : { conflicts };
  }

  async find(mappingId: string, localKey: string, field: string): Promise<OpenConflict | undefined> {
    return structuredClone(this.#store.openConflicts.stored.get(idOf({ mappingId, localKey, field })));
  }

  async change({ link, expectedVersion, openConflicts, parking }: HeldChange): Promise<boolean> {
    if (!this.#store.replaceLink(link, expectedVersion)) return false;
    this.#store.openConflicts.apply(link.mappingId, link.localKey, openConflicts);
    if (parking) await this.#store.parkedKeys.park([parking]);
    return true;
  }

  async discard(conflicts: readonly OpenConflict[]): Promise<void> {
    for (const one of conflicts) this.#store.openConflicts.stored.delete(idOf(one));
  }

  #all(): OpenConflict[] {
    return [...this.#store.openConflicts.stored.values()];
  }
}

const isPlace = (after: string): boolean => {
  try {
    return Array.isArray(JSON.parse(after));
  } catch {
    return false;
  }
};
