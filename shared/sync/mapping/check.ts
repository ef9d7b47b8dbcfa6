import { deletePoliciesOf } from '../../contracts/delete-policies.ts';
import { nearestNames } from '../../contracts/nearest-names.ts';
import type { Direction, MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject, SchemaDetails, StoredFieldType } from '../model/schema.ts';
import type { FieldType } from '../model/values.ts';
import { checkDetails } from './check-details.ts';
import { matchProblems, referenceProblems } from './check-pairs.ts';
import { isLeftToPerson } from './left-to-person.ts';
import { narrower } from './resolve.ts';
import type { FieldTraits } from './traits.ts';

export interface MappingCheck {
  /** Sentences for the person who wrote the config: where, what, and what is allowed. Empty where all is well. */
  readonly problems: readonly string[];
  /** Types of the mapped fields that exist and can be synced, by API name. */
  readonly fieldTypes: Readonly<Record<string, StoredFieldType>>;
  readonly traits: FieldTraits;
  readonly details: SchemaDetails;
}

const storedType = (type: FieldType): StoredFieldType =>
  type === 'options' || type === 'rich' ? 'text' : type;

/**
 * Checks a template against an org's schema. Names must be spelt exactly as the org spells them.
 *
 * @param name - of the mapping in the sync config, for the paths in the problems
 * @param templates - those that its lookups may lead to
 */
export const checkMapping = (
  template: MappingTemplate,
  name: string,
  sObject: CheckedObject,
  templates: SyncConfig['mappings'] = {},
): MappingCheck => {
  const path = `mappings.${name}`;
  const { problems: ofDetails, details } = checkDetails(template, path, sObject);
  const entries = Object.entries(template.fieldMap).map(([localField, mapped]) => {
    const { field, direction } = mapped;
    return {
      where: `${path}.fieldMap.${localField}`,
      sfField: field,
      mapped,
      direction: narrower(template.direction, direction),
      found: fieldOf(sObject, field),
    };
  });
  return {
    problems: [
      ...objectProblems(template, `${path}.sfObject`, sObject),
      ...externalIdProblems(template, `${path}.externalIdField`, sObject),
      ...entries.flatMap(({ where, mapped, direction, found }) =>
        fieldProblems(where, { ...mapped, direction }, found, sObject, template),
      ),
      ...entries.flatMap(({ where, mapped: { reference }, found }) =>
        reference === undefined || found === undefined
          ? []
          : referenceProblems(where, reference, found, sObject, templates),
      ),
      ...matchProblems(template, path, sObject),
      ...ofDetails,
    ],
    details,
    fieldTypes: Object.fromEntries(
      entries.flatMap(({ sfField, found }) =>
        found === undefined || found.type === 'unsupported' ? [] : [[sfField, storedType(found.type)]],
      ),
    ),
    traits: {
      createOnly: entries.flatMap(({ sfField, found }) => (found && isCreateOnly(found) ? [sfField] : [])),
      isKeyUpdateable: fieldOf(sObject, template.externalIdField)?.updateable === true,
    },
  };
};

const fieldOf = (sObject: CheckedObject, name: string): CheckedField | undefined =>
  sObject.fields.find((field) => field.name === name);

const objectProblems = (template: MappingTemplate, where: string, sObject: CheckedObject): string[] => {
  const writes = template.direction !== 'from-salesforce';
  const lacks = [
    ...(sObject.queryable ? [] : ['queryable']),
    ...(writes && !sObject.createable ? ['createable'] : []),
    ...(writes && !sObject.updateable ? ['updateable'] : []),
  ];
  return [
    ...missingSystemFields(where, sObject),
    ...missingFieldsForPerson(template, where, sObject),
    ...notDeletable(template, where, sObject),
    ...lacks.map(
      (right) =>
        `${where}: ${sObject.name} is not ${right} for the connected user. Allowed: an object that the user may ` +
        `${writes ? 'read, create and edit' : 'read'}.`,
    ),
  ];
};

const notDeletable = (template: MappingTemplate, where: string, sObject: CheckedObject): string[] =>
  deletePoliciesOf(template).toSalesforce === 'ignore' || sObject.deletable
    ? []
    : [
        `${where}: ${sObject.name} is not deletable for the connected user. Allowed: an object that the user may ` +
          "delete records of, or deletePolicy { toSalesforce: 'ignore' }.",
      ];

