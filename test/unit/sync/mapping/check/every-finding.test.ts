import { describe, expect, test } from '@jest/globals';
import { checkMapping } from '../../../../../shared/sync/mapping/check.ts';
import { SchemaDrift } from '../../../../../shared/sync/mapping/errors.ts';
import type { CheckedObject } from '../../../../../shared/sync/model/schema.ts';
import { aField, anObject, aTemplate, checked, without } from './an-object.ts';

const accounts = aTemplate({ sfObject: 'Account' });
const leads = aTemplate({ sfObject: 'Lead' });
const lookup = (referenceTo: string[]) => anObject([aField('AccountId', { referenceTo })]);
const by = (reference: unknown) => ({ fieldMap: { account: { field: 'AccountId', reference } } });
const keyed = (change: object) => {
  const { fields, ...object } = without(anObject(), 'Key__c');
  const key = aField('Key__c', { unique: true, externalId: true, caseSensitive: true, ...change });
  return { ...object, fields: [...fields, key] };
};
const share = without(anObject([], { name: 'Contact' }), 'SystemModstamp');
const history = without(anObject([], { updateable: false }), 'SystemModstamp', 'LastModifiedDate');
const aRecordType = (name: string, change = {}) => ({
  recordTypeId: `012${name}`,
  name,
  isAvailable: true,
  ...change,
});
const TYPES = [aRecordType('One'), aRecordType('Two')];
const withPeople = anObject(
  [
    aField('IsPersonAccount', { type: 'boolean' }),
    ...['Name', 'FirstName', 'LastName', 'PersonBirthdate', 'More__pc', 'Person_In_Charge__c'].map((name) =>
      aField(name),
    ),
  ],
  { name: 'Account' },
);
const READ = { direction: 'from-salesforce' };

