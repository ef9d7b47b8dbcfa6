import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { Undo } from '../undo/undo.ts';

/**
 * One key, looked at from all three sides. The link is read first, the item and the record after it: the commit is
 * conditional on the link, so the sides cannot be older than the base that they are compared with. A link with another
 * worker's living lease is left alone altogether: even a pull would end its announcement while its write is under way.
 */
export interface Looked {
  readonly mapping: Mapping;
  readonly link?: Link | undefined;
  readonly local: LocalItem | 'missing';
  /** Somebody deleted the item, by the table's stream. Without that, an item that is missing is only not to be seen. */
  readonly isLocalDeleted?: boolean;
  /**
   * Attributes that the item was made without, since the link last knew it, by the table's stream: by a person, or by the
   * tenant's other org. An item that this pair's own look made, of all that the record had, lacks none of that.
   */
  readonly madeWithout?: readonly string[];
  /** A person says that somebody deleted the record, which counts where it is `unseen`. */
  readonly isRecordDeleted?: boolean;
  /**
   * The record by the link's Salesforce id, or by external id where there is no such link. `missing`: no record answers
   * to the external id. `unseen`: Salesforce does not give the linked record, not even as deleted, so that it is hidden
   * from the user or purged. A record that only fails the mapping's filter is neither.
   */
  readonly remote: RemoteRecord | 'missing' | 'unseen';
  /** Attributes of the item that name a parent which no record is linked to: nothing can be written of them. */
  readonly unlinked?: ReadonlySet<string>;
  /** The record was found by something else than its external id, and is linked to nothing yet. */
  readonly isMatched?: boolean;
  /**
   * When the item changed to what it is now, by Salesforce's clock (ISO 8601); undefined where nobody told yet. Needed
   * for last-write-wins only.
   */
  readonly localChangedAtSfClock?: string | undefined;
  /** The item has changed once more since that time, nobody knows when. */
  readonly hasChangedSince?: boolean;
  /** Earlier changes of the pair are to be taken back, as far as nobody has changed them since. */
  readonly undo?: Undo | undefined;
}

/** A key that both sides have. */
export interface Met extends Looked {
  readonly local: LocalItem;
  readonly remote: RemoteRecord;
}
