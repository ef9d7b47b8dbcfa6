import type { SObjectDescribe } from '../salesforce-client/client.ts';
import type { FieldType } from '../sync/model/values.ts';
import type { SObjectDescription, SObjectField } from '../use-cases/ports/salesforce-org.ts';

const TYPES: Readonly<Record<string, FieldType>> = {
  id: 'text',
  reference: 'text',
  string: 'text',
  textarea: 'text',
  picklist: 'text',
  multipicklist: 'text',
  combobox: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  encryptedstring: 'text',
  time: 'text',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
};

/** How a field is compared and written, by its type in describe. Compounds, files and untyped values are unsupported. */
const toFieldType = (describeType: string): SObjectField['type'] =>
  Object.hasOwn(TYPES, describeType) ? (TYPES[describeType] ?? 'unsupported') : 'unsupported';

/** A description as the sync needs it. A property that the org leaves out counts as false. */
export function toDescription(found: SObjectDescribe): SObjectDescription {
  const fields = found.fields.map(
    (field): SObjectField => ({
      name: field.name,
      type: toFieldType(field.type),
      createable: field.createable === true,
      updateable: field.updateable === true,
      unique: field.unique === true,
      externalId: field.externalId === true,
      caseSensitive: field.caseSensitive === true,
      ...(field.length ? { length: field.length } : {}),
      ...(isRequired(field) && { required: true }),
      ...((field.type === 'encryptedstring' || Boolean(field.mask)) && { masked: true }),
      ...(field.filterable === false && { filterable: false }),
      ...(field.restrictedPicklist && { restrictedTo: activeValues(field) }),
      ...(field.relationshipName && { relationshipName: field.relationshipName }),
    }),
  );
  return {
    name: found.name,
    queryable: found.queryable === true,
    createable: found.createable === true,
    updateable: found.updateable === true,
    deletable: found.deletable === true,
    fields,
    ...recordTypesOf(found),
  };
}

type Field = SObjectDescribe['fields'][number];

const isRequired = ({ nillable, defaultedOnCreate, createable }: Field): boolean =>
  nillable === false && !defaultedOnCreate && createable === true;

const activeValues = ({ picklistValues }: Field): string[] =>
  (picklistValues ?? []).filter(({ active }) => active).map(({ value }) => value);

/** Those that a person chooses from; `Master` stands for an object without any. */
function recordTypesOf({ recordTypeInfos }: SObjectDescribe): Pick<SObjectDescription, 'recordTypes'> {
  const own = (recordTypeInfos ?? []).filter((info) => info.available && !info.master);
  if (own.length === 0) return {};
  const byDefault = own.filter((info) => info.defaultRecordTypeMapping);
  const others = own.filter((info) => !info.defaultRecordTypeMapping);
  return { recordTypes: [...byDefault, ...others].map(({ developerName, name }) => developerName ?? name) };
}