/** A template with this change, against this object: what is said, and in which words. */
const CASES: readonly (readonly [string, object, CheckedObject | undefined, RegExp])[] = [
  [
    'OBJECT_NOT_FOLLOWED stops sfObject',
    {},
    without(anObject(), 'SystemModstamp', 'LastModifiedDate', 'CreatedDate'),
    /^Contact has no field SystemModstamp or .+ be followed\. Allowed: .+\.$/,
  ],
  [
    'OBJECT_ONLY_READ stops sfObject',
    {},
    without(anObject(), 'SystemModstamp', 'IsDeleted'),
    /^Contact has no field SystemModstamp and no field IsDeleted that .+'from-salesforce', .+ and IsDeleted\.$/,
  ],
  [
    'STAMP_MISSES_CHANGES notice sfObject',
    READ,
    share,
    /by LastModifiedDate: a change that Salesforce itself .+\.$/,
  ],
  [
    'STAMP_MISSES_CHANGES notice sfObject',
    READ,
    history,
    /by CreatedDate: a record comes in when it is made.+\.$/,
  ],
  [
    'DELETIONS_NOT_SEEN notice sfObject',
    READ,
    without(anObject(), 'IsDeleted'),
    /^Contact has no field IsDeleted, so nothing tells of a deletion: the item stays\.$/,
  ],
  [
    'DELETIONS_NOT_SEEN notice sfObject',
    { ...READ, deletePolicy: { fromSalesforce: 'propagate' } },
    without(anObject(), 'IsDeleted'),
    /^Contact has no field IsDeleted.+ the item stays, whatever deletePolicy says, until .+ treat-as-deleted .+\.$/,
  ],
  [
    'CHANGED_BY_NOT_SEEN stops sfObject',
    { conflictPolicy: 'manual' },
    anObject(),
    /^Contact has no field LastModifiedById .+ 'manual'\.$/,
  ],
  [
    'OBJECT_NOT_USABLE stops sfObject',
    {},
    anObject([], { queryable: false }),
    /^Contact is not queryable .+ read, create and edit\.$/,
  ],
  [
    'OBJECT_NOT_USABLE stops sfObject',
    READ,
    anObject([], { queryable: false }),
    /^Contact is not queryable .+ may read\.$/,
  ],
  [
    'OBJECT_NOT_USABLE stops sfObject',
    {},
    anObject([], { createable: false }),
    /^Contact is not createable .+\.$/,
  ],
  [
    'OBJECT_NOT_USABLE stops sfObject',
    {},
    anObject([], { updateable: false }),
    /^Contact is not updateable .+\.$/,
  ],
  [
    'OBJECT_NOT_USABLE stops sfObject',
    { deletePolicy: 'propagate' },
    anObject([], { deletable: false }),
    /^Contact is not deletable .+ 'ignore' \}\.$/,
  ],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    without(anObject(), 'Key__c'),
    /^Contact has no field Key__c .+/,
  ],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    keyed({ type: 'number' }),
    /^Contact\.Key__c is not of type text\. Allowed: .+\.$/,
  ],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    keyed({ externalId: false }),
    /is not marked as external id\. .+\.$/,
  ],
  ['KEY_FIELD_UNUSABLE stops externalIdField', {}, keyed({ unique: false }), /is not marked as unique\. /],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    keyed({ caseSensitive: false }),
    /is not case sensitive\. /,
  ],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    keyed({ createable: false }),
    /is not createable for the connected user\. /,
  ],
  [
    'KEY_FIELD_UNUSABLE stops externalIdField',
    {},
    keyed({ masked: true }),
    /is not readable without a mask\. /,
  ],
  [
    'FIELD_RESERVED stops fieldMap.key',
    { fieldMap: { key: 'Key__c' } },
    anObject(),
    /^Key__c is the mapping's external id field.+\.$/,
  ],
  [
    'FIELD_RESERVED stops fieldMap.id',
    { fieldMap: { id: 'Id' } },
    anObject(),
    /^Id cannot be synced\. .+\.$/,
  ],
  [
    'FIELD_TYPE_UNSUPPORTED field fieldMap.place',
    { fieldMap: { place: 'Place' } },
    anObject([aField('Place', { type: 'unsupported' })]),
    /^Contact\.Place is of a type that is not supported\. Allowed: .+\.$/,
  ],
  [
    'FIELD_MASKED field fieldMap.secret',
    { fieldMap: { secret: 'Secret' } },
    anObject([aField('Secret', { masked: true })]),
    /^Contact\.Secret is encrypted, .+ Allowed: direction 'to-salesforce', or a field that .+\.$/,
  ],
  [
    'FIELD_NOT_WRITABLE field fieldMap.born',
    { fieldMap: { born: 'Born' } },
    anObject([aField('Born', { createable: false, updateable: false })]),
    /^Contact\.Born is not createable and not updateable .+ direction 'from-salesforce', or a field that .+\.$/,
  ],
  [
    'FIELD_NOT_WRITABLE field fieldMap.born',
    { fieldMap: { born: 'Born' } },
    anObject([aField('Born', { createable: false })]),
    /^Contact\.Born is not createable .+ 'from-salesforce', updateOnly: true, or a field that .+\.$/,
  ],
  [
    'FIELD_RESTRICTED notice fieldMap.stage',
    { fieldMap: { stage: 'Stage' } },
    anObject([aField('Stage', { isRestricted: true })]),
    /^Contact\.Stage takes no value and nothing else: .+\.$/,
  ],
  [
    'FIELD_OPTION_UNUSABLE field fieldMap.title',
    { fieldMap: { title: { field: 'Title', as: 'developerName' } } },
    anObject(),
    /^Contact\.Title is not the record type\. Allowed as developerName: RecordTypeId\.$/,
  ],
  [
    'FIELD_OPTION_UNUSABLE field fieldMap.title',
    { fieldMap: { title: { field: 'Stage', as: 'label' } } },
    anObject([
      aField('Stage', {
        picklist: ['a', 'a', 'b', 'b', 'c'].map((label, n) => ({ value: `${n}`, label, isActive: true })),
      }),
    ]),
    /have one label: a, b\. Allowed/,
  ],
  [
    'REFERENCE_UNUSABLE field fieldMap.account.reference',
    by('account'),
    anObject([aField('AccountId')]),
    /^Contact\.AccountId is no lookup\. Allowed: .+\.$/,
  ],
  [
    'REFERENCE_UNUSABLE field fieldMap.account.reference',
    by('account'),
    lookup(['Account', 'Lead']),
    /^Contact\.AccountId may lead to Account, Lead\. Allowed: .+ \{ Account: 'account' \}\.$/,
  ],
  [
    'REFERENCE_UNUSABLE field fieldMap.account.reference',
    by('lead'),
    lookup(['Account']),
    /^Contact\.AccountId leads to Account, and the mapping lead is of Lead\. .+ object that the field leads to\.$/,
  ],
  [
    'REFERENCE_UNUSABLE field fieldMap.account.reference',
    by({ Account: 'account', Case: 'unknown' }),
    lookup(['Account', 'Lead']),
    /^Contact\.AccountId leads to Account, Lead, and the mapping unknown is of Case\. /,
  ],
  [
    'MATCH_UNUSABLE stops match.1',
    { match: ['externalId', { fields: ['title', 'flag'] }], fieldMap: { title: 'Title', flag: 'Flag' } },
    anObject([aField('Flag', { type: 'boolean' })]),
    /^Contact\.Flag cannot be looked for\. .+ query may ask for\.$/,
  ],
  [
    'MATCH_UNUSABLE stops match.0',
    { match: [{ fields: ['note'] }], fieldMap: { note: 'Note' } },
    anObject([aField('Note', { filterable: false })]),
    /^Contact\.Note cannot be looked for\. /,
  ],
  [
    'RECORD_TYPE_UNUSABLE stops recordType',
    { recordType: 'One' },
    anObject([], { recordTypes: TYPES }),
    /^Contact has no record types that the connected user may choose\. .+\.$/,
  ],
  [
    'RECORD_TYPE_UNUSABLE stops recordType',
    { recordType: 'One' },
    anObject([aField('RecordTypeId')]),
    /^Contact has no record type One for the connected user\. Allowed: none is available to the connected user\.$/,
  ],
  [
    'RECORD_TYPE_UNUSABLE stops recordType',
    { recordType: 'Three' },
    anObject([aField('RecordTypeId')], { recordTypes: TYPES }),
    /Allowed: One, Two\.$/,
  ],
  [
    'CONSTANT_UNUSABLE stops onCreate.No__c',
    { onCreate: { No__c: 'x' } },
    anObject(),
    /^Contact has no field No__c .+/,
  ],
  [
    'CONSTANT_UNUSABLE stops onCreate.Set__c',
    { onCreate: { Set__c: 'x' } },
    anObject([aField('Set__c', { createable: false })]),
    /^Contact\.Set__c cannot be set with a new record .+ set\.$/,
  ],
  [
    'FIELD_REQUIRED notice fieldMap',
    {},
    anObject([aField('Name', { required: true })]),
    /^Contact\.Name must have a value .+ are made by the sync are refused .+ in onCreate\.$/,
  ],
  [
    'RECORD_TYPE_BY_DEFAULT notice sfObject',
    {},
    anObject([], { recordTypes: TYPES }),
    /^Contact has the record types One, Two, .+ user's default\.$/,
  ],
  [
    'PERSON_ACCOUNTS notice sfObject',
    { filter: "Title = 'CEO'" },
    anObject([aField('IsPersonAccount', { type: 'boolean' })], { name: 'Account' }),
    /^The org has person accounts: .+ in a business account\. .+ "IsPersonAccount = false"\.$/,
  ],
  [
    'FIELD_NOT_WRITABLE field fieldMap.name',
    { fieldMap: { name: 'Name' }, filter: 'IsPersonAccount = TRUE' },
    withPeople,
    /^Account\.Name cannot be written in a person account\. Allowed: FirstName and LastName, or direction 'from-salesforce'\.$/,
  ],
  [
    'FIELD_NOT_WRITABLE field fieldMap.born',
    { fieldMap: { born: 'PersonBirthdate' }, filter: "Title = 'CEO' AND IsPersonAccount = false" },
    withPeople,
    /^Account\.PersonBirthdate can be written in person accounts alone\. Allowed: a mapping with the filter "IsPersonAccount = true", or direction 'from-salesforce'\.$/,
  ],
  [
    'FILTER_FIELD_NOT_SEEN stops filter',
    { filter: "No__c = 'x'" },
    anObject(),
    /^Contact has no field No__c .+/,
  ],
  [
    'FILTER_FIELD_UNUSABLE stops filter',
    { filter: "Note = 'x'" },
    anObject([aField('Note', { filterable: false })]),
    /^Contact\.Note cannot be asked for .+ the filter, or compare another field\.$/,
  ],
  [
    'FILTER_FIELD_NOT_SEEN stops filter',
    { filter: "Account.Name = 'x'" },
    anObject(),
    /^Contact has no relationship Account .+ change the filter\.$/,
  ],
  [
    'FILTER_PATH_UNCHECKED notice filter',
    { filter: "Contact.Account.Owner.Name = 'x'" },
    anObject([aField('AccountId', { relationshipName: 'account' })]),
    /^Account\.Owner\.Name is a field of a parent, .+ come to nothing, .+ INVALID_FIELD\.$/,
  ],
];

