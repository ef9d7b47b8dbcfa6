import { field, idField, lookup, owner, picklist, syncKey, systemFields, text } from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** Something to do. On the platform its lookups can lead to several objects; here each leads to one. */
export const task: ObjectDefinition = {
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  keyPrefix: '00T',
  writable: true,
  fields: [
    idField('Activity ID'),
    ...systemFields,
    lookup('WhoId', 'Contact', { label: 'Name ID', polymorphic: true }),
    lookup('WhatId', 'Account', { label: 'Related To ID', polymorphic: true }),
    text('Subject', 255, { nameField: true }),
    field('ActivityDate', 'date', { label: 'Due Date Only' }),
    picklist('Status', ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'], {
      nillable: false,
      defaultedOnCreate: true,
      defaultValue: 'Not Started',
    }),
    field('Description', 'textarea', { length: 32_000, extraTypeInfo: 'plaintextarea' }),
    owner,
    syncKey,
  ],
  children: [],
};
