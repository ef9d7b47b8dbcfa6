import type { Clock } from '../../../contracts/clock.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { DirtyKeys, HintQueue } from '../../ports/hint-queue.ts';
import type { Journal } from '../../ports/journal.ts';
import type { Ids } from '../../ports/runtime.ts';
import type { SyncStore } from '../../ports/sync-store.ts';
import type { OpenMapping } from '../open-mapping.ts';

export interface ReconcilePorts {
  readonly syncStore: SyncStore;
  readonly journal: Journal;
  readonly hints: HintQueue;
  readonly dirtyKeys: Pick<DirtyKeys, 'park' | 'changedAt'>;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How long a link is held that is written to Salesforce; longer than the function lives. @default LINK_LEASE_MS */
  readonly linkLeaseMs?: number;
}

/** A local key to look at, with the stream's time of its change where a stream told (ISO 8601). */
export interface LocalKey {
  readonly key: string;
  readonly changedAt?: string;
}

/** What to look at: at most 200 in all, of one mapping. */
export interface ReconcileInput {
  readonly localKeys?: readonly LocalKey[];
  /** Salesforce ids whose records are read first. */
  readonly sfIds?: readonly string[];
  /** Records that were read earlier, each with its age. */
  readonly remotes?: readonly RemoteRecord[];
  /** How often these keys have already gone back to the queue after lost races. */
  readonly attempt?: number;
}

/** One pass's surroundings, handed through its steps. */
export interface Pass {
  readonly ports: ReconcilePorts;
  readonly open: OpenMapping;
  /** Owner of the leases that this pass takes. */
  readonly owner: string;
}
