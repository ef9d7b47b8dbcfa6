import { describe, expect, test } from '@jest/globals';
import { type MappingTemplate, mappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import { checkMapping } from '../../../../shared/sync/mapping/check.ts';
import {
  decodeLocal,
  decodeRemote,
  encodeCreation,
  encodeLocal,
  encodeRemote,
  unknownNames,
} from '../../../../shared/sync/mapping/decode.ts';
import { resolveMapping } from '../../../../shared/sync/mapping/resolve.ts';
import { digestOfTemplate } from '../../../../shared/sync/mapping/template-digest.ts';
import { sameValue } from '../../../../shared/sync/mapping/values.ts';
import type { CheckedField, CheckedObject } from '../../../../shared/sync/model/schema.ts';
import { needsRemoteLook } from '../../../../shared/sync/reconcile/local-changes.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { equalsBase } from '../../../../shared/sync/reconcile/snapshot.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const template = (change: Record<string, unknown>): MappingTemplate =>
  mappingTemplate.parse({
    localTable: 'contacts',
    sfObject: 'Contact',
    externalIdField: 'Key__c',
    schedule: { everyMinutes: 5 },
    fieldMap: { name: 'LastName' },
    ...change,
  });

const sfField = (name: string, change: Partial<CheckedField> = {}): CheckedField => ({
  name,
  type: 'text',
  createable: true,
  updateable: true,
  unique: false,
  externalId: false,
  caseSensitive: false,
  ...change,
});
const option = (value: string, label = value, isActive = true) => ({ value, label, isActive });

const CONTACT: CheckedObject = {
  name: 'Contact',
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  fields: [
    sfField('LastName'),
    sfField('SystemModstamp', { type: 'datetime' }),
    sfField('LastModifiedDate', { type: 'datetime' }),
    sfField('IsDeleted', { type: 'boolean' }),
    sfField('Key__c', { unique: true, externalId: true, caseSensitive: true }),
    sfField('Born__c', { updateable: false }),
    sfField('Closed__c', { createable: false }),
    sfField('Read__c', { createable: false, updateable: false }),
    sfField('Skills__c', { type: 'options', picklist: [option('a'), option('b'), option('c')] }),
    sfField('Stage__c', {
      picklist: [
        option('old', 'Open', false),
        option('1', 'Open'),
        option('2', 'Won'),
        option('3', 'Gone', false),
      ],
      isRestricted: true,
    }),
    sfField('Twice__c', { picklist: [option('1', 'Same'), option('2', 'Same')] }),
    sfField('Amount__c', { type: 'number' }),
    sfField('RecordTypeId'),
  ],
  recordTypes: [
    { recordTypeId: '012000000000001AAA', name: 'Partner', isAvailable: true },
    { recordTypeId: '012000000000002AAA', name: 'Hidden', isAvailable: false },
    { recordTypeId: '012000000000000AAA', name: 'Master', isAvailable: true },
  ],
};

const check = (change: Record<string, unknown>) => checkMapping(template(change), 'contact', CONTACT);
const opened = (change: Record<string, unknown>) => {
  const { problems, fieldTypes, details } = check(change);
  expect(problems).toEqual([]);
  const table = { keyField: 'id', tenant: 'tenant-1' };
  const connection = { connectionId: 'conn1', orgId: 'tenant-1' };
  return resolveMapping(template(change), table, 'contact', connection, fieldTypes, undefined, {
    details,
  });
};
const wire = (values: Record<string, unknown>) => ({
  Id: '003000000000001AAA',
  Key__c: 'k',
  SystemModstamp: '2024-01-01T00:00:00.000Z',
  LastModifiedDate: '2024-01-01T00:00:00.000Z',
  IsDeleted: false,
  ...values,
});
const remoteOf = (mapping: ReturnType<typeof opened>, values: Record<string, unknown>) =>
  decodeRemote(mapping, wire(values), '2024-01-01T00:00:00.000Z').values;
const localOf = (mapping: ReturnType<typeof opened>, attributes: Record<string, unknown>) =>
  decodeLocal(mapping, 'k', attributes);

describe('the check against the org', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a field for creation alone', { fieldMap: { a: 'Born__c' } }, 'createOnly: true'],
    ['a field for updates alone', { fieldMap: { a: 'Closed__c' } }, 'updateOnly: true'],
    ['a list of a plain field', { fieldMap: { a: { field: 'LastName', as: 'list' } } }, 'not a multi-select'],
    ['labels of a plain field', { fieldMap: { a: { field: 'LastName', as: 'label' } } }, 'not a picklist'],
    ['labels of many values', { fieldMap: { a: { field: 'Skills__c', as: 'label' } } }, 'not a picklist'],
    ['one label of two values', { fieldMap: { a: { field: 'Twice__c', as: 'label' } } }, 'Same'],
    ['an unknown record type', { recordType: 'Nobody' }, 'Allowed: Partner, Master'],
    ['a record type of others', { recordType: 'Hidden' }, 'Allowed: Partner, Master'],
    ['a constant of no field', { onCreate: { No__c: 'x' } }, 'no field No__c'],
    ['a constant of another type', { onCreate: { Amount__c: '5' } }, 'expected a finite number'],
    ['a constant that no value is', { onCreate: { Stage__c: '9' } }, 'Allowed: 1, 2'],
    ['an inactive constant', { onCreate: { Stage__c: '3' } }, 'Allowed: 1, 2'],
    ['a constant that cannot be set', { onCreate: { Closed__c: 'x' } }, 'cannot be set with a new record'],
  ])('refuses %s', (_what, change, part) => {
    expect(check(change).problems.join('\n')).toContain(part);
  });

  test.each<[string, Record<string, unknown>]>([
    ['a field for creation alone', { fieldMap: { a: { field: 'Born__c', createOnly: true } } }],
    ['a field for updates alone', { fieldMap: { a: { field: 'Closed__c', updateOnly: true } } }],
    ['constants', { onCreate: { Amount__c: 5, Stage__c: '2', LastName: 'x' }, recordType: 'Partner' }],
  ])('takes %s', (_what, change) => {
    expect(check(change).problems).toEqual([]);
  });

  test('never hints at a time of writing where there is none', () => {
    expect(check({ fieldMap: { a: 'Read__c' } }).problems.join()).not.toMatch(/Only/);
    expect(check({ fieldMap: { a: { field: 'Read__c', createOnly: true } } }).problems).toHaveLength(1);
  });

  test('tells of the names without which no record is made', () => {
    const details = (field: string, as: 'label' | 'developerName') =>
      check({ fieldMap: { a: { field, as } } }).details;
    expect(details('RecordTypeId', 'developerName')).toMatchObject({ needed: ['RecordTypeId'] });
    expect(details('Stage__c', 'label')).not.toHaveProperty('needed');
  });

  test('stores a multi-select picklist as the text that its bases are', () => {
    expect(check({ fieldMap: { a: 'Skills__c' } })).toMatchObject({
      fieldTypes: { Skills__c: 'text' },
      details: { options: ['Skills__c'] },
    });
  });
});