describe('a mapping of one kind of accounts', () => {
  const of = (filter: string, fieldMap: object, change: object = {}) =>
    checkMapping(aTemplate({ filter, fieldMap, ...change }), 'contact', withPeople).schema.findings;
  const FIELDS = { first: 'FirstName', last: 'LastName', born: 'PersonBirthdate', more: 'More__pc' };

  test('has nothing to be told of the fields of its kind', () => {
    expect(of('IsPersonAccount = true', FIELDS)).toEqual([]);
    expect(of('IsPersonAccount=false', { name: 'Name', title: 'Title' })).toEqual([]);
    expect(of('IsPersonAccount = false', { inCharge: 'Person_In_Charge__c' })).toEqual([]);
    expect(of('IsPersonAccount != true', { name: 'Name' })).toEqual([]);
  });

  test('is told of each field of the other kind, where it goes out', () => {
    for (const filter of ['IsPersonAccount = false', 'isPersonAccount <> TRUE'])
      expect(of(filter, { ...FIELDS, name: 'Name' }).map(({ attribute }) => attribute)).toEqual([
        'first',
        'last',
        'born',
        'more',
      ]);
    expect(of('IsPersonAccount = true', { name: { field: 'Name', direction: 'from-salesforce' } })).toEqual(
      [],
    );
  });

  test('is not told that a person needs a Name, which is made of its parts', () => {
    const fields = withPeople.fields.map((one) =>
      one.name === 'Name' ? { ...one, required: true as const } : one,
    );
    const needed = (filter: string) =>
      checkMapping(
        aTemplate({ filter, fieldMap: { title: 'Title' } }),
        'contact',
        { ...withPeople, fields },
        {},
      ).schema.findings.map(({ code }) => code);
    expect(needed('IsPersonAccount = true')).toEqual([]);
    expect(needed('IsPersonAccount = false')).toEqual(['FIELD_REQUIRED']);
  });

  test.each(["IsPersonAccount = true OR Title = 'CEO'", 'NOT (IsPersonAccount = true)'])(
    'is not told where its filter does not say which: %s',
    (filter) => {
      expect(of(filter, { ...FIELDS, name: 'Name' })).toEqual([]);
    },
  );
});

