import { field, idField, lookup, owner, picklist, syncKey, systemFields, text } from '../fields.ts';
import type { ObjectDefinition } from '../object-definition.ts';

/** A thing to do. Who and what it is about could be of several objects on the platform; here each has one. */
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
