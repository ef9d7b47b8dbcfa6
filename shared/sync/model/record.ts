import type { FieldValues } from './values.ts';

/** A Salesforce record as a mapping sees it. */
export interface RemoteRecord {
  /** 18 characters. */
  readonly sfId: string;
  /** The value of the mapping's external id field; null where it has none. */
  readonly externalId: string | null;
  readonly values: FieldValues;
  /** ISO 8601, UTC; `SystemModstamp`, or what the object has in its place (`Tracking.stamp`). */
  readonly systemModstamp: string;
  /** ISO 8601, UTC; of the whole record. */
  readonly lastModifiedDate: string;
  /** The user who last changed the record; read for mappings that leave a field to a person. */
  readonly lastModifiedById?: string;
  readonly isDeleted: boolean;
  /** Salesforce's time at which this was surely still true (ISO 8601, UTC). */
  readonly readAt: string;
}

/** A local item as a mapping sees it. */
export interface LocalItem {
  readonly localKey: string;
  readonly values: FieldValues;
  /** It does not meet the mapping's `localFilter`: no record is made of it. */
  readonly isFilteredOut?: true;
  /** The value of `localIdField`, where the mapping has one. */
  readonly sfId: string | null;
  /** The attributes as they stand in the table; the commit is conditional on the mapped ones. Plain JSON values. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** `imageFor` the mapping, as it stands in the table; absent where it is not as it stands there. */
  readonly image?: string;
}
