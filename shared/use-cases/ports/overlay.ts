import type { OverlaidItem, OverlaidPair, OverlaidRecord } from '../../sync/rehearsal/overlaid.ts';

/** What a dry run would have written, by mapping and local key. Reads are strongly consistent. */
export interface Overlay {
  pairs(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, OverlaidPair>>;
  /** Adds records to what is overlaid of their keys, or replaces what was said of the same record. */
  putRecords(mappingId: string, records: readonly KeyedRecord[]): Promise<void>;
}

export interface KeyedRecord {
  readonly localKey: string;
  readonly record: OverlaidRecord;
}

/** What would have been written to an item, stored together with its link. */
export interface KeyedItem {
  readonly localKey: string;
  readonly item: OverlaidItem;
}
