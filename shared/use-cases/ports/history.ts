import type { HistoryEntry, KeptChange } from '../../sync/history/line.ts';

/** A change of one pair, as it is remembered. */
export interface HistoryLine extends Omit<HistoryEntry, 'changes'> {
  readonly mappingId: string;
  readonly localKey: string;
  /** 18 characters. */
  readonly sfId?: string;
  /** The version that the change gave the link: lines of a pair that lie close together follow it. */
  readonly version: number;
  /** The `fieldsRevision` of the mapping that decided. */
  readonly revision: number;
  readonly changes: readonly KeptChange[];
  /** Goes into the digests of this line, and of no other. */
  readonly salt: string;
}

/** Times in ISO 8601, both included. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/**
 * What became of each pair, and why. Lines come into being with `SyncStore.commit` alone, and end by themselves after the
 * days that their mapping said.
 */
export interface History {
  /** The newest lines of a pair, by `newestFirst`; strongly consistent, in one request where they are no more than 1 MB. */
  ofRecord(mappingId: string, localKey: string, limit: number): Promise<readonly HistoryLine[]>;
  /**
   * A page of a mapping's lines, oldest first within each of eight lists that come one after the other; it may be empty
   * although there are more. Eventually consistent, usually within a second.
   *
   * @param after - the `next` of the page before, for the store alone to read
   */
  between(
    mappingId: string,
    range: TimeRange,
    after?: string,
  ): Promise<{ readonly lines: readonly HistoryLine[]; readonly next?: string }>;
  /** Deletes a page of a mapping's lines at most. @returns how many there were */
  drop(mappingId: string): Promise<number>;
}
