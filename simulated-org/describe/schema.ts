import type { FieldDefinition } from './fields.ts';
import type { ChildRelationship, ObjectDefinition } from './object-definition.ts';
import { account } from './objects/account.ts';
import { accountHistory } from './objects/account-history.ts';
import { contact } from './objects/contact.ts';
import { lead } from './objects/lead.ts';
import { meter } from './objects/meter.ts';
import { opportunity } from './objects/opportunity.ts';
import { organization, recordType, user } from './objects/system-objects.ts';
import { task } from './objects/task.ts';

/** Every object of a simulated org. */
export const OBJECTS: readonly ObjectDefinition[] = [
  account,
  accountHistory,
  contact,
  lead,
  task,
  opportunity,
  meter,
  user,
  organization,
  recordType,
];

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

/** The object of that name; throws when the schema lacks it, for names in the code. */
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

/** Whether the object has the logs of changes and deletions. */
export function isReplicateable(object: ObjectDefinition): boolean {
  return hasRecycleBin(object) && findField(object, 'SystemModstamp') !== undefined;
}

/** The object's child relationship of that name, in any case. */
export function findChildRelationship(object: ObjectDefinition, name: string): ChildRelationship | undefined {
  const wanted = name.toLowerCase();
  return object.children.find(({ relationshipName }) => relationshipName.toLowerCase() === wanted);
}
