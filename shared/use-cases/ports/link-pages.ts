import type { Link } from '../../sync/model/link.ts';

/** What leads from a record to its link. */
export interface Pointer {
  readonly sfId: string;
  readonly localKey: string;
}

/**
 * All links of a mapping, and all pointers to them, in order and a page at a time. Every read is strongly consistent. A
 * full sweep reads them; nothing else does.
 */
export interface LinkPages {
  /** Into so many buckets a mapping's links are divided, by their keys. */
  readonly buckets: number;
  /**
   * The pointers of records with ids after `after` (from the first if left out), up to and with `upTo` (to the last if
   * left out), in the order of the ids. A page is complete up to `end`, or, where there is none, to all that was asked
   * for. Some 16 requests, side by side.
   */
  pointers(
    mappingId: string,
    range: { readonly after?: string; readonly upTo?: string },
  ): Promise<{ readonly pointers: readonly Pointer[]; readonly end?: string }>;
  /** A page of one bucket's links, in the order of their local keys; one request. `unreadable` are keys of damaged ones. */
  links(
    mappingId: string,
    bucket: number,
    after?: string,
  ): Promise<{
    readonly links: readonly Link[];
    readonly unreadable: readonly string[];
    /** The last key that was read; absent on the last page. */
    readonly next?: string;
  }>;
  /**
   * Makes the pointer that a link lacks, if the link has that version still and the id leads nowhere else.
   *
   * @returns whether it leads to the link now
   */
  restorePointer(link: Pick<Link, 'mappingId' | 'localKey' | 'version'>, sfId: string): Promise<boolean>;
  /**
   * Takes away a pointer that leads to a link which is not there, if it leads there still and the link is not there.
   *
   * @returns whether it is gone
   */
  dropPointer(mappingId: string, pointer: Pointer): Promise<boolean>;
}
