import {
  checkbox,
  field,
  fullName,
  IN_NAME,
  idField,
  picklist,
  READ_ONLY,
  systemFields,
  text,
} from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** The people of the org. */
export const user: ObjectDefinition = {
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  writable: false,
  fields: [
    idField('User ID'),
    ...systemFields.filter(({ name }) => name !== 'IsDeleted'),
    text('Username', 80, { ...READ_ONLY, nillable: false, idLookup: true }),
    text('LastName', 80, { ...READ_ONLY, nillable: false, ...IN_NAME }),
    text('FirstName', 40, { ...READ_ONLY, ...IN_NAME }),
    fullName(),
    field('Email', 'email', { ...READ_ONLY, length: 128, nillable: false }),
    checkbox('IsActive', READ_ONLY),
    text('TimeZoneSidKey', 40, READ_ONLY),
    text('LocaleSidKey', 40, READ_ONLY),
    text('LanguageLocaleKey', 40, READ_ONLY),
    picklist('UserType', ['Standard'], READ_ONLY),
  ],
  children: [],
};

/** The org itself. */
export const organization: ObjectDefinition = {
  name: 'Organization',
  label: 'Organization',
  labelPlural: 'Organizations',
  keyPrefix: '00D',
  writable: false,
  fields: [
    idField('Organization ID'),
    ...systemFields.filter(({ name }) => name !== 'IsDeleted'),
    text('Name', 80, { ...READ_ONLY, nillable: false, nameField: true }),
    text('OrganizationType', 40, READ_ONLY),
    text('InstanceName', 5, READ_ONLY),
    checkbox('IsSandbox', READ_ONLY),
    text('TimeZoneSidKey', 40, READ_ONLY),
    text('DefaultLocaleSidKey', 40, READ_ONLY),
    text('LanguageLocaleKey', 40, READ_ONLY),
  ],
  children: [],
};

/** Kinds of records of one object. */
export const recordType: ObjectDefinition = {
  name: 'RecordType',
  label: 'Record Type',
  labelPlural: 'Record Types',
  keyPrefix: '012',
  writable: false,
  fields: [
    idField('Record Type ID'),
    ...systemFields.filter(({ name }) => name !== 'IsDeleted'),
    text('Name', 80, { ...READ_ONLY, nillable: false, nameField: true, idLookup: true }),
    text('DeveloperName', 80, { ...READ_ONLY, nillable: false }),
    text('Description', 255, READ_ONLY),
    text('SobjectType', 40, READ_ONLY),
    checkbox('IsActive', READ_ONLY),
  ],
  children: [],
};
