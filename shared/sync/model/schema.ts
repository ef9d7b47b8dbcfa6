import type { FieldType } from './values.ts';

/** What a check needs to know of an sObject, from its describe as the connection's user sees it. */
export interface CheckedObject {
  readonly name: string;
  readonly queryable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly fields: readonly CheckedField[];
  readonly recordTypes?: readonly CheckedRecordType[];
}

export interface CheckedRecordType {
  readonly recordTypeId: string;
  /** The developer name. */
  readonly name: string;
  /** To the connected user, for a new record. */
  readonly isAvailable: boolean;
  /** What the user's new records are, where nobody names another. */
  readonly isDefault?: true;
  /** The one that stands for an object without any. */
  readonly isMaster?: true;
}

/** A field of it. What describe says of few fields is absent for the others. */
export interface CheckedField {
  readonly name: string;
  readonly type: FieldType | 'unsupported';
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly unique: boolean;
  readonly externalId: boolean;
  readonly caseSensitive: boolean;
  /** Characters that a text holds. */
  readonly length?: number;
  /** A new record must have a value for it, and Salesforce gives it none. */
  readonly required?: true;
  /** A new record gets a value there where nobody gives one. */
  readonly isDefaulted?: true;
  /** A formula or a roll-up summary. */
  readonly calculated?: true;
  /** A number that Salesforce counts up. */
  readonly autoNumber?: true;
  /** Users without a right of their own read a mask in its place. */
  readonly masked?: true;
  /** Whether a query may ask for a value of it. @default true */
  readonly filterable?: boolean;
  /** The objects that a lookup may lead to; absent for every other field. */
  readonly referenceTo?: readonly string[];
  /** The values of a picklist, inactive ones too. */
  readonly picklist?: readonly {
    readonly value: string;
    readonly label: string;
    readonly isActive: boolean;
  }[];
  /** A picklist that takes no other values. */
  readonly isRestricted?: boolean;
  /** The name by which a query reaches the parent of a lookup. */
  readonly relationshipName?: string;
}

/** What a check finds in an org's schema beside the types of fields. */
export interface SchemaDetails {
  /** The mapped fields that are multi-select picklists. */
  readonly options?: readonly string[];
  /** Those that are rich text. */
  readonly rich?: readonly string[];
  /** Those that hold ids of records. */
  readonly ids?: readonly string[];
  /** Those that are times of day. */
  readonly times?: readonly string[];
  /** Those whose values no person or program sets. */
  readonly computed?: readonly string[];
  /** Those that items give by name, and without which no record is made. */
  readonly needed?: readonly string[];
  /** By field: each value of Salesforce with the name that items give it. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of the record type that the template names. */
  readonly recordTypeId?: string;
  /** Its records say into which others they were merged. */
  readonly isMergeable?: true;
}

/**
 * A type as a mapping's state holds it. The others were stored as text before they were told apart, and still are, so that
 * the bases of their fields stay what they are.
 */
export type StoredFieldType = Exclude<FieldType, 'options' | 'rich' | 'id' | 'time'>;
