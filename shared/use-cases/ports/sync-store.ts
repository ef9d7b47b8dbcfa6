import type { HistoryEntry } from '../../sync/history/line.ts';
import type { Link } from '../../sync/model/link.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { FieldValues } from '../../sync/model/values.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { Conflict } from './journal.ts';
import type { OpenConflictChanges } from './open-conflicts.ts';
import type { KeyedOverlay } from './overlay.ts';

/** One record's write: its link, and where given its item, in one transaction that happens whole or not at all. */
export interface Commit {
  readonly mapping: Mapping;
  /** The link as it shall be; the store gives it version `expectedVersion + 1`. */
  readonly link: Omit<Link, 'version'>;
  /** The version that was read; 0 means that no link may exist. */
  readonly expectedVersion: number;
  readonly item?: ItemWrite;
  /** Decisions that the commit carries out: recorded if and only if it is done. */
  readonly conflicts?: readonly Conflict[];
  /** What a rehearsal keeps of the pair in the place of a write to its item: stored if and only if the commit is done. */
  readonly overlaid?: KeyedOverlay;
  /** What waits for a person, as the link holds it: written if and only if the commit is done. */
  readonly openConflicts?: OpenConflictChanges;
  /** What the record's history keeps of it: written if and only if the commit is done. */
  readonly history?: HistoryEntry;
}

export type ItemWrite =
  /** No item may exist, and none is made. */
  | { readonly kind: 'absent' }
  /** The item goes, whole: the mapped attributes must be as they were read. */
  | { readonly kind: 'delete'; readonly read: LocalItem }
  /** The item must not exist. */
  | { readonly kind: 'create'; readonly values: FieldValues; readonly sfId: string | null }
  /**
   * The mapped attributes must be as they were read; `null` removes an attribute. `sfId` sets `localIdField`, and `mark`
   * the attribute by which the mapping says that a record was deleted: the time of that (ISO 8601), or `null` to remove it.
   */
  | {
      readonly kind: 'update';
      readonly read: LocalItem;
      readonly values: FieldValues;
      readonly sfId?: string;
      readonly mark?: string | null;
    };

export type CommitOutcome =
  | 'committed'
  /** The link or the item is not as it was read. */
  | 'lost-race'
  /** The Salesforce id is linked to another local key of this mapping. */
  | 'sf-id-taken'
  /** The item, or its link, would be larger than the store takes. */
  | 'too-large'
  /** The store does not take the record for another reason, such as a key that is too long. */
  | 'refused';

/** What was found by key. */
export interface LookedUp<T> {
  readonly found: ReadonlyMap<string, T>;
  readonly parked: ReadonlyMap<string, ParkedKey>;
}

/**
 * Links and local items. Every read is strongly consistent and takes any number of keys, repeated ones too; it throws
 * where the store cannot hold one of the keys (empty, or more than some 2,000 bytes).
 */
export interface SyncStore {
  links(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, Link>>;
  /** The local keys that these Salesforce ids are linked to. */
  localKeysOf(mappingId: string, sfIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Links, and what is parked under the same local keys, in the same requests. */
  look(mappingId: string, localKeys: readonly string[]): Promise<LookedUp<Link>>;
  /** The local keys that these Salesforce ids are linked to, and what is parked under the ids, in the same requests. */
  lookByIds(mappingId: string, sfIds: readonly string[]): Promise<LookedUp<string>>;
  /**
   * The items at these keys that belong to the mapping's tenant; `foreign` are keys whose item belongs to another
   * tenant or to none, `invalid` those whose mapped attributes cannot be compared, with the attributes' names.
   */
  items(
    mapping: Mapping,
    localKeys: readonly string[],
  ): Promise<{
    readonly items: ReadonlyMap<string, LocalItem>;
    readonly foreign: ReadonlySet<string>;
    readonly invalid: ReadonlyMap<string, readonly string[]>;
  }>;
  /**
   * Keys of the tenant's items that have one of the values in an attribute, by the table's index for that: at most 10 for
   * each value. What was written moments ago may be missing, and what changed since may be among them.
   */
  localKeysWith(
    mapping: Mapping,
    attribute: string,
    values: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * A page of the tenant's keys in the local table, for a mass push; it may be empty although there are more. By the
   * table's index by tenant where it has one, which may lack an item that was written moments ago: the stream hints
   * that. Else it costs a scan of the table, and lacks nothing.
   *
   * @param after - the `next` of the page before, for the store alone to read
   */
  localKeysPage(
    mapping: Mapping,
    after?: string,
  ): Promise<{ readonly keys: readonly string[]; readonly next?: string }>;
  /**
   * Commits each on its own; the outcomes are in the order of the input. Commits that share a local key or a Salesforce
   * id happen in that order too.
   */
  commit(commits: readonly Commit[]): Promise<readonly CommitOutcome[]>;
}

/** Links with the revision of their mapping, where that shall cost no further request. */
export interface RevisedLooks {
  /** As `SyncStore.look`; `revision` is that of the mapping as it is stored, if it has one. */
  lookWithRevision(
    mappingId: string,
    localKeys: readonly string[],
  ): Promise<LookedUp<Link> & { readonly revision: number | undefined }>;
}
