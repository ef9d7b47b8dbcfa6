import { field, idField, lookup, systemFields, text } from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** A custom object that has no `IsDeleted`, like some of the platform's own: nobody deletes its rows. */
export const meter: ObjectDefinition = {
  name: 'Meter__c',
  label: 'Meter',
  labelPlural: 'Meters',
  keyPrefix: 'a01',
  writable: true,
  fields: [
    idField('Record ID'),
    ...systemFields.filter(({ name }) => name !== 'IsDeleted'),
    text('Name', 80, { nillable: false, nameField: true }),
    field('Reading__c', 'double', { precision: 18, scale: 3 }),
    lookup('Site__c', 'Account', { relationshipName: 'Site__r' }),
  ],
  children: [],
};
