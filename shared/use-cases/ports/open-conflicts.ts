import type { HeldField, Link } from '../../sync/model/link.ts';
import type { FieldValue } from '../../sync/model/values.ts';
import type { Parking } from '../../sync/reconcile/parking.ts';

/** A field that is held, as a person reads it. Long texts are shown by their beginning. */
export interface OpenConflict extends HeldField {
  readonly mappingId: string;
  readonly localKey: string;
  readonly sfId: string;
  /** What the sides last agreed upon; undefined where they never did. */
  readonly base: FieldValue | undefined;
  /** When the item last changed, as far as the stream has told (ISO 8601, UTC). */
  readonly localChangedAt?: string;
  /** When the record last changed, whichever field it was (ISO 8601, UTC), and the id of the user who changed it. */
  readonly remoteChangedAt: string;
  readonly remoteChangedBy?: string;
}

/** What is written of a pair's open conflicts, together with its link: the one never says what the other does not. */
export interface OpenConflictChanges {
  readonly put: readonly OpenConflict[];
  /** Fields that are not held any more. */
  readonly remove: readonly string[];
}

/** A change of what a link holds, without a look at the pair. */
export interface HeldChange {
  /** The link as it shall be. */
  readonly link: Omit<Link, 'version'>;
  /** The version that was read. */
  readonly expectedVersion: number;
  readonly openConflicts: OpenConflictChanges;
  /** Parked in the same transaction, so that the key is looked at whatever becomes of its hint. */
  readonly parking?: Parking;
}

export interface OpenConflictQuery {
  readonly mappingId: string;
  readonly field?: string;
  /** Only what has been held since before then (ISO 8601). */
  readonly before?: string;
  readonly limit: number;
  /** The `next` of the page before, for the store alone to read. */
  readonly after?: string;
}

/** A page; it may be shorter than its limit, or empty, although there are more. */
export interface OpenConflictPage {
  readonly conflicts: readonly OpenConflict[];
  readonly next?: string;
}

/** The conflicts that wait for a person, one for each pair and field. They are made and closed by `SyncStore.commit`. */
export interface OpenConflicts {
  /**
   * Those of a mapping, oldest first; eventually consistent, usually within a second.
   *
   * @throws InvalidPlace for an `after` that no page of the mapping gave
   */
  list(query: OpenConflictQuery): Promise<OpenConflictPage>;
  /** Strongly consistent. */
  find(mappingId: string, localKey: string, field: string): Promise<OpenConflict | undefined>;
  /** All of it, or nothing: false if the link, or the parked key, is not as it was read any more. */
  change(change: HeldChange): Promise<boolean>;
  /** Takes entries off the list that no link knows of. */
  discard(conflicts: readonly OpenConflict[]): Promise<void>;
}

/** A place in a listing that is none. */
export class InvalidPlace extends Error {
  constructor() {
    super('The place to go on from is not one that a listing of this mapping gave.');
    this.name = 'InvalidPlace';
  }
}
