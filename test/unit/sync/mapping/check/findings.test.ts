import { describe, expect, test } from '@jest/globals';
import { checkMapping } from '../../../../../shared/sync/mapping/check.ts';
import { aField, anObject, aTemplate, checked, findingsOf, without } from './an-object.ts';

const MAPPED = { fieldMap: { title: 'Title' } };

describe('a field that does not fit', () => {
  const masked = anObject([aField('Secret__c', { masked: true })]);
  const secret = (direction: string) => ({ fieldMap: { secret: { field: 'Secret__c', direction } } });

  test('and that nobody can see may be gone or hidden: the finding says both, and what to do', () => {
    const { problems } = checked(MAPPED, without(anObject(), 'Title'));

    expect(problems).toEqual([
      expect.stringMatching(/does not have it .*field-level security hides it\. Put/),
    ]);
  });

  test.each(['both', 'from-salesforce'])(
    'because its value may be a mask stops a mapping that reads it (%s)',
    (direction) => {
      expect(findingsOf(secret(direction), masked)).toEqual(['FIELD_MASKED field fieldMap.secret']);
    },
  );

  test('because its value may be a mask may still be written', () => {
    expect(findingsOf(secret('to-salesforce'), masked)).toEqual([]);
  });

  test('has one finding, whatever else is wrong with it', () => {
    const hidden = without(anObject(), 'Title');

    expect(
      findingsOf({ fieldMap: { title: { field: 'Title', direction: 'to-salesforce' } } }, hidden),
    ).toEqual(['FIELD_NOT_SEEN field fieldMap.title']);
  });
});

describe('what a person should know, and nothing stops for', () => {
  test('a required field that no attribute fills', () => {
    const sObject = anObject([aField('Name', { required: true })]);

    expect(findingsOf({}, sObject)).toEqual(['FIELD_REQUIRED notice fieldMap']);
    expect(checked({}, sObject).problems).toEqual([]);
    expect(findingsOf({ fieldMap: { name: 'Name' } }, sObject)).toEqual([]);
    expect(findingsOf({ direction: 'from-salesforce' }, sObject)).toEqual([]);
    const onlyRead = { fieldMap: { title: 'Title', name: { field: 'Name', direction: 'from-salesforce' } } };
    expect(findingsOf(onlyRead, sObject)).toEqual(['FIELD_REQUIRED notice fieldMap']);
    const onlyLater = { fieldMap: { title: 'Title', name: { field: 'Name', updateOnly: true } } };
    expect(findingsOf(onlyLater, sObject)).toEqual(['FIELD_REQUIRED notice fieldMap']);
    expect(findingsOf({ fieldMap: { name: { field: 'Name', createOnly: true } } }, sObject)).toEqual([]);
    expect(findingsOf({ onCreate: { Name: 'new' } }, sObject)).toEqual([]);
  });

  test('the values of a restricted picklist that is written', () => {
    const values = Array.from({ length: 14 }, (_, index) => `V${index}`);
    const anOption = (value: string) => ({ value, label: `label of ${value}`, isActive: true });
    const sObject = anObject([aField('Status__c', { isRestricted: true, picklist: values.map(anOption) })]);
    const status = (direction: string) => ({ fieldMap: { status: { field: 'Status__c', direction } } });

    expect(findingsOf(status('both'), sObject)).toEqual(['FIELD_RESTRICTED notice fieldMap.status']);
    expect(checked(status('both'), sObject).schema.findings[0]?.says).toContain('"V11" and 2 more');
    const byLabel = { fieldMap: { status: { field: 'Status__c', as: 'label' } } };
    expect(checked(byLabel, sObject).schema.findings[0]?.says).toContain('"label of V11" and 2 more');
    expect(findingsOf(status('from-salesforce'), sObject)).toEqual([]);
  });

  test('that new records get the default of several record types', () => {
    const aRecordType = (name: string) => ({ recordTypeId: `012${name}`, name, isAvailable: true });
    const master = { ...aRecordType('Master'), isMaster: true as const };
    const customer = { ...aRecordType('Customer'), isDefault: true as const };
    const partner = aRecordType('Partner');
    const sObject = anObject([aField('RecordTypeId')], { recordTypes: [master, partner, customer] });

    expect(findingsOf({}, sObject)).toEqual(['RECORD_TYPE_BY_DEFAULT notice sfObject']);
    expect(findingsOf({ fieldMap: { type: 'RecordTypeId' } }, sObject)).toEqual([]);
    expect(checked({}, sObject).schema.findings[0]?.says).toContain('default, Customer');
    expect(findingsOf({ recordType: 'Partner' }, sObject)).toEqual([]);
    expect(findingsOf({ onCreate: { RecordTypeId: '012000000000002AAA' } }, sObject)).toEqual([]);
    expect(findingsOf({}, { ...sObject, recordTypes: [master, customer] })).toEqual([]);
    const hidden = { ...partner, isAvailable: false };
    expect(findingsOf({}, { ...sObject, recordTypes: [customer, hidden] })).toEqual([]);
  });

  test('that an org has person accounts', () => {
    const account = anObject([aField('IsPersonAccount', { type: 'boolean' })], { name: 'Account' });

    expect(findingsOf({}, account)).toEqual(['PERSON_ACCOUNTS notice sfObject']);
    expect(findingsOf({ filter: 'IsPersonAccount = true' }, account)).toEqual([]);
    expect(findingsOf({ direction: 'from-salesforce' }, account)).toEqual([]);
    expect(findingsOf({}, anObject([aField('IsPersonAccount')]))).toEqual([]);
  });
});

