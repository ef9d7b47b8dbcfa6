import type { FieldValue, FieldValues } from './values.ts';

export type LinkState =
  /** Announced: the record is about to be, or was perhaps, created in Salesforce. */
  | 'creating'
  | 'linked'
  /** One side was deleted and the mapping leaves the other alone: kept as a tombstone, so that what was deleted is not made again. */
  | 'local-deleted'
  | 'remote-deleted'
  /** Announced: the item was deleted, and its record is about to be, or was perhaps, deleted too. */
  | 'deleting'
  /** Neither side has it any more: a tombstone from which the pair returns with either side. */
  | 'both-deleted';

/** What a person decided about a field that is held. */
export interface Resolution {
  /** Whose value both sides are to have, or a value of the person's own. */
  readonly take: 'salesforce' | 'local' | 'value';
  /** With `value` alone; `null` clears the field. */
  readonly value?: FieldValue;
  /** When it was decided (ISO 8601, UTC). */
  readonly at: string;
}

/** A field that both sides changed differently, and that waits for a person: neither side is touched. */
export interface HeldField {
  /** The local attribute. */
  readonly field: string;
  /** The two values as they stand against each other. */
  readonly local: FieldValue;
  readonly remote: FieldValue;
  /** Since when it is held, whatever the values have become since (ISO 8601, Salesforce's clock). */
  readonly since: string;
  /** The version of the link with which these values were stored: who decides says which one was seen. */
  readonly version: number;
  /** Waits for the next look, which carries it out if both values are still these. */
  readonly resolution?: Resolution;
  /** The last resolution that did not fit any more when it was to be carried out. */
  readonly dropped?: Resolution;
}

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
  /**
   * Fields over which that was given up: the item keeps what it wrote, and Salesforce what it made of it (`adjusted`). It
   * counts until one of the two is another value.
   */
  readonly contested?: readonly string[];
  /** The record was found by something else than its external id, which is to receive the item's key while it is empty. */
  readonly owesKey?: true;
  /**
   * The side that is left of the pair says, in the field that the mapping's delete policy names, that the other was
   * deleted; or is about to. Taken back when the pair lives again.
   */
  readonly marked?: 'record' | 'item';
  /**
   * Announced: the undo of this id deletes both sides, the record first. Whoever finds that gone deletes the item, whatever the
   * mapping's delete policy; ends with the next commit.
   */
  readonly endsPair?: string;
  /** Fields that wait for a person; absent where there is none. */
  readonly held?: readonly HeldField[];
  /** `SystemModstamp` of the newest state of the record that we know (ISO 8601, UTC). */
  readonly sfModstamp?: string;
  /** When we last read or wrote the record, by Salesforce's clock (ISO 8601, UTC). */
  readonly sfReadAt?: string;
  /** The newest change of the item that was brought into step, by the stream's clock (ISO 8601, UTC). */
  readonly localChangedAt?: string;
  /** The last bulk load or push that changed the pair, which leaves one line a run; `at` is when (ISO 8601, UTC). */
  readonly run?: { readonly by: 'load' | 'push'; readonly runId: string; readonly at: string };
  /** Who may write to Salesforce now; `until` is epoch milliseconds. */
  readonly lease?: { readonly owner: string; readonly until: number };
  /** Counts every write of the link; commits are conditional on it. 0 is a link that does not exist yet. */
  readonly version: number;
}
