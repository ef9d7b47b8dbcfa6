import { type MappingTemplate, mappingTemplate } from '../../../../../shared/contracts/sync-config.ts';
import { checkMapping } from '../../../../../shared/sync/mapping/check.ts';
import type { CheckedField, CheckedObject } from '../../../../../shared/sync/model/schema.ts';

/** A field that may be read and written. */
export const aField = (name: string, change: Partial<CheckedField> = {}): CheckedField => ({
  name,
  type: 'text',
  createable: true,
  updateable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  ...change,
});

const readOnly = { createable: false, updateable: false } as const;

const KEY = aField('Key__c', { unique: true, externalId: true, caseSensitive: true });
const SYSTEM = [
  aField('SystemModstamp', { type: 'datetime', ...readOnly }),
  aField('LastModifiedDate', { type: 'datetime', ...readOnly }),
  aField('CreatedDate', { type: 'datetime', ...readOnly }),
  aField('IsDeleted', { type: 'boolean', ...readOnly }),
];

/** An object with these fields beside a key and the system fields. */
export const anObject = (
  fields: readonly CheckedField[] = [],
  change: Partial<CheckedObject> = {},
): CheckedObject => ({
  name: 'Contact',
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  fields: [...SYSTEM, KEY, aField('Title'), aField('Email'), ...fields],
  ...change,
});

export const without = (sObject: CheckedObject, ...names: readonly string[]): CheckedObject => ({
  ...sObject,
  fields: sObject.fields.filter(({ name }) => !names.includes(name)),
});

export const aTemplate = (change: object = {}): MappingTemplate =>
  mappingTemplate.parse({
    localTable: 'contacts',
    sfObject: 'Contact',
    fieldMap: { title: 'Title', email: 'Email' },
    externalIdField: 'Key__c',
    schedule: { everyMinutes: 5 },
    ...change,
  });

/** What a check says of a mapping with this change, against this object. */
export const checked = (change: object = {}, sObject: CheckedObject | undefined = anObject()) =>
  checkMapping(aTemplate(change), 'contact', sObject);

/** The findings as `code weight where`. */
export const findingsOf = (change: object = {}, sObject?: CheckedObject): string[] =>
  checked(change, sObject).schema.findings.map(
    ({ code, weight, where }) => `${code} ${weight} ${where.replace('mappings.contact.', '')}`,
  );
