import type { SObjectDescription, SObjectField } from '../../../shared/use-cases/ports/salesforce-org.ts';

/** A field of one of the two sObjects that the org has: contacts, and accounts for them to refer to. */
export interface ContactField {
  readonly name: string;
  readonly type: SObjectField['type'];
  /** The platform's own, which nobody writes. */
  readonly isSystem?: true;
  readonly isRequired?: true;
  /** Salesforce makes its value. */
  readonly calculated?: true;
  /** Set with the creation, and never after. */
  readonly isCreateOnly?: true;
  /** Unique, an external id, and case sensitive. */
  readonly isKey?: true;
  /** The objects whose records a lookup leads to. */
  readonly referenceTo?: readonly SObjectName[];
  readonly picklist?: SObjectField['picklist'];
}

export type SObjectName = 'Contact' | 'Account';

export const SOBJECT: SObjectName = 'Contact';
/** The first three characters of a contact's id. */
const CONTACT_PREFIX = '003';
export const KEY_FIELD = 'External_Id__c';
export const FORMULA_FIELD = 'Grade__c';
const RECORD_TYPE_FIELD = 'RecordTypeId';

const SYSTEM: readonly ContactField[] = [
  { name: 'Id', type: 'id', isSystem: true },
  { name: 'IsDeleted', type: 'boolean', isSystem: true },
  { name: 'SystemModstamp', type: 'datetime', isSystem: true },
  { name: 'LastModifiedDate', type: 'datetime', isSystem: true },
  { name: 'LastModifiedById', type: 'id', isSystem: true },
  { name: 'MasterRecordId', type: 'id', isSystem: true },
];

/** So many that no two people of a test need to choose the same one. */
const TIERS = Array.from({ length: 60 }, (_, n) => ({
  value: `tier_${n}`,
  label: `Tier ${n}`,
  isActive: true,
}));

const CONTACT_FIELDS: readonly ContactField[] = [
  ...SYSTEM,
  { name: 'MailingAddress', type: 'unsupported', isSystem: true },
  { name: 'FirstName', type: 'text' },
  { name: 'LastName', type: 'text', isRequired: true },
  { name: 'Email', type: 'text' },
  { name: 'Title', type: 'text' },
  { name: 'Department', type: 'text' },
  { name: 'Birthdate', type: 'date' },
  { name: 'Score__c', type: 'number' },
  { name: 'Last_Seen__c', type: 'datetime' },
  { name: 'Opted_In__c', type: 'boolean' },
  /** A formula over other records: its value changes without a stamp. */
  { name: FORMULA_FIELD, type: 'text', isSystem: true, calculated: true },
  { name: 'AccountId', type: 'id', referenceTo: ['Account'] },
  { name: 'ReportsToId', type: 'id', referenceTo: ['Contact'] },
  { name: 'Sponsor__c', type: 'id', referenceTo: ['Account', 'Contact'] },
  { name: 'Tier__c', type: 'text', picklist: TIERS },
  { name: RECORD_TYPE_FIELD, type: 'id' },
  { name: 'Skills__c', type: 'options' },
  { name: 'Source__c', type: 'text', isCreateOnly: true },
  { name: 'MailingCity', type: 'text' },
  { name: KEY_FIELD, type: 'text', isKey: true },
];

const ACCOUNT_FIELDS: readonly ContactField[] = [
  ...SYSTEM,
  { name: 'Name', type: 'text', isRequired: true },
  { name: 'ParentId', type: 'id', referenceTo: ['Account'] },
  { name: KEY_FIELD, type: 'text', isKey: true },
];

const FIELDS: Readonly<Record<SObjectName, readonly ContactField[]>> = {
  Contact: CONTACT_FIELDS,
  Account: ACCOUNT_FIELDS,
};
const PREFIXES: Readonly<Record<SObjectName, string>> = { Contact: CONTACT_PREFIX, Account: '001' };

const byName = (fields: readonly ContactField[]) =>
  new Map(fields.map((field) => [field.name.toLowerCase(), field]));
const BY_NAME = { Contact: byName(CONTACT_FIELDS), Account: byName(ACCOUNT_FIELDS) };

/** The field of that name, in any case. */
export const findField = (name: string, sObject: SObjectName = SOBJECT): ContactField | undefined =>
  BY_NAME[sObject].get(name.toLowerCase());

/** The sObject's name as the org spells it; undefined for one that it does not have. */
export const findSObject = (name: string): SObjectName | undefined =>
  (['Contact', 'Account'] as const).find((one) => one.toLowerCase() === name.toLowerCase());

/** The first three characters of an id of the sObject. */
export const prefixOf = (sObject: SObjectName): string => PREFIXES[sObject];

/** The sObject of a record, by its id. */
export const sObjectOf = (id: string): SObjectName =>
  id.startsWith(PREFIXES.Account) ? 'Account' : 'Contact';

/** The fields that people and clients write. */
export const writableFields = (sObject: SObjectName): readonly ContactField[] =>
  FIELDS[sObject].filter(({ isSystem }) => !isSystem);

/** What a new record has in a field that is left out: a checkbox is never null. */
export const emptyValue = ({ type }: ContactField): false | null => (type === 'boolean' ? false : null);

/**
 * The description that `describe` answers.
 *
 * @param hidden - fields that the client's user may not see
 * @param recordTypes - those that the user may choose
 */
export const description = (
  sObject: SObjectName,
  hidden: ReadonlySet<string> = new Set(),
  recordTypes: NonNullable<SObjectDescription['recordTypes']> = [],
): SObjectDescription => ({
  name: sObject,
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  recordTypes,
  fields: seenFields(sObject, hidden).map(
    ({ name, type, isSystem, calculated, isCreateOnly, isKey, referenceTo, picklist }) => ({
      name,
      type,
      createable: !isSystem,
      updateable: !isSystem && !isCreateOnly,
      unique: isKey === true,
      externalId: isKey === true,
      caseSensitive: isKey === true,
      ...(calculated && { calculated }),
      ...(referenceTo !== undefined && { referenceTo }),
      ...(picklist !== undefined && { picklist }),
    }),
  ),
});

const seenFields = (sObject: SObjectName, hidden: ReadonlySet<string>): readonly ContactField[] =>
  FIELDS[sObject].filter(({ name }) => !hidden.has(name));
