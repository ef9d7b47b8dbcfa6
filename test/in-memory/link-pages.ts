import { BUCKETS, shardOf } from '../../shared/aws/table-layout.ts';
import type { Link } from '../../shared/sync/model/link.ts';
import type { LinkPages, Pointer } from '../../shared/use-cases/ports/link-pages.ts';
import type { InMemorySyncStore } from './sync-store.ts';

const byText =
  <T>(textOf: (entry: T) => string) =>
  (a: T, b: T) =>
    textOf(a) < textOf(b) ? -1 : 1;

/** The links of a sync store in memory, in order. */
export class InMemoryLinkPages implements LinkPages {
  readonly buckets = BUCKETS;
  readonly #store: InMemorySyncStore;
  readonly #pageItems: number;

  constructor(store: InMemorySyncStore, pageItems = 200) {
    this.#store = store;
    this.#pageItems = pageItems;
  }

  async pointers(
    mappingId: string,
    { after, upTo }: { readonly after?: string; readonly upTo?: string },
  ): Promise<{ pointers: readonly Pointer[]; end?: string }> {
    const start = `${mappingId}#`;
    const asked = [...this.#store.pointers]
      .filter(([id]) => id.startsWith(start))
      .map(([id, localKey]): Pointer => ({ sfId: id.slice(start.length), localKey }))
      .filter(({ sfId }) => (after === undefined || sfId > after) && (upTo === undefined || sfId <= upTo))
      .sort(byText(({ sfId }) => sfId));
    const pointers = asked.slice(0, this.#pageItems);
    const end = pointers.at(-1)?.sfId;
    return end !== undefined && asked.length > pointers.length ? { pointers, end } : { pointers };
  }

  async links(
    mappingId: string,
    bucket: number,
    after?: string,
  ): Promise<{ links: readonly Link[]; unreadable: readonly string[]; next?: string }> {
    const all = [...this.#store.storedLinks.values()]
      .filter((link) => link.mappingId === mappingId && shardOf(link.localKey, BUCKETS) === bucket)
      .filter(({ localKey }) => after === undefined || localKey > after)
      .sort(byText(({ localKey }) => localKey));
    const links = structuredClone(all.slice(0, this.#pageItems));
    const next = links.at(-1)?.localKey;
    const more = next !== undefined && all.length > links.length ? { next } : {};
    return { links, unreadable: [], ...more };
  }

  async restorePointer(
    { mappingId, localKey, version }: Pick<Link, 'mappingId' | 'localKey' | 'version'>,
    sfId: string,
  ): Promise<boolean> {
    const link = this.#store.storedLinks.get(`${mappingId}#${localKey}`);
    if (link?.version !== version || link.sfId !== sfId) return false;
    const pointer = `${mappingId}#${sfId}`;
    if ((this.#store.pointers.get(pointer) ?? localKey) !== localKey) return false;
    this.#store.pointers.set(pointer, localKey);
    return true;
  }

  async dropPointer(mappingId: string, { sfId, localKey }: Pointer): Promise<boolean> {
    const pointer = `${mappingId}#${sfId}`;
    if (this.#store.storedLinks.has(`${mappingId}#${localKey}`)) return false;
    if (this.#store.pointers.get(pointer) !== localKey) return false;
    return this.#store.pointers.delete(pointer);
  }
}
