import {
  checkbox,
  field,
  fullName,
  IN_NAME,
  idField,
  lookup,
  owner,
  picklist,
  READ_ONLY,
  syncKey,
  systemFields,
  text,
} from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** A prospect. Once it is converted into a contact, clients may not change it any more. */
export const lead: ObjectDefinition = {
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  keyPrefix: '00Q',
  writable: true,
  fields: [
    idField('Lead ID'),
    ...systemFields,
    text('LastName', 80, { nillable: false, ...IN_NAME }),
    text('FirstName', 40, IN_NAME),
    fullName({ label: 'Full Name', extraTypeInfo: 'personname' }),
    text('Company', 255, { nillable: false }),
    field('Email', 'email', { length: 80, idLookup: true }),
    picklist('Status', ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted'], {
      nillable: false,
      defaultedOnCreate: true,
      defaultValue: 'Open - Not Contacted',
    }),
    checkbox('IsConverted', { ...READ_ONLY, label: 'Converted' }),
    field('ConvertedDate', 'date', READ_ONLY),
    lookup('ConvertedContactId', 'Contact', READ_ONLY),
    owner,
    syncKey,
  ],
  children: [],
};
