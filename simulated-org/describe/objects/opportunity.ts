import { checkbox, field, idField, lookup, owner, picklist, syncKey, systemFields, text } from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** A sale that may come about, with an account. */
export const opportunity: ObjectDefinition = {
  name: 'Opportunity',
  label: 'Opportunity',
  labelPlural: 'Opportunities',
  keyPrefix: '006',
  writable: true,
  fields: [
    idField('Opportunity ID'),
    ...systemFields,
    lookup('AccountId', 'Account'),
    lookup('RecordTypeId', 'RecordType', { label: 'Record Type ID' }),
    text('Name', 120, { nillable: false, nameField: true }),
    field('Description', 'textarea', { length: 32_000, extraTypeInfo: 'plaintextarea' }),
    picklist('StageName', ['Prospecting', 'Negotiation/Review', 'Closed Won', 'Closed Lost'], {
      label: 'Stage',
      nillable: false,
    }),
    field('Amount', 'currency', { precision: 18, scale: 2 }),
    field('CloseDate', 'date', { nillable: false }),
    owner,
    syncKey,
    checkbox('Deleted_In_App__c'),
  ],
  children: [],
};