describe('each thing that a check has to say', () => {
  test.each(CASES)('%s says what is wrong and what to do: %j', (short, change, sObject, words) => {
    const templates = { account: accounts, lead: leads };
    const { schema, problems } = checkMapping(aTemplate(change), 'contact', sObject, templates);
    const [finding, ...others] = schema.findings;

    expect(others).toEqual([]);
    expect(`${finding?.code} ${finding?.weight} ${finding?.where.replace('mappings.contact.', '')}`).toBe(
      short,
    );
    expect(finding?.says).toMatch(words);
    expect(problems).toEqual(finding?.weight === 'notice' ? [] : [`${finding?.where}: ${finding?.says}`]);
  });

  test('is as short as that for an object that is not there', () => {
    const { schema, problems, traits, details, fieldTypes } = checkMapping(aTemplate(), 'contact', undefined);

    expect(schema.findings).toMatchObject([
      { code: 'OBJECT_NOT_SEEN', weight: 'stops', where: 'mappings.contact.sfObject' },
    ]);
    expect(schema.findings[0]?.says).toMatch(
      /^The org has no object Contact .+ may not read it\. .+ change the mapping\.$/,
    );
    expect(problems).toHaveLength(1);
    expect({ traits, details, fieldTypes }).toEqual({
      traits: { createOnly: [], isKeyUpdateable: false },
      details: {},
      fieldTypes: {},
    });
  });

  test('is that nothing is left to sync, at the field map', () => {
    const { schema } = checked({ onDrift: 'leave-out' }, without(anObject(), 'Title', 'Email'));

    expect(schema.findings.at(-1)).toMatchObject({
      code: 'NO_FIELD_LEFT',
      weight: 'stops',
      where: 'mappings.contact.fieldMap',
    });
    const left = checked(
      { onDrift: 'leave-out', match: ['externalId', { fields: ['title'] }] },
      without(anObject(), 'Title'),
    );
    expect(left.schema.findings.at(-1)).toMatchObject({
      code: 'MATCH_UNUSABLE',
      where: 'mappings.contact.match.1',
    });
    expect(left.schema.findings.at(-1)?.says).toMatch(/^title does not fit .+ cannot be left out\.$/);
  });

  test('names each field that is near what was written', () => {
    const { schema } = checked({ fieldMap: { a: 'Titel' } }, anObject([aField('Tite')]));

    expect(schema.findings[0]?.says).toMatch(/ Did you mean \w+, \w+\?$/);
  });
});

