import type { ParentIds } from '../../../sync/mapping/references.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { LocalItem } from '../../../sync/model/record.ts';
import type { FieldValues } from '../../../sync/model/values.ts';
import type { Looked } from '../../../sync/reconcile/looked.ts';
import type { ParkedKey } from '../../../sync/reconcile/parking.ts';
import { type Undo, valuesAfter } from '../../../sync/undo/undo.ts';
import type { LocalKey } from './work.ts';

/** One key with its sides as they are now, ready for `reconcile`. */
export interface Subject {
  readonly localKey: string;
  /** What is still known of it under the present revision of the mapping. */
  readonly link: Link | undefined;
  readonly local: LocalItem | 'missing';
  readonly remote: Looked['remote'];
  /** The record was found by something else than its external id, and is linked to nothing yet. */
  readonly isMatched?: boolean;
  /** The record is what a merge left of that of the pair: the link, as it is here, leads to another one than the stored. */
  readonly isMerged?: true;
  /** Salesforce ids of the parents that the item names, as far as they are linked. */
  readonly parents?: ParentIds;
  /** The row was read before this look began: nothing is written to Salesforce on its word. */
  readonly isOldRow: boolean;
  /** What called for the look, as a hint would say it. */
  readonly asked: LocalKey;
  /** What the look is to take back, as far as both sides can name it. */
  readonly undo?: Undo;
  /** When the item changed to what it is, by the stream's clock (ISO 8601); undefined where nobody told yet. */
  readonly localChangedAt: string | undefined;
  /** It has changed once more since, and nobody told of that yet. */
  readonly hasChangedSince: boolean;
  readonly isLocalDeleted: boolean;
  /** Attributes that the item was made without, since the link last knew it. */
  readonly madeWithout: readonly string[];
  /** What waited for this look, under the local key and under the record's id. */
  readonly parked: readonly ParkedKey[];
}

/** Fields that are held because they would be cleared, each with since when (ISO 8601). */
export const heldClearsOf = ({ parked }: Pick<Subject, 'parked'>): NonNullable<ParkedKey['cleared']> =>
  parked.find(({ kind }) => kind === 'local')?.cleared ?? {};

/** What the record may get: of the item, or of the one that is to be made again. */
export const sentValues = ({ local, undo }: Pick<Subject, 'local' | 'undo'>): FieldValues => {
  if (local !== 'missing') return local.values;
  return undo ? valuesAfter(undo) : {};
};