describe('with onDrift', () => {
  const hidden = without(anObject(), 'Title');

  test('"stop", a field that does not fit stops the mapping', () => {
    const { problems, schema } = checked({}, hidden);

    expect(problems).toHaveLength(1);
    expect(schema.leftOut).toEqual([]);
  });

  test('"leave-out", it is left out, and the finding stays', () => {
    const { problems, fieldTypes, schema } = checked({ onDrift: 'leave-out' }, hidden);

    expect(problems).toEqual([]);
    expect(fieldTypes).toEqual({ Email: 'text' });
    expect(schema.leftOut).toEqual(['title']);
    expect(schema.findings).toEqual([expect.objectContaining({ attribute: 'title', weight: 'field' })]);
  });

  test('"leave-out", a mapping of which nothing is left stops', () => {
    const { problems } = checked({ onDrift: 'leave-out' }, without(anObject(), 'Title', 'Email'));

    expect(problems).toEqual([expect.stringContaining('nothing left to sync')]);
  });

  test('"leave-out", what is wrong with an option of a field leaves it out', () => {
    const fieldMap = {
      title: { field: 'Title', as: 'label' },
      email: { field: 'Email', reference: 'account' },
      note: 'Note__c',
    };
    const { problems, schema } = checked({ fieldMap, onDrift: 'leave-out' }, anObject([aField('Note__c')]));

    expect(problems).toEqual([]);
    expect(schema.leftOut).toEqual(['title', 'email']);
    expect(schema.findings.map(({ code }) => code)).toEqual(['FIELD_OPTION_UNUSABLE', 'REFERENCE_UNUSABLE']);
  });

  test('"leave-out", a field by which records are looked for is not left out: the mapping stops', () => {
    const match = [{ fields: ['title'] }];

    expect(findingsOf({ onDrift: 'leave-out', match }, hidden)).toEqual([
      'FIELD_NOT_SEEN field fieldMap.title',
      'MATCH_UNUSABLE stops match.0',
    ]);
    expect(findingsOf({ match }, hidden)).toEqual(['FIELD_NOT_SEEN field fieldMap.title']);
  });

  test.each([
    ['the object', undefined],
    ['a system field', without(anObject(), 'IsDeleted')],
    ['the external id field', without(anObject(), 'Key__c')],
    ['a field of the filter', without(anObject(), 'Email')],
    ['a right on the object', anObject([], { updateable: false })],
  ])('"leave-out", it stops for %s all the same', (_what, sObject) => {
    const template = aTemplate({ ...MAPPED, onDrift: 'leave-out', filter: "Email != 'x'" });

    expect(checkMapping(template, 'contact', sObject).problems).not.toEqual([]);
  });
});

test('lengths are kept of text that goes to Salesforce', () => {
  const sObject = anObject([
    aField('Name', { length: 80 }),
    aField('Note', { length: 40 }),
    aField('Age', { type: 'number', length: 18 }),
    aField('Time', { length: 0 }),
  ]);
  const fieldMap = {
    name: 'Name',
    note: { field: 'Note', direction: 'from-salesforce' },
    age: 'Age',
    time: 'Time',
  };

  expect(checked({ fieldMap }, sObject).schema.lengths).toEqual({ Name: 80 });
});

describe('a mark of deletions', () => {
  const marking = { deletePolicy: { toSalesforce: { mark: 'Gone__c' } } };

  test('is a checkbox that the user may edit, and needs no right to delete', () => {
    const sObject = anObject([aField('Gone__c', { type: 'boolean' })], { deletable: false });
    expect(findingsOf(marking, sObject)).toEqual([]);
  });

  test.each([
    ['there', []],
    ['a checkbox', [aField('Gone__c')]],
    ['updateable', [aField('Gone__c', { type: 'boolean', updateable: false })]],
  ])('that is not %s stops the mapping', (_, fields) => {
    expect(findingsOf(marking, anObject(fields))).toEqual([
      'MARK_UNUSABLE stops deletePolicy.toSalesforce.mark',
    ]);
  });
});
