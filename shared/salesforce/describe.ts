import type { SObjectDescribe } from '../salesforce-client/client.ts';
import type { CheckedRecordType } from '../sync/model/schema.ts';
import type { FieldType } from '../sync/model/values.ts';
import type { SObjectDescription, SObjectField } from '../use-cases/ports/salesforce-org.ts';

const TYPES: Readonly<Record<string, FieldType>> = {
  id: 'id',
  reference: 'id',
  string: 'text',
  textarea: 'text',
  picklist: 'text',
  multipicklist: 'options',
  combobox: 'text',
  email: 'text',
  phone: 'text',
  url: 'text',
  encryptedstring: 'text',
  time: 'time',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
};

/** What `extraTypeInfo` says beside: a lookup to an external object holds no id, but a key of the other system's. */
const EXTRA_TYPES: Readonly<Record<string, FieldType>> = {
  richtextarea: 'rich',
  externallookup: 'text',
  indirectlookup: 'text',
};

/** How a field is compared and written, by its type in describe. Compounds, files and untyped values are unsupported. */
const toFieldType = ({ type, extraTypeInfo }: Field): SObjectField['type'] =>
  typeIn(EXTRA_TYPES, extraTypeInfo) ?? typeIn(TYPES, type) ?? 'unsupported';

const typeIn = (types: typeof TYPES, name: string | null | undefined): FieldType | undefined =>
  typeof name === 'string' && Object.hasOwn(types, name) ? types[name] : undefined;

/** A description as the sync needs it. A property that the org leaves out counts as false. */
export function toDescription(found: SObjectDescribe): SObjectDescription {
  const fields = found.fields.map(
    (field): SObjectField => ({
      name: field.name,
      type: toFieldType(field),
      createable: field.createable === true,
      updateable: field.updateable === true,
      unique: field.unique === true,
      externalId: field.externalId === true,
      caseSensitive: field.caseSensitive === true,
      ...(field.length ? { length: field.length } : {}),
      ...(isRequired(field) && { required: true }),
      ...(field.defaultedOnCreate && { isDefaulted: true }),
      ...(field.calculated && { calculated: true }),
      ...(field.autoNumber && { autoNumber: true }),
      ...((field.type === 'encryptedstring' || Boolean(field.mask)) && { masked: true }),
      ...(field.filterable === false && { filterable: false }),
      ...(field.type === 'reference' && { referenceTo: field.referenceTo ?? [] }),
      ...(field.relationshipName && { relationshipName: field.relationshipName }),
      ...(field.picklistValues &&
        field.picklistValues.length > 0 && { picklist: field.picklistValues.map(toOption) }),
      ...(field.restrictedPicklist && { isRestricted: true }),
    }),
  );
  return {
    name: found.name,
    queryable: found.queryable === true,
    createable: found.createable === true,
    updateable: found.updateable === true,
    deletable: found.deletable === true,
    fields,
    recordTypes: (found.recordTypeInfos ?? []).flatMap(toRecordType),
  };
}

type Field = SObjectDescribe['fields'][number];
type RecordTypeInfo = NonNullable<SObjectDescribe['recordTypeInfos']>[number];

const isRequired = ({ nillable, defaultedOnCreate, createable }: Field): boolean =>
  nillable === false && !defaultedOnCreate && createable === true;

const toOption = ({ value, label, active }: NonNullable<Field['picklistValues']>[number]) => ({
  value,
  label: label ?? value,
  isActive: active === true,
});

/** One without a developer name cannot be named. */
function toRecordType(info: RecordTypeInfo): CheckedRecordType[] {
  const { recordTypeId, developerName, active, available } = info;
  if (!developerName) return [];
  return [
    {
      recordTypeId,
      name: developerName,
      isAvailable: active === true && available === true,
      ...(info.defaultRecordTypeMapping && { isDefault: true as const }),
      ...(info.master && { isMaster: true as const }),
    },
  ];
}
