import type { Clock } from '../../contracts/clock.ts';
import type { Link } from '../../sync/model/link.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import { needsRemoteLook } from '../../sync/reconcile/local-changes.ts';
import { NO_COUNTS } from '../ports/counts.ts';
import type { RunCounts } from '../ports/mapping-states.ts';
import type { LookedUp, RevisedLooks, SyncStore } from '../ports/sync-store.ts';
import type { OpenMapping } from './open-mapping.ts';
import type { LocalKey } from './records/work.ts';

/** So long a mapping is remembered: the echo of a write comes a second after it. */
const REMEMBERED_MS = 10_000;
/** Each is some kilobytes. */
const MAX_REMEMBERED = 1_000;

/** A mapping as it was opened, and its revision then. */
interface RecentMapping {
  readonly mapping: Mapping;
  readonly revision: number | undefined;
}

/**
 * The mappings that this process opened in the last seconds. It is only asked whether hints are echoes, and what is old
 * does no harm there: an echo writes nothing; a mapping that changed since has another revision, which is read with the
 * links; and where the connection was closed meanwhile, an item that is as both sides last agreed has nothing to wait for.
 */
export class RecentMappings {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #opened = new Map<string, RecentMapping & { readonly atMs: number }>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  remember({ mapping, state }: OpenMapping): void {
    const { mappingId } = mapping;
    this.#opened.delete(mappingId);
    const atMs = this.#clock.nowMs();
    this.#opened.set(mappingId, { mapping, revision: state.revision?.revision, atMs });
    const oldest = this.#opened.keys().next().value;
    if (this.#opened.size > MAX_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
  }

  find(mappingId: string): RecentMapping | undefined {
    const found = this.#opened.get(mappingId);
    return found && this.#clock.nowMs() - found.atMs <= REMEMBERED_MS ? found : undefined;
  }
}

export interface EchoPorts {
  readonly syncStore: SyncStore;
  /** What it takes to know an echo without opening its mapping. @default every mapping is opened */
  readonly echoes?: { readonly recentMappings: RecentMappings; readonly store: RevisedLooks };
}

interface KeysToLookAt {
  readonly mappingId: string;
  readonly localKeys: readonly LocalKey[];
  readonly sfIds: readonly string[];
}

/** What is known of a look before its mapping is opened. */
export type EchoLook =
  /** All its keys are echoes: it is done. */
  | { readonly kind: 'echo'; readonly counts: RunCounts }
  /** It has to be made, on a store that gives what was read for this question once more, without a request. */
  | { readonly kind: 'look'; readonly syncStore: SyncStore };

/**
 * Whether all keys of a look that the local side asks for are echoes of our own writes: nothing is parked, and each
 * item equals the base of its link. Decided by two reads and without a write, from a mapping that is remembered.
 */
export async function lookForEchoes(
  { syncStore, echoes }: EchoPorts,
  { mappingId, localKeys, sfIds }: KeysToLookAt,
): Promise<EchoLook> {
  const recent = sfIds.length === 0 ? echoes?.recentMappings.find(mappingId) : undefined;
  if (!echoes || !recent) return { kind: 'look', syncStore };
  const { mapping } = recent;
  try {
    const keys = localKeys.map(({ key }) => key);
    const { revision, ...links } = await echoes.store.lookWithRevision(mappingId, keys);
    if (revision !== recent.revision || !mayAllBeEchoes(mapping, keys, links))
      return { kind: 'look', syncStore: giving(syncStore, { keys, links }) };
    const sides = await syncStore.items(mapping, keys);
    const areEchoes = localKeys.every(({ key, isDeleted, isRecordDeleted }) => {
      if (isRecordDeleted) return false;
      // One that cannot be used, or is another tenant's, is a matter for the look.
      const item = sides.items.get(key);
      return item !== undefined && !needsRemoteLook(links.found.get(key), item, mapping, isDeleted);
    });
    if (!areEchoes) return { kind: 'look', syncStore: giving(syncStore, { keys, links, mapping, sides }) };
    const counts = { ...NO_COUNTS, read: keys.length, unchanged: keys.length };
    return { kind: 'echo', counts };
  } catch {
    // The look itself meets it again, and says what becomes of it.
    return { kind: 'look', syncStore };
  }
}

/** By the links alone. */
const mayAllBeEchoes = (
  mapping: Mapping,
  keys: readonly string[],
  { found, parked }: LookedUp<Link>,
): boolean => parked.size === 0 && keys.every((key) => found.get(key)?.revision === mapping.fieldsRevision);

/** What was read of these keys. */
interface ReadBefore {
  readonly keys: readonly string[];
  readonly links: LookedUp<Link>;
  /** Of which the sides were read. */
  readonly mapping?: Mapping;
  readonly sides?: Awaited<ReturnType<SyncStore['items']>>;
}

/**
 * The store, whose first reads of these very keys are answered with what was read milliseconds ago. A look bears that: it
 * commits on the condition that links and items are still as it read them, and releases what was parked only if it is.
 */
function giving(syncStore: SyncStore, { keys, links, mapping, sides }: ReadBefore): SyncStore {
  let [areLinksLeft, areSidesLeft] = [true, true];
  const isSame = (other: readonly string[]): boolean =>
    other.length === keys.length && other.every((key, index) => key === keys[index]);
  return {
    links: (...asked) => syncStore.links(...asked),
    localKeysOf: (...asked) => syncStore.localKeysOf(...asked),
    lookByIds: (...asked) => syncStore.lookByIds(...asked),
    localKeysWith: (...asked) => syncStore.localKeysWith(...asked),
    localKeysPage: (...asked) => syncStore.localKeysPage(...asked),
    commit: (...asked) => syncStore.commit(...asked),
    look: async (mappingId, asked) => {
      const isGiven = areLinksLeft && isSame(asked);
      areLinksLeft = false;
      return isGiven ? links : syncStore.look(mappingId, asked);
    },
    items: async (of, asked) => {
      const isGiven = areSidesLeft && isSame(asked) && JSON.stringify(of) === JSON.stringify(mapping);
      areSidesLeft = false;
      return isGiven && sides ? sides : syncStore.items(of, asked);
    },
  };
}
