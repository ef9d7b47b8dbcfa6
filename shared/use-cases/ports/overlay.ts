import type { OverlaidItem, OverlaidPair, OverlaidRecord } from '../../sync/rehearsal/overlaid.ts';

/** What a dry run would have written, by mapping and local key. Reads are strongly consistent. */
export interface Overlay {
  pairs(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, OverlaidPair>>;
  /**
   * Adds records to what is overlaid of their keys, or replaces what was said of the same record. Whoever calls holds the
   * leases of the keys.
   */
  putRecords(mappingId: string, records: readonly KeyedRecord[]): Promise<void>;
}

export interface KeyedRecord {
  readonly localKey: string;
  readonly record: OverlaidRecord;
}

/** What a commit changes of what is overlaid of its pair. */
export interface KeyedOverlay {
  readonly localKey: string;
  readonly item?: OverlaidItem;
  /** All the attributes that wait for a person now. */
  readonly held?: readonly string[];
}

/** What the rehearsals of mappings would have written, kept until they are promoted. */
export interface Overlays extends Overlay {
  /**
   * A page of a mapping's pairs; it may be empty although there are more.
   *
   * @param after - the `next` of the page before, for the store alone to read
   */
  page(
    mappingId: string,
    after?: string,
  ): Promise<{ readonly pairs: readonly OverlaidPair[]; readonly next?: string }>;
  forget(mappingId: string, localKeys: readonly string[]): Promise<void>;
}
