import type { Link } from '../../sync/model/link.ts';
import { type ParkedKey, type Parking, parkOnTop } from '../../sync/reconcile/parking.ts';
import type { CommitOutcome, LookedUp, SyncStore } from '../ports/sync-store.ts';
import type { DryCommit, DryLinks } from './dry-store.ts';
import type { PageOverlay } from './page-overlay.ts';

type Name = Pick<ParkedKey, 'mappingId' | 'kind' | 'key'>;

const nameOf = (mappingId: string, key: string): string => JSON.stringify([mappingId, key]);
const nameOfParked = ({ mappingId, kind, key }: Name): string => JSON.stringify([mappingId, kind, key]);

/** Links, and what is parked beside them, as they would be: read from the real ones, and written in memory alone. */
export class PageLinks implements DryLinks {
  readonly #store: Pick<SyncStore, 'links' | 'localKeysOf' | 'look' | 'lookByIds'>;
  readonly #overlay: PageOverlay;
  readonly #links = new Map<string, Link>();
  readonly #keys = new Map<string, string>();
  /** What was parked, as it was read or is by now; `undefined` for what was released. */
  readonly #parked = new Map<string, ParkedKey | undefined>();
  /** What this run added to it. */
  readonly added = new Map<string, ParkedKey>();

  constructor(store: Pick<SyncStore, 'links' | 'localKeysOf' | 'look' | 'lookByIds'>, overlay: PageOverlay) {
    this.#store = store;
    this.#overlay = overlay;
  }

  async links(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, Link>> {
    const found = new Map(await this.#store.links(mappingId, localKeys));
    this.#lay(mappingId, localKeys, found);
    return found;
  }

  async localKeysOf(mappingId: string, sfIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map(await this.#store.localKeysOf(mappingId, sfIds));
    this.#layKeys(mappingId, sfIds, found);
    return found;
  }

  async look(mappingId: string, localKeys: readonly string[]): Promise<LookedUp<Link>> {
    const real = await this.#store.look(mappingId, localKeys);
    const found = new Map(real.found);
    this.#lay(mappingId, localKeys, found);
    return { found, parked: this.#layParked(mappingId, 'local', localKeys, real.parked) };
  }

  async lookByIds(mappingId: string, sfIds: readonly string[]): Promise<LookedUp<string>> {
    const real = await this.#store.lookByIds(mappingId, sfIds);
    const found = new Map(real.found);
    this.#layKeys(mappingId, sfIds, found);
    return { found, parked: this.#layParked(mappingId, 'record', sfIds, real.parked) };
  }

  async commit(commits: readonly DryCommit[]): Promise<readonly CommitOutcome[]> {
    const outcomes: CommitOutcome[] = [];
    for (const commit of commits) outcomes.push(await this.#commitOne(commit));
    return outcomes;
  }

  park(parkings: readonly Parking[], now: string): void {
    for (const parking of parkings) {
      const name = nameOfParked(parking);
      const after = parkOnTop(this.#parked.get(name), parking, now);
      this.#parked.set(name, after);
      this.added.set(name, after);
    }
  }

  release(parked: readonly ParkedKey[]): void {
    for (const one of parked) {
      const name = nameOfParked(one);
      if (this.#parked.get(name)?.version !== one.version) continue;
      this.#parked.set(name, undefined);
      this.added.delete(name);
    }
  }

  async #commitOne({ link, expectedVersion, overlaid }: DryCommit): Promise<CommitOutcome> {
    const { mappingId, localKey, sfId } = link;
    const before = (await this.links(mappingId, [localKey])).get(localKey);
    if ((before?.version ?? 0) !== expectedVersion) return 'lost-race';
    const owner = sfId === undefined ? undefined : (await this.localKeysOf(mappingId, [sfId])).get(sfId);
    if (owner !== undefined && owner !== localKey) return 'sf-id-taken';
    this.#links.set(nameOf(mappingId, localKey), { ...structuredClone(link), version: expectedVersion + 1 });
    if (sfId !== undefined) this.#keys.set(nameOf(mappingId, sfId), localKey);
    if (overlaid) this.#overlay.put(mappingId, overlaid);
    return 'committed';
  }

  #lay(mappingId: string, localKeys: readonly string[], found: Map<string, Link>): void {
    for (const key of localKeys) {
      const link = this.#links.get(nameOf(mappingId, key));
      if (link) found.set(key, structuredClone(link));
    }
  }

  #layKeys(mappingId: string, sfIds: readonly string[], found: Map<string, string>): void {
    for (const sfId of sfIds) {
      const key = this.#keys.get(nameOf(mappingId, sfId));
      if (key !== undefined) found.set(sfId, key);
    }
  }

  #layParked(
    mappingId: string,
    kind: ParkedKey['kind'],
    keys: readonly string[],
    real: ReadonlyMap<string, ParkedKey>,
  ): ReadonlyMap<string, ParkedKey> {
    const found = new Map<string, ParkedKey>();
    for (const key of keys) {
      const name = nameOfParked({ mappingId, kind, key });
      if (!this.#parked.has(name)) this.#parked.set(name, real.get(key));
      const parked = this.#parked.get(name);
      if (parked) found.set(key, parked);
    }
    return found;
  }
}
