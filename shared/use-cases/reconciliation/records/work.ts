import type { Cause } from '../../../contracts/causes.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { GuardLimits } from '../../../sync/guard/guard.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { Making } from '../../../sync/reconcile/parking.ts';
import type { Undo } from '../../../sync/undo/undo.ts';
import type { GuardStates } from '../../ports/guard-states.ts';
import type { HintQueue } from '../../ports/hint-queue.ts';
import type { Journal } from '../../ports/journal.ts';
import type { LinkLists } from '../../ports/link-lists.ts';
import type { MappingStates } from '../../ports/mapping-states.ts';
import type { ParkedKeys } from '../../ports/parked-keys.ts';
import type { Events, Ids } from '../../ports/runtime.ts';
import type { SyncStore } from '../../ports/sync-store.ts';
import type { WaitingChildren } from '../../ports/waiting-children.ts';
import type { OpenMapping } from '../open-mapping.ts';

export interface ReconcilePorts {
  readonly syncStore: SyncStore;
  readonly journal: Journal;
  readonly parkedKeys: Pick<ParkedKeys, 'park' | 'release' | 'notParked' | keyof WaitingChildren>;
  readonly mappingStates: Pick<MappingStates, 'expireCheck'>;
  readonly hints: HintQueue;
  readonly guardStates: GuardStates;
  readonly linkLists: Pick<LinkLists, 'countLiving'>;
  /** How many deletions a mapping carries over, and how many records lose one field, in a day without asking. @default DELETION_LIMITS */
  readonly deletionLimits?: GuardLimits;
  /** Whoever has the work done has seen how many deletions are in it. @default false */
  readonly areDeletionsMeant?: boolean;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Told of what begins to wait for a person. */
  readonly events: Events;
  /** How long a link is held that is written to Salesforce; longer than the function lives. @default LINK_LEASE_MS */
  readonly linkLeaseMs?: number;
}

/** A local key to look at, with what called for the look. */
export interface LocalKey {
  readonly key: string;
  /** When the item changed, by the stream's clock (ISO 8601), where the stream told. */
  readonly changedAt?: string;
  /** What the item was then (`imageOf`), where the stream told. */
  readonly image?: string;
  /** The stream said that somebody deleted the item. */
  readonly isDeleted?: true;
  /** How the item was last made, where the stream told. */
  readonly made?: Making;
  /** A person said that somebody deleted the record, which counts until a look sees it (false). */
  readonly isRecordDeleted?: boolean;
  /** The local side called for the look. @default true */
  readonly isLocal?: boolean;
  /** The record changed, so that it has to be read whatever the item is. @default false */
  readonly isRemote?: boolean;
  /** Why it is looked at, as far as anybody told. */
  readonly causes?: readonly Cause[];
  /** What the look is to take back. */
  readonly undo?: Undo;
}

/** What to look at: at most 200 in all, of one mapping. */
export interface ReconcileInput {
  readonly localKeys?: readonly LocalKey[];
  /** Salesforce ids whose records are read first. */
  readonly sfIds?: readonly string[];
  /** Records that were read earlier, each with its age. */
  readonly remotes?: readonly RemoteRecord[];
  /** Why each of the Salesforce ids and records is looked at. @default nobody told */
  readonly causesOf?: (sfId: string) => readonly Cause[];
  /** The look is a part of this bulk job: what it changes is told by the run, and not for each record. */
  readonly bulkRun?: BulkRun;
}

/** A bulk load or push, of which a link names the last that wrote its pair. */
export interface BulkRun {
  readonly by: 'load' | 'push';
  readonly runId: string;
}

/** One pass's surroundings, handed through its steps. */
export interface Pass {
  readonly ports: ReconcilePorts;
  readonly open: OpenMapping;
  /** Owner of the leases that this pass takes. */
  readonly owner: string;
  readonly bulkRun?: BulkRun | undefined;
}
