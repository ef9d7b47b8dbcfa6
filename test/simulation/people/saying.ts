import { must } from '../../../shared/sync/assert.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import {
  listTombstones,
  releaseTombstone,
  treatAsDeleted,
} from '../../../shared/use-cases/operations/deletions.ts';
import { OperationRefused } from '../../../shared/use-cases/operations/errors.ts';
import { CONNECTIONS, type Place } from '../world/configs.ts';
import { isLinked } from '../world/stored.ts';
import type { World } from '../world/world.ts';
import type { Happening } from './happenings.ts';

type Said = Extract<Happening, { what: 'say-item-deleted' | 'say-record-deleted' | 'release-tombstone' }>;

/** More than a world has. */
const ALL = 1_000;

/** What operators say of pairs of contacts that ended, rightly or not, and the ledger's note of it. */
export class Saying {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** @returns false where it could not happen just then */
  async happen(event: Said): Promise<boolean> {
    try {
      return await (event.what === 'release-tombstone' ? this.#release(event) : this.#say(event));
    } catch (error) {
      if (error instanceof OperationRefused) return false;
      throw error;
    }
  }

  get #ports() {
    return { ...this.#world, hints: this.#world.queue };
  }

  /** Two of three times of one that is not to be seen, where there is one; else of any, which has to come to nothing. */
  async #say({ what, org: connectionId, n, id }: Said): Promise<boolean> {
    const { ledger, clock } = this.#world;
    const mappingId = `${connectionId}.contact`;
    const isOfItem = what === 'say-item-deleted';
    const linked = this.#links(mappingId);
    const gone = linked.filter((link) =>
      isOfItem ? this.#world.item(link.localKey) === undefined : this.#isUnseen(connectionId, link),
    );
    const link = pick(gone.length > 0 && id % 3 > 0 ? gone : linked, n);
    if (!link) return false;
    const { localKey, sfId = '' } = link;
    const isGone = gone.includes(link);
    const way = isOfItem ? `local ${localKey}` : `${connectionId} ${sfId}`;
    await treatAsDeleted(this.#ports, {
      mappingId,
      ...(isOfItem ? { keys: [localKey] } : { sfIds: [sfId] }),
    });
    ledger.said.set(way, clock.nowMs());
    if (!isGone) return true;
    ledger.expired.delete(way);
    ledger.deleted.add(way);
    ledger.deletedAtMs.set(way, clock.nowMs());
    if (isOfItem && this.#isKnown(connectionId, localKey)) ledger.ended.add(way);
    return true;
  }

  async #release({ org: connectionId, n, id }: Said): Promise<boolean> {
    const { ledger } = this.#world;
    const mappingId = `${connectionId}.contact`;
    const { tombstones } = await listTombstones(this.#ports, { mappingId, limit: ALL });
    // Now and then somebody names a pair that lives.
    const found = pick(id % 4 === 0 ? this.#links(mappingId) : tombstones, n);
    if (!found) return false;
    const { localKey, sfId, state } = found;
    await releaseTombstone(this.#ports, { mappingId, key: localKey });
    if (state === 'linked')
      this.#world.offences.push({
        oracle: 'evidence',
        text: `${mappingId} ${localKey} lives, and was forgotten`,
      });
    // Whatever is there is met as if it had never been a pair.
    const { tenant } = must(
      CONNECTIONS.find((one) => one.connectionId === connectionId),
      'the connection',
    );
    const isAlone = CONNECTIONS.filter((one) => one.tenant === tenant).length === 1;
    ledger.clears.add(tenant);
    for (const way of [`local ${localKey}`, `${connectionId} ${localKey}`]) ledger.ended.delete(way);
    ledger.everDeleted.add(`local ${localKey}`);
    const name = `${mappingId} ${localKey}`;
    if (sfId !== undefined) ledger.released.set(name, [...(ledger.released.get(name) ?? []), sfId]);
    if (this.#world.item(localKey) !== undefined) return true;
    for (const { place, record, field } of [...ledger.edits])
      if (place === 'local' && record === localKey) ledger.touch('local', localKey, field);
    // A second org's record has a key that the sync made, which no record may claim: that is listed.
    if (isAlone && this.#world.org(connectionId).records.get(sfId ?? '')?.IsDeleted === false)
      ledger.deleted.delete(`local ${localKey}`);
    return true;
  }

  #links(mappingId: string): Link[] {
    const { storedLinks } = this.#world.syncStore;
    return [...storedLinks.values()].filter(
      (link) => link.mappingId === mappingId && link.sfId !== undefined,
    );
  }

  /** Whether each org of the tenant knows the pair. */
  #isKnown(connectionId: Place, key: string): boolean {
    const { tenant } = must(
      CONNECTIONS.find((one) => one.connectionId === connectionId),
      'the connection',
    );
    return CONNECTIONS.every((one) => one.tenant !== tenant || isLinked(this.#world, one.connectionId, key));
  }

  #isUnseen(connectionId: Place, { sfId = '' }: Link): boolean {
    return this.#world.org(connectionId).isHidden(sfId);
  }
}

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
