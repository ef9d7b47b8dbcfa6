import type { Link } from '../model/link.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';

/**
 * One key, looked at from all three sides. The link is read first, the item and the record after it: the commit is
 * conditional on the link, so the sides cannot be older than the base that they are compared with. A link with another
 * worker's living lease is left alone altogether: even a pull would end its announcement while its write is under way.
 */
export interface Looked {
  readonly mapping: Mapping;
  readonly link?: Link | undefined;
  readonly local: LocalItem | 'missing';
  /**
   * The record by the link's Salesforce id, or by external id where there is no such link. `missing` means that it is
   * not there at all: a record that only fails the mapping's filter is not missing.
   */
  readonly remote: RemoteRecord | 'missing';
  /** When the item last changed, by Salesforce's clock (ISO 8601); needed for last-write-wins only. */
  readonly localChangedAtSfClock?: string | undefined;
}

/** A key that both sides have. */
export interface Met extends Looked {
  readonly local: LocalItem;
  readonly remote: RemoteRecord;
}
