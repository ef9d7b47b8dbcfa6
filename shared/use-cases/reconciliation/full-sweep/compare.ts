import type { Clock } from '../../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import {
  addSweepCounts,
  FINDINGS,
  type Finding,
  type FindingKind,
  type SweepCounts,
  type Tally,
} from '../../../sync/full-sweep/findings.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { OpenReason } from '../../../sync/proof/judge-pair.ts';
import type { FullSweep, FullSweeps, SweepPlace } from '../../ports/full-sweeps.ts';
import type { HintQueue } from '../../ports/hint-queue.ts';
import type { LinkPages } from '../../ports/link-pages.ts';
import type { SyncStore } from '../../ports/sync-store.ts';
import type { OpenMapping } from '../open-mapping.ts';
import { type Readable, readReadable } from '../records/readable.ts';

export interface ComparePorts {
  readonly syncStore: Pick<SyncStore, 'links' | 'localKeysOf' | 'items' | 'localKeysPage'>;
  readonly linkPages: LinkPages;
  readonly fullSweeps: FullSweeps;
  readonly hints: HintQueue;
  readonly clock: Clock;
}

/** What one step of a full sweep compares with; a plan compares with the same. */
export interface Comparing {
  readonly ports: Pick<ComparePorts, 'syncStore' | 'linkPages' | 'clock'>;
  readonly open: OpenMapping;
  /** When the sweep began (ISO 8601). */
  readonly since: string;
  /** Whether only what Salesforce computes is compared, of linked records; the mapping has no other fields then. */
  readonly isOfFormulas: boolean;
}

/** A link, and the record that was read beside it. */
export interface ComparedPair {
  readonly link: Link;
  readonly record: RemoteRecord;
}

/** A pair, or one side of one, of which the proof has to say something else than that it is in step. */
export interface OpenKey {
  readonly localKey?: string;
  readonly sfId?: string;
  /** Already known, and not to be looked at once more. */
  readonly reason?: OpenReason;
}

/** What one step came to. */
export interface Compared {
  readonly found: Found;
  /** Where the next step goes on; absent at the end of the sweep. */
  readonly next?: SweepPlace;
}

/** What a step finds, before anything is done with it. */
export class Found {
  counts: SweepCounts = {};
  readonly findings: Finding[] = [];
  /** What a proof may cover, if the items are as their records. */
  readonly pairs: ComparedPair[] = [];
  /** What is to be looked at once more before anything is proven of it. */
  readonly unproven: OpenKey[] = [];
  readonly #hinted: Finding[] = [];

  count(tally: Tally, by = 1): void {
    if (by > 0) this.counts = addSweepCounts(this.counts, { [tally]: by });
  }

  /** Counts it, lists it, and has it looked at if its kind is one that a look can help. */
  add(kind: FindingKind, about: Omit<Finding, 'kind'>): void {
    const finding = { kind, ...about };
    const { localKey, sfId } = about;
    this.unproven.push({ ...(localKey !== undefined && { localKey }), ...(sfId !== undefined && { sfId }) });
    this.counts = addSweepCounts(this.counts, { [kind]: 1 });
    this.findings.push(finding);
    if (FINDINGS[kind] === 'hinted') this.#hinted.push(finding);
  }

  /**
   * Everything that a look can help. A record is named by its id, so that it is read whatever the item says; what has no
   * id yet, and what is found on the local side, by its key.
   */
  toLookAt(): { readonly sfIds: ReadonlySet<string>; readonly keys: ReadonlySet<string> } {
    const sfIds = new Set<string>();
    const keys = new Set<string>();
    for (const { kind, sfId, localKey } of this.#hinted) {
      if (localKey !== undefined && (sfId === undefined || BY_KEY.has(kind))) keys.add(localKey);
      else if (sfId !== undefined) sfIds.add(sfId);
    }
    return { sfIds, keys };
  }

  /** Hints of everything that a look can help, 200 keys each. */
  async hint(
    hints: HintQueue,
    { mappingId, sweepId, scope }: Pick<FullSweep, 'mappingId' | 'sweepId' | 'scope'>,
  ): Promise<number> {
    const { sfIds, keys } = this.toLookAt();
    const cause = { by: scope ?? ('full-sweep' as const), runId: sweepId };
    const asked = [
      ...chunk([...sfIds], MAX_KEYS_PER_HINT).map(
        (some) => ({ kind: 'remote-ids', mappingId, sfIds: some, cause }) as const,
      ),
      ...chunk([...keys], MAX_KEYS_PER_HINT).map(
        (some) => ({ kind: 'local-keys', mappingId, keys: some.map((key) => ({ key })), cause }) as const,
      ),
    ];
    if (asked.length > 0) await hints.send(asked);
    return sfIds.size + keys.size;
  }
}

/** Found on the local side, where an item that differs from base is read by that alone. */
const BY_KEY: ReadonlySet<FindingKind> = new Set(['missed-locally']);

/** Links by their keys, without what is parked beside them; `unreadable` are keys of damaged ones. */
export const linksOf = ({ ports, open }: Comparing, keys: readonly string[]): Promise<Readable<Link>> =>
  readReadable([...new Set(keys)], async (some) => ({
    found: await ports.syncStore.links(open.mapping.mappingId, some),
    parked: new Map(),
  }));

/** The local keys that these Salesforce ids lead to. */
export const keysOf = ({ ports, open }: Comparing, sfIds: readonly string[]): Promise<Readable<string>> =>
  readReadable(sfIds, async (some) => ({
    found: await ports.syncStore.localKeysOf(open.mapping.mappingId, some),
    parked: new Map(),
  }));
