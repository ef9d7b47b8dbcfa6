import {
  address,
  autoNumber,
  checkbox,
  type FieldDefinition,
  field,
  formula,
  idField,
  lookup,
  owner,
  picklist,
  restrictedPicklist,
  syncKey,
  systemFields,
  text,
} from './fields.ts';
import { organization, recordType, user } from './objects/system-objects.ts';
import { task } from './objects/task.ts';

/** One simulated object. */
export interface ObjectDefinition {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  /** The first three characters of its ids. */
  readonly keyPrefix: string;
  /** Whether API clients may write and delete it. */
  readonly writable: boolean;
  readonly fields: readonly FieldDefinition[];
  readonly children: readonly ChildRelationship[];
}

/** A relationship from a parent to the records that look up to it. */
export interface ChildRelationship {
  readonly relationshipName: string;
  readonly childSObject: string;
  readonly field: string;
  /** Deleting the parent deletes the children. */
  readonly cascadeDelete: boolean;
}

const READ_ONLY = { createable: false, updateable: false } as const;
const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];

const account: ObjectDefinition = {
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  keyPrefix: '001',
  writable: true,
  fields: [
    idField('Account ID'),
    ...systemFields,
    lookup('MasterRecordId', 'Account', READ_ONLY),
    text('Name', 255, {
      label: 'Account Name',
      nillable: false,
      nameField: true,
      extraTypeInfo: 'switchablepersonname',
    }),
    picklist('Type', ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Technology Partner', 'Other']),
    lookup('ParentId', 'Account'),
    ...address('Billing'),
    ...address('Shipping'),
    field('Phone', 'phone', { length: 40 }),
    field('Fax', 'phone', { length: 40 }),
    text('AccountNumber', 40),
    field('Website', 'url', { length: 255 }),
    text('Sic', 20),
    picklist('Industry', ['Agriculture', 'Banking', 'Biotechnology', 'Education', 'Energy', 'Technology']),
    field('AnnualRevenue', 'currency', { precision: 18, scale: 0 }),
    field('NumberOfEmployees', 'int', { digits: 8 }),
    picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
    text('TickerSymbol', 20),
    field('Description', 'textarea', { length: 32_000, extraTypeInfo: 'plaintextarea' }),
    picklist('Rating', ['Hot', 'Warm', 'Cold']),
    text('Site', 80),
    owner,
    text('Jigsaw', 20),
    text('JigsawCompanyId', 20, READ_ONLY),
    picklist('AccountSource', LEAD_SOURCES),
    text('SicDesc', 80),
    lookup('RecordTypeId', 'RecordType', { label: 'Record Type ID' }),
    syncKey,
    restrictedPicklist('Tier__c', ['Gold', 'Silver', 'Bronze']),
    formula(
      'Revenue_Per_Employee__c',
      'currency',
      'IF(NumberOfEmployees > 0, AnnualRevenue / NumberOfEmployees, NULL)',
      'CASE WHEN {t}."NumberOfEmployees" > 0 THEN round({t}."AnnualRevenue" / {t}."NumberOfEmployees", 2) END',
      { precision: 18, scale: 2 },
    ),
  ],
  children: [
    { relationshipName: 'Contacts', childSObject: 'Contact', field: 'AccountId', cascadeDelete: true },
    { relationshipName: 'ChildAccounts', childSObject: 'Account', field: 'ParentId', cascadeDelete: false },
    { relationshipName: 'Tasks', childSObject: 'Task', field: 'WhatId', cascadeDelete: true },
  ],
};

const inName = { compoundFieldName: 'Name', extraTypeInfo: 'personname' };

const contact: ObjectDefinition = {
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  keyPrefix: '003',
  writable: true,
  fields: [
    idField('Contact ID'),
    ...systemFields,
    lookup('MasterRecordId', 'Contact', READ_ONLY),
    lookup('AccountId', 'Account'),
    text('LastName', 80, { nillable: false, ...inName }),
    text('FirstName', 40, inName),
    picklist('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.'], { length: 40, ...inName }),
    text('Name', 121, {
      ...READ_ONLY,
      label: 'Full Name',
      nillable: false,
      nameField: true,
      extraTypeInfo: 'personname',
      computedSql: `trim(coalesce("FirstName", '') || ' ' || coalesce("LastName", ''))`,
    }),
    ...address('Mailing'),
    field('Phone', 'phone', { length: 40, label: 'Business Phone' }),
    field('Fax', 'phone', { length: 40 }),
    field('MobilePhone', 'phone', { length: 40 }),
    field('HomePhone', 'phone', { length: 40 }),
    lookup('ReportsToId', 'Contact'),
    field('Email', 'email', { length: 80, idLookup: true }),
    text('Title', 128),
    text('Department', 80),
    text('AssistantName', 40),
    picklist('LeadSource', LEAD_SOURCES),
    field('Birthdate', 'date'),
    field('Description', 'textarea', { length: 32_000, extraTypeInfo: 'plaintextarea' }),
    checkbox('HasOptedOutOfEmail', { label: 'Email Opt Out' }),
    checkbox('DoNotCall'),
    owner,
    syncKey,
    // An external id that is not unique, so several rows can have it, and keys match it letter by letter.
    text('Legacy_Key__c', 80, { externalId: true, idLookup: true }),
    field('Score__c', 'double', { precision: 18, scale: 2 }),
    field('Last_Seen__c', 'datetime'),
    checkbox('Opted_In__c'),
    restrictedPicklist('Status__c', ['Active', 'Inactive']),
    // Changes with the parent, while the contact itself is not stamped.
    formula(
      'Account_Industry__c',
      'string',
      'TEXT(Account.Industry)',
      '(SELECT "Industry" FROM "Account" WHERE "Account"."Id" = {t}."AccountId")',
      { length: 1_300 },
    ),
    autoNumber('Contact_Number__c', 'C-'),
  ],
  children: [
    { relationshipName: 'Reports', childSObject: 'Contact', field: 'ReportsToId', cascadeDelete: false },
    { relationshipName: 'Tasks', childSObject: 'Task', field: 'WhoId', cascadeDelete: true },
  ],
};

/** Every object of a simulated org. */
export const OBJECTS: readonly ObjectDefinition[] = [account, contact, task, user, organization, recordType];

const objectsByName = new Map(OBJECTS.map((object) => [object.name.toLowerCase(), object]));
const fieldsByName = new Map(
  OBJECTS.map((object) => [
    object.name,
    new Map(object.fields.map((item) => [item.name.toLowerCase(), item])),
  ]),
);

/** The object of that name, in any case. */
export function findObject(name: string): ObjectDefinition | undefined {
  return objectsByName.get(name.toLowerCase());
}

/** The object of that exact name; its absence is a mistake in the schema. */
export function mustFindObject(name: string): ObjectDefinition {
  const object = objectsByName.get(name.toLowerCase());
  if (!object) throw new Error(`the schema has no object ${name}`);
  return object;
}

/** The object's field of that name, in any case. */
export function findField(object: ObjectDefinition, name: string): FieldDefinition | undefined {
  return fieldsByName.get(object.name)?.get(name.toLowerCase());
}

/** The lookup field behind a relationship name such as `Account` or `Owner`. */
export function findLookup(object: ObjectDefinition, relationshipName: string): FieldDefinition | undefined {
  const wanted = relationshipName.toLowerCase();
  return object.fields.find((item) => item.relationshipName?.toLowerCase() === wanted);
}

/** Whether rows of the object can be in the recycle bin. */
export function hasRecycleBin(object: ObjectDefinition): boolean {
  return findField(object, 'IsDeleted') !== undefined;
}
