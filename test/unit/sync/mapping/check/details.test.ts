import { describe, expect, test } from '@jest/globals';
import type { CheckedField, CheckedObject } from '../../../../../shared/sync/model/schema.ts';
import { aField, anObject, checked, findingsOf } from './an-object.ts';

/** What a check finds of a mapping with one field more. */
const found = (
  field: CheckedField,
  mapped: object = {},
  change: object = {},
  object: Partial<CheckedObject> = {},
) =>
  checked(
    { fieldMap: { title: 'Title', more: { field: field.name, ...mapped } }, ...change },
    anObject([field], object),
  );
const details = (...args: Parameters<typeof found>) => found(...args).details;

const PICKLIST = [
  { value: 'old', label: 'Web', isActive: false },
  { value: 'web', label: 'Web', isActive: true },
  { value: 'mail', label: 'Mail', isActive: true },
];
const TYPES = [
  { recordTypeId: '012A', name: 'Person', isAvailable: true },
  { recordTypeId: '012B', name: 'Robot', isAvailable: false },
] as const;
const RECORD_TYPE = aField('RecordTypeId');

describe('what a check finds of an org beside the types of fields', () => {
  test('is nothing where there is nothing to tell', () => {
    expect(details(aField('Note__c'))).toStrictEqual({});
    expect(details(aField('Amount__c', { type: 'number' }), {}, {}, { recordTypes: TYPES })).toStrictEqual(
      {},
    );
  });

  test('is which fields are multi-select picklists, rich text, ids, or times; all are stored as text', () => {
    const options = found(aField('Tags__c', { type: 'options' }));
    expect(options.details).toStrictEqual({ options: ['Tags__c'] });
    expect(options.fieldTypes).toEqual({ Title: 'text', Tags__c: 'text' });
    const rich = found(aField('Body__c', { type: 'rich', length: 32_000 }));
    expect(rich.details).toStrictEqual({ rich: ['Body__c'] });
    expect(rich.fieldTypes).toEqual({ Title: 'text', Body__c: 'text' });
    expect(rich.schema.lengths).toEqual({ Body__c: 32_000 });
    const owner = found(aField('OwnerId', { type: 'id', length: 18 }));
    expect(owner.details).toStrictEqual({ ids: ['OwnerId'] });
    expect(owner.fieldTypes).toEqual({ Title: 'text', OwnerId: 'text' });
    // An id is as long as it is.
    expect(owner.schema.lengths).toEqual({});
    const time = found(aField('Opens__c', { type: 'time' }));
    expect(time.details).toStrictEqual({ times: ['Opens__c'] });
    expect(time.fieldTypes).toEqual({ Title: 'text', Opens__c: 'text' });
    expect(found(aField('Day__c', { type: 'date' })).fieldTypes).toEqual({ Title: 'text', Day__c: 'date' });
  });

  test('is which fields nobody sets: calculated, counted up, or kept by Salesforce', () => {
    const from = { direction: 'from-salesforce' };
    for (const field of [
      aField('Sum__c', { calculated: true }),
      aField('Number__c', { autoNumber: true }),
      aField('LastActivityDate', { type: 'date' }),
    ])
      expect(details(field, from)).toStrictEqual({ computed: [field.name] });
    expect(found(aField('Sum__c', { calculated: true }), from).schema.calculated).toEqual(['Sum__c']);
    expect(found(aField('Number__c', { autoNumber: true }), from).schema).not.toHaveProperty('calculated');
  });

  test('is the names of a picklist by label, of which an active value has the last word', () => {
    const field = aField('Source__c', { picklist: PICKLIST });

    const { names } = details(field, { as: 'label' });

    expect(names).toEqual({ Source__c: { web: 'Web', old: 'Web', mail: 'Mail' } });
    expect(Object.keys(names?.Source__c ?? {})).toEqual(['web', 'mail', 'old']);
    expect(details(field)).not.toHaveProperty('names');
    expect(details(aField('Source__c'), { as: 'label' }).names).toEqual({ Source__c: {} });
  });

  test('is the names of record types, which each record needs', () => {
    expect(details(RECORD_TYPE, { as: 'developerName' }, {}, { recordTypes: TYPES })).toStrictEqual({
      needed: ['RecordTypeId'],
      names: { RecordTypeId: { '012A': 'Person', '012B': 'Robot' } },
    });
    expect(details(RECORD_TYPE, { as: 'developerName' }).names).toEqual({ RecordTypeId: {} });
  });

  test('is which fields by label no record is made without: Salesforce would refuse it, or choose', () => {
    const needed = (change: Partial<CheckedField>, mapped: object = { as: 'label' }) =>
      details(aField('Source__c', { picklist: PICKLIST, ...change }), mapped).needed;

    expect(needed({ required: true })).toEqual(['Source__c']);
    expect(needed({ isDefaulted: true })).toEqual(['Source__c']);
    expect(needed({})).toBeUndefined();
    expect(needed({ required: true }, {})).toBeUndefined();
  });

  test('is whether its records say into which others they were merged', () => {
    const object = anObject([aField('MasterRecordId', { type: 'id' })], { name: 'Case' });
    expect(checked({ sfObject: 'Case' }, object).details).toStrictEqual({ isMergeable: true });
  });

  test('is the id of the record type that the template names, where the user may choose it', () => {
    const idOf = (recordType: string) =>
      details(aField('Note__c'), {}, { recordType }, { recordTypes: TYPES }).recordTypeId;

    expect(idOf('Person')).toBe('012A');
    expect(idOf('Robot')).toBeUndefined();
    expect(idOf('Nobody')).toBeUndefined();
    expect(details(aField('Note__c'), {}, { recordType: 'Person' })).toStrictEqual({});
  });
});

