import type { SObjectDescription, SObjectField } from '../../../shared/use-cases/ports/salesforce-org.ts';

/** A field of the one sObject that the org has. */
export interface ContactField {
  readonly name: string;
  readonly type: SObjectField['type'];
  /** The platform's own, which nobody writes. */
  readonly isSystem?: true;
  readonly isRequired?: true;
  /** Unique, an external id, and case sensitive. */
  readonly isKey?: true;
}

export const SOBJECT = 'Contact';
/** The first three characters of a contact's id. */
export const CONTACT_PREFIX = '003';
export const KEY_FIELD = 'External_Id__c';
export const FORMULA_FIELD = 'Grade__c';

const FIELDS: readonly ContactField[] = [
  { name: 'Id', type: 'text', isSystem: true },
  { name: 'IsDeleted', type: 'boolean', isSystem: true },
  { name: 'SystemModstamp', type: 'datetime', isSystem: true },
  { name: 'LastModifiedDate', type: 'datetime', isSystem: true },
  { name: 'LastModifiedById', type: 'text', isSystem: true },
  { name: 'MasterRecordId', type: 'text', isSystem: true },
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
  { name: FORMULA_FIELD, type: 'text', isSystem: true },
  { name: KEY_FIELD, type: 'text', isKey: true },
];

const BY_NAME = new Map(FIELDS.map((field) => [field.name.toLowerCase(), field]));

/** The field of that name, in any case. */
export const findField = (name: string): ContactField | undefined => BY_NAME.get(name.toLowerCase());

/** Whether this is the sObject's name, in any case. */
export const isContact = (sObject: string): boolean => sObject.toLowerCase() === SOBJECT.toLowerCase();

/** The fields that people and clients write. */
export const WRITABLE_FIELDS = FIELDS.filter(({ isSystem }) => !isSystem);

/** What a new record has in a field that is left out: a checkbox is never null. */
export const emptyValue = ({ type }: ContactField): false | null => (type === 'boolean' ? false : null);

/** The description that `describe` answers. */
export const contactDescription = (): SObjectDescription => ({
  name: SOBJECT,
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  fields: FIELDS.map(({ name, type, isSystem, isKey }) => ({
    name,
    type,
    createable: !isSystem,
    updateable: !isSystem,
    unique: isKey === true,
    externalId: isKey === true,
    caseSensitive: isKey === true,
  })),
});
