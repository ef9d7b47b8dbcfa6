import type { Link } from '../../sync/model/link.ts';

/** The links of a mapping, one after the other. Reads are strongly consistent. */
export interface LinkLists {
  /**
   * A page of them, tombstones too; it may be empty although there are more.
   *
   * @param after - the `next` of the page before, for the store alone to read
   */
  page(
    mappingId: string,
    after?: string,
  ): Promise<{ readonly links: readonly Link[]; readonly next?: string }>;
  /** How many pairs live (`linked`), counted no further than `atMost`. */
  countLiving(mappingId: string, atMost: number): Promise<number>;
  /**
   * Forgets a link, and what leads to it from its Salesforce id, so that item and record meet as for the first time.
   *
   * @returns false if the link is not as it was read
   */
  forget(link: Link): Promise<boolean>;
}
