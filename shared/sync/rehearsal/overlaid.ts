import type { WireRecord } from '../../contracts/salesforce.ts';
import { canonicalJson, fnv1a64 } from '../canonical.ts';
import type { FieldValues } from '../model/values.ts';

/*
 * What was not written to a side, and reads as if it had been. It holds as long as the side stays as it was seen: a value
 * that somebody changes in earnest comes through, as it would if the write had been made before.
 */

/** What an item would be. */
export interface OverlaidItem {
  readonly kind: 'created' | 'changed' | 'deleted';
  /** By attribute; `null` removes. */
  readonly values: FieldValues;
  /** A digest of the real item's value, by attribute, when it was overlaid. */
  readonly seen: Readonly<Record<string, string>>;
  /** What `localIdField` would hold. */
  readonly sfId?: string;
  /** What its mark of a deletion would hold; `null` where it would be taken back. */
  readonly mark?: string | null;
}

/** What a record would be. */
export interface OverlaidRecord {
  readonly sfId: string;
  readonly kind: 'created' | 'changed' | 'deleted';
  /** By API name, as they would be sent; of a deletion none. */
  readonly values: WireRecord;
  /** A digest of the real record's value, by API name, when it was overlaid; of a deletion that of its stamp. */
  readonly seen: Readonly<Record<string, string>>;
  /** When it would have been written (ISO 8601, Salesforce's clock). */
  readonly at: string;
}

/** Both, by the key of the pair. A key may have had several records in succession; the last is the last of the list. */
export interface OverlaidPair {
  readonly localKey: string;
  readonly item?: OverlaidItem;
  /** Attributes that would wait for a person. */
  readonly held?: readonly string[];
  readonly records: readonly OverlaidRecord[];
}

/** Tells whether a value has changed, without keeping it. */
export const digestOfValue = (value: unknown): string => fnv1a64(canonicalJson(value ?? null));

/** A key's records with one more, or another state of one that is there. Nobody makes a pair anew as often. */
export const withRecord = (
  records: readonly OverlaidRecord[],
  one: OverlaidRecord,
): readonly OverlaidRecord[] => [...records.filter(({ sfId }) => sfId !== one.sfId), one].slice(-MAX_RECORDS);
const MAX_RECORDS = 4;
