import type { FieldType } from '../../model/values.ts';

/** What a check needs to know of an sObject, from its describe as the connection's user sees it. */
export interface CheckedObject {
  readonly name: string;
  readonly queryable: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly fields: readonly CheckedField[];
  /** Developer names of the record types that the user may give a new record, the user's default first. @default none */
  readonly recordTypes?: readonly string[];
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
  /** Users without a right of their own read a mask in its place. */
  readonly masked?: true;
  /** Whether a query may ask for a value of it. @default true */
  readonly filterable?: boolean;
  /** The values that it takes and no others, where the org restricts them. */
  readonly restrictedTo?: readonly string[];
  /** The name by which a query reaches the parent of a lookup. */
  readonly relationshipName?: string;
}

/** The object's field of exactly this name. */
export const fieldOf = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name === name);

/** The same in any case, as SOQL finds it. */
export const fieldInSoql = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