test.each([
  ['a lookup to the one object that it leads to', by('account'), lookup(['Account'])],
  ['a lookup in another case', by('account'), lookup(['ACCOUNT'])],
  [
    'a lookup to several, a mapping for each',
    by({ Account: 'account', Lead: 'lead' }),
    lookup(['Account', 'Lead']),
  ],
  ['a lookup to a mapping that is yet to be read', by('later'), lookup(['Account'])],
  [
    'a match by a number',
    { match: [{ fields: ['age'] }], fieldMap: { age: 'Age' } },
    anObject([aField('Age', { type: 'number' })]),
  ],
  ['a match by what the mapping has not', { match: [{ fields: ['title'] }] }, anObject()],
  ['a filter by the object’s own name', { filter: "contact.Title = 'x'" }, anObject()],
  [
    'a record type that may be chosen',
    { recordType: 'One' },
    anObject([aField('RecordTypeId')], { recordTypes: TYPES }),
  ],
  [
    'a required field that is set with new records',
    { onCreate: { Name: 'x' } },
    anObject([aField('Name', { required: true })]),
  ],
])('nothing is said of %s', (_what, change, sObject) => {
  const { schema } = checkMapping(aTemplate(change), 'contact', sObject, { account: accounts, lead: leads });

  expect(schema.findings).toEqual([]);
});

test('what a lookup that Salesforce takes with a new record alone is, is kept; so is whether the key may be written', () => {
  const sObject = anObject([aField('AccountId', { referenceTo: ['Account'], updateable: false })]);

  expect(checked({ fieldMap: { account: 'AccountId', title: 'Title' } }, sObject).traits).toEqual({
    createOnly: ['AccountId'],
    isKeyUpdateable: true,
  });
  expect(checked({}, keyed({ updateable: false })).traits.isKeyUpdateable).toBe(false);
});

test('drift of the schema has the mapping checked again, and tells no value', () => {
  const drift = new SchemaDrift('Contact.Title', 'expected text');

  expect(drift).toMatchObject({ name: 'SchemaDrift', code: 'SCHEMA_DRIFT', next: { do: 'recheck' } });
  expect(drift.message).toContain('Contact.Title');
});