test('each option makes the template another one; without any it is the one it was', () => {
  const changes = [
    {},
    { onCreate: { Amount__c: 5 } },
    { recordType: 'Partner' },
    { defaults: { source: 'x' } },
    { fieldMap: { name: { field: 'LastName', createOnly: true } } },
    { fieldMap: { name: { field: 'LastName', updateOnly: true } } },
    { fieldMap: { name: { field: 'LastName', as: 'label' } } },
  ];
  expect(new Set(changes.map((change) => digestOfTemplate(template(change)))).size).toBe(changes.length);
  const long = template({ fieldMap: { name: { field: 'LastName' } } });
  expect(digestOfTemplate(long)).toBe(digestOfTemplate(template({})));
});

describe('multi-select picklists', () => {
  const list = opened({ fieldMap: { skills: { field: 'Skills__c', as: 'list' } } });
  const set = opened({ fieldMap: { skills: { field: 'Skills__c', as: 'set' } } });
  const text = opened({ fieldMap: { skills: 'Skills__c' } });

  test.each([
    ['a;b', 'b;a', true],
    ['a;b', ' b ; a;;b', true],
    ['a;b', 'a', false],
    ['a;b', 'a;b;c', false],
    ['a;b', 'a;c', false],
    ['a', null, false],
    ['a\u0000', 'a', false],
    ['\ra', 'a', true],
    ['a;b', null, false],
    [null, null, true],
  ])('%s and %s are the same set: %s', (a, b, isSame) => {
    expect(sameValue('options', a, b)).toBe(isSame);
    expect(sameValue('options', b, a)).toBe(isSame);
  });

  test('and no other field is a set', () => {
    expect(sameValue('text', 'a;b', 'b;a')).toBe(false);
  });

  test.each([
    [['b', 'a', 'b'], 'b;a'],
    [new Set(['b', 'a']), 'b;a'],
    [[], null],
    [[' '], null],
    [undefined, null],
  ])('an item has them as a list or a set: %j', (attribute, canonical) => {
    for (const mapping of [list, set]) {
      expect(localOf(mapping, { skills: attribute })).toMatchObject({ values: { skills: canonical } });
    }
  });

  test.each([['a;b'], [5], [[5]], [['a;b']], [{ a: 1 }]])('an item may not have them as %j', (attribute) => {
    expect(localOf(list, { skills: attribute })).toEqual({ invalid: ['skills'] });
  });

  test('are written as the template says', () => {
    const values = remoteOf(list, { Skills__c: 'c;a' });
    expect(values).toEqual({ skills: 'c;a' });
    expect(encodeLocal(list, values)).toEqual({ skills: ['c', 'a'] });
    expect(encodeLocal(set, values)).toEqual({ skills: new Set(['c', 'a']) });
    expect(encodeLocal(text, values)).toEqual({ skills: 'c;a' });
    expect(encodeLocal(set, { skills: null })).toEqual({ skills: null });
    expect(encodeRemote(list, values)).toEqual({ Skills__c: 'c;a' });
  });

  test('in another order are in step', () => {
    const plan = reconcile({
      mapping: text,
      link: aLink({ base: { skills: 'a;b' } }),
      local: aLocalItem({ values: { skills: 'b;a' } }),
      remote: aRemoteRecord({ values: { skills: 'a;b' } }),
      localChangedAtSfClock: undefined,
    });
    expect(plan).toMatchObject({ kind: 'in-step' });
  });
});

