import type { FieldType } from './values.ts';

/** What a check needs to know of an sObject, from its describe as the connection's user sees it. */
export interface CheckedObject {
  readonly name: string;
  readonly queryable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly fields: readonly CheckedField[];
  readonly recordTypes?: readonly {
    readonly recordTypeId: string;
    /** The developer name. */
    readonly name: string;
    /** To the connected user. */
    readonly isAvailable: boolean;
  }[];
}

export interface CheckedField {
  readonly name: string;
  readonly type: FieldType | 'unsupported';
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly unique: boolean;
  readonly externalId: boolean;
  readonly caseSensitive: boolean;
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
}

/** What a check finds in an org's schema beside the types of fields. */
export interface SchemaDetails {
  /** The mapped fields that are multi-select picklists. */
  readonly options?: readonly string[];
  /** Those that are rich text. */
  readonly rich?: readonly string[];
  /** By field: each value of Salesforce with the name that items give it. */
  readonly names?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Of the record type that the template names. */
  readonly recordTypeId?: string;
}

/**
 * A type as a mapping's state holds it. Multi-select picklists and rich text were stored as text before they were told
 * apart, and still are, so that the bases of their fields stay what they are.
 */
export type StoredFieldType = Exclude<FieldType, 'options' | 'rich'>;
