import type { Constant, MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject } from '../../model/schema.ts';
import { EXPECTED, readWire } from '../values.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';
import { recordTypeIdOf } from './schema-details.ts';
import { unseenField } from './unseen.ts';

/** Why new records cannot be of the record type that the template names. */
export const namedRecordTypeFindings = (
  template: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): Finding[] => {
  const { recordType } = template;
  if (recordType === undefined) return [];
  const about = { code: 'RECORD_TYPE_UNUSABLE', weight: 'stops', where } as const;
  if (fieldOf(sObject, 'RecordTypeId')?.createable !== true) {
    const says = `${sObject.name} has no record types that the connected user may choose. Leave it out.`;
    return [{ ...about, says }];
  }
  if (recordTypeIdOf(template, sObject) !== undefined) return [];
  const known = (sObject.recordTypes ?? []).filter(({ isAvailable }) => isAvailable).map(({ name }) => name);
  const allowed = known.length === 0 ? 'none is available to the connected user' : known.join(', ');
  const says = `${sObject.name} has no record type ${recordType} for the connected user. Allowed: ${allowed}.`;
  return [{ ...about, says }];
};

/** Why the constants of new records cannot be set. */
export const constantFindings = (
  { onCreate = {} }: MappingTemplate,
  path: string,
  sObject: CheckedObject,
): Finding[] =>
  Object.entries(onCreate).flatMap(([name, value]) => {
    const says = constantProblem(name, value, sObject);
    return says === undefined
      ? []
      : [{ code: 'CONSTANT_UNUSABLE', weight: 'stops', where: `${path}.${name}`, says }];
  });

const constantProblem = (name: string, value: Constant, sObject: CheckedObject): string | undefined => {
  const field = fieldOf(sObject, name);
  if (field === undefined) return unseenField(name, sObject);
  if (field.type === 'unsupported' || !field.createable) {
    return (
      `${sObject.name}.${name} cannot be set with a new record by the connected user. Allowed: a field that the user may ` +
      'set.'
    );
  }
  return valueProblem(`${sObject.name}.${name}`, field, field.type, value);
};

const valueProblem = (
  name: string,
  { picklist, isRestricted }: CheckedField,
  type: Exclude<CheckedField['type'], 'unsupported'>,
  value: Constant,
): string | undefined => {
  const isOfType = type === 'number' ? typeof value === 'number' : readWire(type, value) !== undefined;
  if (!isOfType) return `the value is not one of ${name}: ${EXPECTED[type]}.`;
  if (picklist === undefined || !isRestricted || type !== 'text') return undefined;
  const allowed = picklist.filter(({ isActive }) => isActive).map((one) => one.value);
  return allowed.includes(String(value))
    ? undefined
    : `${name} has no such value. Allowed: ${allowed.join(', ')}.`;
};
