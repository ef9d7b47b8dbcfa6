import { field, idField, lookup, READ_ONLY, systemFields } from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

const SYSTEM = ['IsDeleted', 'CreatedDate', 'CreatedById'];

/** What was changed of accounts. Rows are made by whoever sets them up, and are never changed: they have no other stamp. */
export const accountHistory: ObjectDefinition = {
  name: 'AccountHistory',
  label: 'Account History',
  labelPlural: 'Account History',
  keyPrefix: '017',
  writable: false,
  fields: [
    idField('History ID'),
    ...systemFields.filter(({ name }) => SYSTEM.includes(name)),
    lookup('AccountId', 'Account', READ_ONLY),
    field('Field', 'picklist', { ...READ_ONLY, length: 255 }),
    field('OldValue', 'anyType', READ_ONLY),
    field('NewValue', 'anyType', READ_ONLY),
  ],
  children: [],
};
