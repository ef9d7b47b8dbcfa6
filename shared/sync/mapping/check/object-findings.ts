import { deletePoliciesOf } from '../../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedObject } from '../../model/schema.ts';
import { isLeftToPerson } from '../left-to-person.ts';
import { narrower } from '../resolve.ts';
import { type Entry, isSentOnCreation } from './field-findings.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';
import { isMadeOfParts } from './person-account-findings.ts';
import { unseenField } from './unseen.ts';

/** The org describes no such object. */
export const unseenObject = (sObject: string, path: string): Finding => ({
  code: 'OBJECT_NOT_SEEN',
  weight: 'stops',
  where: `${path}.sfObject`,
  says:
    `The org has no object ${sObject} that the connected user can see: it does not exist (any more), or the user may not ` +
    'read it. Put it back, let the user read it, or change the mapping.',
});

/** What the user may not do with the object, though the mapping does it. */
export const objectFindings = (
  template: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  const writes = template.direction !== 'from-salesforce';
  const lacks = [
    ...(sObject.queryable ? [] : ['queryable']),
    ...(writes && !sObject.createable ? ['createable'] : []),
    ...(writes && !sObject.updateable ? ['updateable'] : []),
  ];
  return [
    ...notDeletable(template, where, sObject),
    ...lacks.map(
      (right): Finding => ({
        code: 'OBJECT_NOT_USABLE',
        weight: 'stops',
        where,
        says:
          `${sObject.name} is not ${right} for the connected user. Allowed: an object that the user may ` +
          `${writes ? 'read, create and edit' : 'read'}.`,
      }),
    ),
  ];
};

const notDeletable = (template: MappingTemplate, where: string, sObject: CheckedObject): Finding[] => {
  if (deletePoliciesOf(template).toSalesforce !== 'propagate' || sObject.deletable) return [];
  const says =
    `${sObject.name} is not deletable for the connected user. Allowed: an object that the user may delete records of, or ` +
    "deletePolicy { toSalesforce: 'ignore' }.";
  return [{ code: 'OBJECT_NOT_USABLE', weight: 'stops', where, says }];
};

/** A person who is to decide is told who changed the record. */
export const forPersonFindings = (
  template: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  const { direction, conflictPolicy, fieldMap } = template;
  const isAsked = Object.values(fieldMap).some((field) =>
    isLeftToPerson({
      direction: narrower(direction, field.direction),
      conflictPolicy: field.conflictPolicy ?? conflictPolicy,
    }),
  );
  if (!isAsked || fieldOf(sObject, CHANGED_BY) !== undefined) return [];
  const says =
    `${sObject.name} has no field ${CHANGED_BY} that the connected user can see, so nobody can be told who ` +
    "changed a record. Allowed: an object that has it, or another policy than 'manual'.";
  return [{ code: 'CHANGED_BY_NOT_SEEN', weight: 'stops', where, says }];
};

const CHANGED_BY = 'LastModifiedById';

/** What is wrong with the external id field. */
export const externalIdFindings = (
  template: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  if (template.externalIdField === undefined) return [];
  const about = { code: 'KEY_FIELD_UNUSABLE', weight: 'stops', where } as const;
  const field = fieldOf(sObject, template.externalIdField);
  if (field === undefined) return [{ ...about, says: unseenField(template.externalIdField, sObject) }];
  const must = [
    ...(field.type === 'text' ? [] : ['of type text']),
    ...(field.externalId ? [] : ['marked as external id']),
    // Two simultaneous upserts of one value would make two records otherwise.
    ...(field.unique ? [] : ['marked as unique']),
    // Keys tell "A" from "a": else one record answers to both, and takes the other's edits. Nothing is looked up by
    // key where records only come in.
    ...(template.direction === 'from-salesforce' || field.caseSensitive ? [] : ['case sensitive']),
    ...(template.direction === 'from-salesforce' || field.createable
      ? []
      : ['createable for the connected user']),
    ...(field.masked ? ['readable without a mask'] : []),
  ];
  return must.map((claim) => ({
    ...about,
    says:
      `${sObject.name}.${field.name} is not ${claim}. Allowed: a text field marked as external id and ` +
      'unique (case sensitive), which the connected user may set.',
  }));
};

/** Fields that every new record must have, and that the mapping never sends: triggers may fill them, so it only says so. */
export const requiredFindings = (
  template: MappingTemplate,
  where: string,
  sObject: CheckedObject,
  entries: readonly Entry[],
): Finding[] => {
  const { direction, externalIdField, onCreate = {}, recordType } = template;
  if (direction === 'from-salesforce') return [];
  const filled = new Set([
    ...entries.filter(isSentOnCreation).map(({ sfField }) => sfField),
    ...Object.keys(onCreate),
    ...(externalIdField === undefined ? [] : [externalIdField]),
    ...(recordType === undefined ? [] : [RECORD_TYPE]),
  ]);
  return sObject.fields
    .filter(({ name, required }) => required === true && !filled.has(name))
    .filter(({ name }) => !isMadeOfParts(name, template, sObject))
    .map(({ name }) => ({
      code: 'FIELD_REQUIRED',
      weight: 'notice',
      where,
      says:
        `${sObject.name}.${name} must have a value in every new record, and nothing of the mapping fills it: records that are made ` +
        'by the sync are refused unless a trigger or flow of the org fills it. Map it, or give it a value in onCreate.',
    }));
};

/** Which kind new records are of. */
export const recordTypeFindings = (
  { direction, recordType, onCreate = {} }: MappingTemplate,
  where: string,
  { name, recordTypes = [] }: CheckedObject,
  entries: readonly Entry[],
): Finding[] => {
  const isGiven =
    recordType !== undefined ||
    Object.hasOwn(onCreate, RECORD_TYPE) ||
    entries.some(({ sfField }) => sfField === RECORD_TYPE);
  const chosenFrom = recordTypes.filter(({ isAvailable, isMaster }) => isAvailable && !isMaster);
  if (direction === 'from-salesforce' || chosenFrom.length < 2 || isGiven) return [];
  const names = chosenFrom.map((one) => one.name);
  const byDefault = recordTypes.find(({ isDefault }) => isDefault)?.name;
  const says =
    `${name} has the record types ${names.slice(0, 12).join(', ')}, and the mapping names none: new records get the ` +
    `connected user's default${byDefault === undefined ? '' : `, ${byDefault}`}.`;
  return [{ code: 'RECORD_TYPE_BY_DEFAULT', weight: 'notice', where, says }];
};

const RECORD_TYPE = 'RecordTypeId';
