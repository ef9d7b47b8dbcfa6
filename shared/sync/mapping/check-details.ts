import type { Constant, MappingTemplate } from '../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject, SchemaDetails } from '../model/schema.ts';
import { EXPECTED, readWire } from './values.ts';

type Mapped = MappingTemplate['fieldMap'][string];

/** What of the template's names and constants does not fit the org, and what they mean there. */
export const checkDetails = (
  template: MappingTemplate,
  path: string,
  sObject: CheckedObject,
): { readonly problems: readonly string[]; readonly details: SchemaDetails } => {
  const entries = Object.entries(template.fieldMap).flatMap(([attribute, mapped]) => {
    const found = fieldNamed(sObject, mapped.field);
    return found === undefined ? [] : [{ where: `${path}.fieldMap.${attribute}`, mapped, found }];
  });
  const [options, rich] = (['options', 'rich'] as const).map((type) =>
    entries.filter(({ found }) => found.type === type).map(({ found }) => found.name),
  );
  const names = entries.flatMap(({ mapped, found }) => {
    const ofField = namesOf(mapped, found, sObject);
    return ofField === undefined ? [] : [[found.name, ofField] as const];
  });
  const recordTypeId = recordTypeIdOf(template, sObject);
  return {
    problems: [
      ...entries.flatMap(({ where, mapped, found }) => formProblems(where, mapped, found, sObject)),
      ...recordTypeProblems(template, `${path}.recordType`, sObject),
      ...constantProblems(template, `${path}.onCreate`, sObject),
    ],
    details: {
      ...(options?.length && { options }),
      ...(rich?.length && { rich }),
      ...(names.length > 0 && { names: Object.fromEntries(names) }),
      ...(recordTypeId !== undefined && { recordTypeId }),
    },
  };
};

const fieldNamed = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name === name);

/** Whether what an item writes can be the field. */
const formProblems = (
  where: string,
  { as }: Mapped,
  found: CheckedField,
  sObject: CheckedObject,
): string[] => {
  const name = `${sObject.name}.${found.name}`;
  switch (as) {
    case 'list':
    case 'set':
      return found.type === 'options'
        ? []
        : [`${where}: ${name} is not a multi-select picklist. Allowed as ${as}: a multi-select picklist.`];
    case 'label':
      return found.picklist !== undefined && found.type === 'text'
        ? labelProblems(where, name, found.picklist)
        : [`${where}: ${name} is not a picklist. Allowed as label: a picklist with one value.`];
    case 'developerName':
      return found.name === 'RecordTypeId'
        ? []
        : [`${where}: ${name} is not the record type. Allowed as developerName: RecordTypeId.`];
    default:
      return [];
  }
};

/** Of two values with one label, nobody knows which an item means. */
const labelProblems = (
  where: string,
  name: string,
  picklist: NonNullable<CheckedField['picklist']>,
): string[] => {
  const labels = picklist.filter(({ isActive }) => isActive).map(({ label }) => label);
  const twice = [...new Set(labels.filter((label, index) => labels.indexOf(label) !== index))];
  return twice.length === 0
    ? []
    : [
        `${where}: several values of ${name} have one label: ${twice.join(', ')}. Allowed: labels that differ.`,
      ];
};

const namesOf = (
  { as }: Mapped,
  found: CheckedField,
  sObject: CheckedObject,
): Readonly<Record<string, string>> | undefined => {
  switch (as) {
    case 'label': {
      // Of a label that an active value has too, the active one is meant.
      const inOrder = [...(found.picklist ?? [])].sort((a, b) => Number(b.isActive) - Number(a.isActive));
      return Object.fromEntries(inOrder.map(({ value, label }) => [value, label]));
    }
    case 'developerName':
      return Object.fromEntries(
        (sObject.recordTypes ?? []).map(({ recordTypeId, name }) => [recordTypeId, name]),
      );
    default:
      return undefined;
  }
};

const recordTypeIdOf = ({ recordType }: MappingTemplate, sObject: CheckedObject): string | undefined =>
  recordType === undefined
    ? undefined
    : sObject.recordTypes?.find(({ name, isAvailable }) => name === recordType && isAvailable)?.recordTypeId;

const recordTypeProblems = (template: MappingTemplate, where: string, sObject: CheckedObject): string[] => {
  const { recordType } = template;
  if (recordType === undefined) return [];
  const field = fieldNamed(sObject, 'RecordTypeId');
  if (field?.createable !== true) {
    return [
      `${where}: ${sObject.name} has no record types that the connected user may choose. Leave it out.`,
    ];
  }
  if (recordTypeIdOf(template, sObject) !== undefined) return [];
  const known = (sObject.recordTypes ?? []).filter(({ isAvailable }) => isAvailable).map(({ name }) => name);
  const allowed = known.length === 0 ? 'none is available to the connected user' : known.join(', ');
  return [
    `${where}: ${sObject.name} has no record type ${recordType} for the connected user. Allowed: ${allowed}.`,
  ];
};

const constantProblems = (
  { onCreate = {} }: MappingTemplate,
  where: string,
  sObject: CheckedObject,
): string[] =>
  Object.entries(onCreate).flatMap(([name, value]) => {
    const at = `${where}.${name}`;
    const field = fieldNamed(sObject, name);
    if (field === undefined) {
      return [`${at}: ${sObject.name} has no field ${name} that the connected user can see.`];
    }
    if (field.type === 'unsupported' || !field.createable) {
      return [
        `${at}: ${sObject.name}.${name} cannot be set with a new record by the connected user. Allowed: a field that ` +
          'the user may set.',
      ];
    }
    return valueProblems(at, `${sObject.name}.${name}`, field, value);
  });

const valueProblems = (at: string, name: string, field: CheckedField, value: Constant): string[] => {
  if (field.type === 'unsupported') return [];
  const isOfType =
    field.type === 'number' ? typeof value === 'number' : readWire(field.type, value) !== undefined;
  if (!isOfType) return [`${at}: the value is not one of ${name}: ${EXPECTED[field.type]}.`];
  const { picklist, isRestricted } = field;
  if (picklist === undefined || !isRestricted || field.type !== 'text') return [];
  const allowed = picklist.filter(({ isActive }) => isActive).map((one) => one.value);
  return allowed.includes(String(value))
    ? []
    : [`${at}: ${name} has no such value. Allowed: ${allowed.join(', ')}.`];
};