/** Without these a sweep cannot tell what changed, what was deleted, or whose edit was later. */
const SYSTEM_FIELDS = ['SystemModstamp', 'LastModifiedDate', 'IsDeleted'] as const;

/** A person who is to decide is told who changed the record. */
const fieldsForPerson = ({ direction, conflictPolicy, fieldMap }: MappingTemplate): readonly string[] =>
  Object.values(fieldMap).some((field) =>
    isLeftToPerson({
      direction: narrower(direction, field.direction),
      conflictPolicy: field.conflictPolicy ?? conflictPolicy,
    }),
  )
    ? ['LastModifiedById']
    : [];

const missingFieldsForPerson = (template: MappingTemplate, where: string, sObject: CheckedObject): string[] =>
  fieldsForPerson(template)
    .filter((name) => fieldOf(sObject, name) === undefined)
    .map(
      (name) =>
        `${where}: ${sObject.name} has no field ${name} that the connected user can see, so nobody can be told who ` +
        "changed a record. Allowed: an object that has it, or another policy than 'manual'.",
    );

const missingSystemFields = (where: string, sObject: CheckedObject): string[] =>
  SYSTEM_FIELDS.filter((name) => fieldOf(sObject, name) === undefined).map(
    (name) =>
      `${where}: ${sObject.name} has no field ${name} that the connected user can see, so its changes cannot be ` +
      'followed. Allowed: an object that has SystemModstamp, LastModifiedDate and IsDeleted.',
  );

const externalIdProblems = (template: MappingTemplate, where: string, sObject: CheckedObject): string[] => {
  const field = fieldOf(sObject, template.externalIdField);
  if (field === undefined) return [unknownField(where, template.externalIdField, sObject)];
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
  ];
  return must.map(
    (claim) =>
      `${where}: ${sObject.name}.${field.name} is not ${claim}. Allowed: a text field marked as external id and ` +
      'unique (case sensitive), which the connected user may set.',
  );
};

const fieldProblems = (
  where: string,
  mapped: MappingTemplate['fieldMap'][string] & { readonly direction: Direction },
  found: CheckedField | undefined,
  sObject: CheckedObject,
  template: MappingTemplate,
): string[] => {
  const { field: sfField, direction, createOnly, updateOnly } = mapped;
  if (sfField === template.externalIdField) {
    return [
      `${where}: ${sfField} is the mapping's external id field, which holds the item's key. Leave it out.`,
    ];
  }
  if (sfField === 'Id') return [`${where}: Id cannot be synced. Use localIdField to receive it.`];
  if (found === undefined) return [unknownField(where, sfField, sObject)];
  const name = `${sObject.name}.${found.name}`;
  if (found.type === 'unsupported') {
    return [`${where}: ${name} is of a type that is not supported. Allowed: text, numbers, booleans, dates.`];
  }
  const lacks = [
    ...(found.createable || updateOnly ? [] : ['createable']),
    ...(found.updateable || createOnly || isCreateOnly(found) ? [] : ['updateable']),
  ];
  if (direction === 'from-salesforce' || lacks.length === 0) return [];
  return [
    `${where}: ${name} is not ${lacks.join(' and not ')} for the connected user. Allowed: direction ` +
      `'from-salesforce', ${insteadOf(found)}or a field that the user may edit.`,
  ];
};

/** What a field that can be written at one time only is allowed as. */
const insteadOf = ({ createable, updateable }: CheckedField): string => {
  if (createable) return 'createOnly: true, ';
  return updateable ? 'updateOnly: true, ' : '';
};

/** Such as the master of a detail that may not be given to another one. */
const isCreateOnly = ({ createable, updateable, referenceTo }: CheckedField): boolean =>
  referenceTo !== undefined && createable && !updateable;

const unknownField = (where: string, sfField: string, sObject: CheckedObject): string => {
  const names = sObject.fields.map((field) => field.name);
  const near = nearestNames(sfField, names);
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(', ')}?`;
  return `${where}: ${sObject.name} has no field ${sfField} that the connected user can see.${hint}`;
};
