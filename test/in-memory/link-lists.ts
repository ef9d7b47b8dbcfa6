import type { Link } from '../../shared/sync/model/link.ts';
import type { LinkLists } from '../../shared/use-cases/ports/link-lists.ts';
import type { InMemorySyncStore } from './sync-store.ts';

/** The links of a store in memory. */
export class InMemoryLinkLists implements LinkLists {
  readonly #store: InMemorySyncStore;
  readonly #pageItems: number;

  constructor(store: InMemorySyncStore, pageItems = 200) {
    this.#store = store;
    this.#pageItems = pageItems;
  }

  async page(mappingId: string, after?: string) {
    const all = this.#of(mappingId).filter(({ localKey }) => after === undefined || localKey > after);
    const links = all.slice(0, this.#pageItems).map((link) => structuredClone(link));
    const last = links.at(-1);
    return all.length > links.length && last ? { links, next: last.localKey } : { links };
  }

  async countLiving(mappingId: string, atMost: number): Promise<number> {
    return Math.min(atMost, this.#of(mappingId).filter(({ state }) => state === 'linked').length);
  }

  async forget({ mappingId, localKey, sfId, version }: Link): Promise<boolean> {
    const key = `${mappingId}#${localKey}`;
    if (this.#store.storedLinks.get(key)?.version !== version) return false;
    this.#store.pointers.delete(`${mappingId}#${sfId}`);
    return this.#store.storedLinks.delete(key);
  }

  #of(mappingId: string): Link[] {
    const found = [...this.#store.storedLinks.values()].filter((link) => link.mappingId === mappingId);
    return found.sort((a, b) => (a.localKey < b.localKey ? -1 : 1));
  }
}
