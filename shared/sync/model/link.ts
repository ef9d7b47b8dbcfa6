import type { FieldValues } from './values.ts';

export type LinkState =
  /** Announced: the record is about to be, or was perhaps, created in Salesforce. */
  | 'creating'
  | 'linked'
  /** One side was deleted and the mapping leaves the other alone: kept as a tombstone, so that what was deleted is not made again. */
  | 'local-deleted'
  | 'remote-deleted';

/** The pairing of one local item with one Salesforce record. */
export interface Link {
  readonly mappingId: string;
  readonly localKey: string;
  /** 18 characters; absent while `creating`. */
  readonly sfId?: string;
  readonly state: LinkState;
  /** The `fieldsRevision` of the mapping that last decided about the values kept here: see `asOfRevision`. */
  readonly revision: number;
  /** The mapped values as they were when the two sides last agreed; a field without an entry has no base yet. */
  readonly base: FieldValues;
  /** A remote write that was announced and whose outcome is not yet known. */
  readonly pending?: FieldValues;
  /**
   * What Salesforce made of a value that we wrote and it did not keep as it was (rounding, a trigger): by field, while
   * the base still holds what we wrote. Such a value is nobody's edit.
   */
  readonly adjusted?: FieldValues;
  /**
   * How often in a row the item took over what Salesforce had made of a value that we had just written, and when last,
   * by Salesforce's clock (ISO 8601): two orgs that each make something else of it would go on for ever. Where Salesforce
   * put back what it had, it counts for more than one.
   */
  readonly adoptions?: { readonly count: number; readonly at: string };
  /** The record was found by something else than its external id, which is to receive the item's key while it is empty. */
  readonly owesKey?: true;
  /** `SystemModstamp` of the newest state of the record that we know (ISO 8601, UTC). */
  readonly sfModstamp?: string;
  /** When we last read or wrote the record, by Salesforce's clock (ISO 8601, UTC). */
  readonly sfReadAt?: string;
  /** The newest change of the item that was brought into step, by the stream's clock (ISO 8601, UTC). */
  readonly localChangedAt?: string;
  /** Who may write to Salesforce now; `until` is epoch milliseconds. */
  readonly lease?: { readonly owner: string; readonly until: number };
  /** Counts every write of the link; commits are conditional on it. 0 is a link that does not exist yet. */
  readonly version: number;
}