describe('a schedule for formulas', () => {
  const formulas = { everyMinutes: 60 };
  const notices = (field: CheckedField, change: object = { formulas }) =>
    found(field, { direction: 'from-salesforce' }, change).schema.findings.filter(
      ({ code }) => code === 'FORMULAS_NOT_MAPPED',
    );

  test('has nothing to refresh where no formula is mapped, which is no reason to stop', () => {
    const [one, ...others] = notices(aField('Note__c'));
    expect(others).toEqual([]);
    expect(one).toMatchObject({ weight: 'notice', where: 'mappings.contact.formulas' });
    expect(one?.says).toMatch(/^none of the mapped fields is a formula .{30,}\.$/);
    expect(found(aField('Note__c'), {}, { formulas }).problems).toEqual([]);
  });

  test('is nothing to tell where one is mapped, or there is no schedule', () => {
    expect(notices(aField('Sum__c', { calculated: true }))).toEqual([]);
    expect(notices(aField('Note__c'), {})).toEqual([]);
  });
});

describe('an option of a field', () => {
  const unusable = (field: CheckedField, as: string) =>
    found(field, { as }).schema.findings.flatMap(({ code, says }) =>
      code === 'FIELD_OPTION_UNUSABLE' ? [says] : [],
    );

  test('is usable on a field of its kind alone', () => {
    for (const as of ['list', 'set']) {
      expect(unusable(aField('Tags__c', { type: 'options' }), as)).toEqual([]);
      expect(unusable(aField('Tags__c'), as)).toEqual([
        `Contact.Tags__c is not a multi-select picklist. Allowed as ${as}: a multi-select picklist.`,
      ]);
    }
    expect(unusable(RECORD_TYPE, 'developerName')).toEqual([]);
    expect(unusable(aField('Kind__c'), 'developerName')).toHaveLength(1);
    expect(unusable(aField('Source__c', { picklist: PICKLIST }), 'label')).toEqual([]);
    expect(unusable(aField('Source__c'), 'label')).toHaveLength(1);
  });

  test('of labels needs labels that differ among the active values', () => {
    const twice = [...PICKLIST, { value: 'net', label: 'Web', isActive: true }];
    expect(unusable(aField('Source__c', { picklist: twice }), 'label')).toEqual([
      'several values of Contact.Source__c have one label: Web. Allowed: labels that differ.',
    ]);
  });
});

test('a new record’s fields are filled by the key and by the record type too', () => {
  const required = [aField('RecordTypeId', { required: true }), aField('Must__c', { required: true })];
  const object = anObject(required, {
    recordTypes: [{ recordTypeId: '012A', name: 'Person', isAvailable: true }],
  });
  const of = (change: object) => findingsOf(change, object).filter((one) => one.startsWith('FIELD_REQUIRED'));

  expect(of({})).toHaveLength(2);
  expect(of({ recordType: 'Person' })).toHaveLength(1);
  expect(of({ recordType: 'Person', onCreate: { Must__c: 'x' } })).toHaveLength(0);
  const keyed = {
    ...object,
    fields: object.fields.map((one) => (one.name === 'Key__c' ? { ...one, required: true as const } : one)),
  };
  expect(findingsOf({ recordType: 'Person', onCreate: { Must__c: 'x' } }, keyed)).not.toContainEqual(
    expect.stringContaining('FIELD_REQUIRED'),
  );
});
