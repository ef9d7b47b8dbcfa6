import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem, RemoteRecord } from '../../../sync/model/record.ts';

/** One key with its sides as they are now, ready for `reconcile`. */
export interface Subject {
  readonly localKey: string;
  readonly link: Link | undefined;
  readonly local: LocalItem | 'missing';
  readonly remote: RemoteRecord | 'missing';
  /** When the item last changed, by the stream's clock (ISO 8601). */
  readonly localChangedAt: string | undefined;
}