describe('names in place of values', () => {
  const mapping = opened({
    fieldMap: {
      stage: { field: 'Stage__c', as: 'label' },
      kind: { field: 'RecordTypeId', as: 'developerName' },
    },
  });

  test('come in by label and developer name, and a value without a name as it is', () => {
    const found = remoteOf(mapping, { Stage__c: '2', RecordTypeId: '012000000000001AAA' });
    expect(found).toEqual({ stage: 'Won', kind: 'Partner' });
    expect(remoteOf(mapping, { Stage__c: 'new', RecordTypeId: null })).toEqual({ stage: 'new', kind: null });
  });

  test('go out as values, an active one before an inactive one with the same label', () => {
    const values = { stage: 'Open', kind: 'Partner' };
    expect(encodeRemote(mapping, values)).toEqual({ Stage__c: '1', RecordTypeId: '012000000000001AAA' });
    expect(encodeRemote(mapping, { stage: null })).toEqual({ Stage__c: null });
  });

  test('that the org does not have are told before anything is sent', () => {
    const names = (values: Record<string, string | null>) =>
      unknownNames(mapping, values).map(({ localField }) => localField);
    expect(names({ stage: 'Nowhere', kind: 'Partner' })).toEqual(['stage']);
    expect(names({ stage: 'Won', kind: null })).toEqual([]);
    // Its label is another one, and Salesforce would take it.
    expect(names({ stage: '2' })).toEqual([]);
  });
});

describe('what is added', () => {
  const mapping = opened({
    fieldMap: { name: 'LastName', amount: 'Amount__c' },
    onCreate: { Amount__c: 5, Stage__c: '2' },
    recordType: 'Partner',
    defaults: { source: 'crm' },
  });

  test('a new record gets constants where its item has no value, and its record type', () => {
    const added = { Stage__c: '2', RecordTypeId: '012000000000001AAA' };
    expect(encodeCreation(mapping, { name: 'Lee' })).toEqual({ LastName: 'Lee', Amount__c: 5, ...added });
    expect(encodeCreation(mapping, { amount: 7 })).toEqual({ Amount__c: 7, ...added });
  });

  test('a change of a record gets nothing beside', () => {
    expect(encodeRemote(mapping, { name: 'Lee' })).toEqual({ LastName: 'Lee' });
  });
});

describe('fields that are sent at one time', () => {
  const mapping = aMapping({
    fields: [
      aField({ localField: 'name' }),
      aField({ localField: 'once', sentAt: 'create' }),
      aField({ localField: 'sent', sentAt: 'create', direction: 'to-salesforce' }),
      aField({ localField: 'later', sentAt: 'update' }),
    ],
  });
  const base = { name: 'a', once: 'a', sent: 'a', later: 'a' };
  const look = (
    local: Record<string, string | null>,
    remote: Record<string, string | null>,
    known: object = base,
  ) =>
    reconcile({
      mapping,
      link: aLink({ base: known as typeof base }),
      local: aLocalItem({ values: { ...base, ...local } }),
      remote: aRemoteRecord({ values: { ...base, ...remote } }),
      localChangedAtSfClock: undefined,
    });

  test('a creation sends all but those for updates, which follow it', () => {
    const plan = reconcile({
      mapping,
      local: aLocalItem({ values: base }),
      remote: 'missing',
      localChangedAtSfClock: undefined,
    });
    expect(plan).toMatchObject({ kind: 'create-remote', values: { name: 'a', once: 'a', sent: 'a' } });
    expect(plan).not.toHaveProperty('values.later');

    const { later: _, ...written } = base;
    expect(look({}, { later: null }, written)).toMatchObject({
      remoteWrites: { later: 'a' },
      localWrites: {},
    });
  });

  test('what an item makes of them later stays there, without a conflict', () => {
    expect(look({ once: 'b', sent: 'b' }, {})).toMatchObject({ kind: 'in-step' });
    expect(look({ name: 'b', once: 'b' }, { once: 'c' })).toMatchObject({
      remoteWrites: { name: 'b' },
      localWrites: {},
      conflicts: [],
    });
  });

  test('an edit in Salesforce comes in where the field goes both ways and the item was not edited', () => {
    expect(look({}, { once: 'b', sent: 'b' })).toMatchObject({
      localWrites: { once: 'b' },
      remoteWrites: {},
      conflicts: [],
    });
  });

  test('sides that both went their own way part: neither is news any more, until they have the same', () => {
    for (const known of [base, { name: 'a', sent: 'a', later: 'a' }]) {
      const plan = look({ once: 'b' }, { once: 'c' }, known);
      expect(plan).toMatchObject({ kind: 'in-step', nextBase: { once: 'c' } });
      const after = 'nextBase' in plan ? (plan.nextBase ?? {}) : {};
      const remote = aRemoteRecord({ values: { ...base, once: 'c' } });
      expect(equalsBase(aLink({ base: after }), remote, mapping)).toBe(true);
      expect(look({ once: 'b' }, { once: 'c' }, after)).toEqual({ kind: 'in-step' });
      expect(look({ once: 'b' }, { once: 'd' }, after)).toMatchObject({ nextBase: { once: 'd' } });
      expect(look({ once: 'd' }, { once: 'd' }, after)).toMatchObject({ nextBase: { once: 'd' } });
    }
  });

  test('a change of nothing else is no reason to look at Salesforce', () => {
    const link = aLink({ base });
    const edited = (values: object) => aLocalItem({ values: { ...base, ...values } });
    expect(needsRemoteLook(link, edited({ once: 'b', sent: 'b' }), mapping)).toBe(false);
    expect(needsRemoteLook(link, edited({ later: 'b' }), mapping)).toBe(true);
    const changed = (values: object) => aRemoteRecord({ values: { ...base, ...values } });
    expect(equalsBase(link, changed({ sent: 'b' }), mapping)).toBe(true);
    expect(equalsBase(link, changed({ once: 'b' }), mapping)).toBe(false);
  });
});
