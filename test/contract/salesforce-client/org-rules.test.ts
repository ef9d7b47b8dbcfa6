import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { callAdmin } from '../simulated-org/an-org.ts';
import { aClientAndItsOrg } from './a-client-and-its-org.ts';

let simulated: SimulatedOrg;
let client: SalesforceClient;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ simulated, client, close } = await aClientAndItsOrg({ accounts: 0, contacts: 0 }));
});
afterEach(() => close());

const contact = (values: Readonly<Record<string, unknown>>) => ({ sObject: 'Contact', values });

describe('a duplicate rule', () => {
  const twin = { LastName: 'Twin', Email: 'same@example.com' };
  const addRule = (action: 'alert' | 'block') =>
    callAdmin(simulated, 'POST', '/duplicate-rules', { object: 'Contact', fields: ['Email'], action });
  const addFirst = () => simulated.org.insert('Contact', { ...twin, LastName: 'First' });
  const insisting = { duplicateRule: { allowSave: true } };

  test('that warns refuses with what it found, and lets pass who insists', async () => {
    await addRule('alert');
    const duplicates = {
      allowSave: true,
      rule: 'Standard_Contact_Duplicate_Rule',
      recordIds: [addFirst()],
    };
    const refused = {
      kind: 'refused',
      code: 'DUPLICATES_DETECTED',
      message: 'Use one of these records?',
      fields: [],
    };

    expect(await client.createRecord('Contact', twin)).toEqual({ ...refused, duplicates });
    // A collection says that there are some, and no more.
    expect(await client.createRecords([contact(twin), contact({ LastName: 'Other' })])).toEqual([
      refused,
      { kind: 'written', id: expect.any(String), created: true, requestId: expect.any(String) },
    ]);
    expect(await client.createRecord('Contact', twin, insisting)).toMatchObject({ kind: 'written' });
    expect(await client.createRecords([contact(twin)], insisting)).toMatchObject([{ kind: 'written' }]);
  });

  test('that blocks lets nobody pass, and a changed or keyed record neither', async () => {
    await addRule('block');
    const duplicates = { allowSave: false, recordIds: [addFirst()] };
    const other = simulated.org.insert('Contact', { LastName: 'Other', Email: 'other@example.com' });
    const { Email } = twin;

    const outcomes = [
      await client.createRecord('Contact', twin, insisting),
      await client.updateRecord('Contact', other, { Email }, insisting),
      await client.upsertRecord('Contact', 'Sync_Key__c', 'k', twin, insisting),
    ];
    const many = await client.updateRecords(
      [{ sObject: 'Contact', id: other, values: { Email } }],
      insisting,
    );

    expect(many).toMatchObject([{ kind: 'refused', code: 'DUPLICATES_DETECTED' }]);
    for (const one of outcomes)
      expect(one).toMatchObject({ kind: 'refused', code: 'DUPLICATES_DETECTED', duplicates });
  });

  test('is understood although it shows long records whole', async () => {
    const Description = 'x'.repeat(30_000);
    for (let index = 0; index < 5; index += 1) simulated.org.insert('Contact', { ...twin, Description });
    await addRule('block');

    const refused = await client.createRecord('Contact', twin, {
      duplicateRule: { includeRecordDetails: true },
    });

    expect(refused).toMatchObject({ kind: 'refused', code: 'DUPLICATES_DETECTED' });
    expect('duplicates' in refused && refused.duplicates?.recordIds).toHaveLength(5);
  });

  test('stands in a composite step’s error', async () => {
    await addRule('alert');
    const first = addFirst();
    const step = { method: 'POST', path: '/sobjects/Contact', body: twin } as const;

    const outcomes = await client.composite([
      { ...step, referenceId: 'refused' },
      { ...step, referenceId: 'insisting', options: insisting },
    ]);

    expect(outcomes).toMatchObject([
      {
        kind: 'refused',
        error: { code: 'DUPLICATES_DETECTED', duplicateRecords: { allowSave: true, recordIds: [first] } },
      },
      { kind: 'done', status: 201 },
    ]);
  });
});

test('a unique field’s refusal names the record that has the value, alone and in a collection', async () => {
  const first = simulated.org.insert('Contact', { LastName: 'First', Sync_Key__c: 'k' });
  const twin = { LastName: 'Twin', Sync_Key__c: 'k' };
  const refused = {
    kind: 'refused',
    code: 'DUPLICATE_VALUE',
    duplicates: { recordIds: [first], allowSave: false },
  };

  expect(await client.createRecord('Contact', twin)).toMatchObject(refused);
  expect(await client.createRecords([contact(twin), contact({ LastName: 'Other' })])).toMatchObject([
    refused,
    { kind: 'written' },
  ]);
});

test('a validation rule’s refusal is a value, in the admin’s own words', async () => {
  await callAdmin(simulated, 'POST', '/validation-rules', {
    object: 'Contact',
    condition: "Title = 'CEO' AND Phone = null",
    message: 'Wer leitet, braucht ein Telefon.',
    field: 'Phone',
  });
  const id = simulated.org.insert('Contact', { LastName: 'x', Phone: '1' });
  const broken = { LastName: 'x', Title: 'CEO', Phone: null };
  const refused = {
    kind: 'refused',
    code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Wer leitet, braucht ein Telefon.',
    fields: ['Phone'],
  };

  expect(await client.createRecord('Contact', broken)).toEqual(refused);
  expect(await client.updateRecord('Contact', id, broken)).toEqual(refused);
  expect(await client.upsertRecord('Contact', 'Sync_Key__c', 'k', broken)).toEqual(refused);
  expect(await client.createRecords([contact(broken), contact({ LastName: 'y' })])).toMatchObject([
    refused,
    { kind: 'written' },
  ]);
});

test.each([
  [
    'is not on a restricted picklist',
    { Status__c: 'Sleeping' },
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    'Status__c',
  ],
  ['is of a formula', { Account_Industry__c: 'x' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Account_Industry__c'],
])('a value that %s is refused as a value', async (_, values, code, field) => {
  expect(await client.createRecord('Contact', { LastName: 'x', ...values })).toMatchObject({
    kind: 'refused',
    code,
    fields: [field],
  });
});

test('a parent is named by its external id, alone and in a collection', async () => {
  const accountId = simulated.org.insert('Account', { Name: 'Parent', Sync_Key__c: 'P/1' });
  const child = { LastName: 'Child', Account: { Sync_Key__c: 'P/1' } };
  const orphan = { LastName: 'Orphan', Account: { Sync_Key__c: 'nobody' } };

  const outcomes = [
    await client.createRecord('Contact', child),
    await client.createRecord('Contact', orphan),
    ...(await client.createRecords([contact(child), contact(orphan)])),
  ];

  expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'refused', 'written', 'refused']);
  expect(outcomes[1]).toMatchObject({ code: 'INVALID_FIELD' });
  expect(simulated.org.count(`SELECT Id FROM Contact WHERE AccountId = '${accountId}'`)).toBe(2);
});

test('a parent that could be of several sObjects is named with its type, wherever the caller puts that', async () => {
  const accountId = simulated.org.insert('Account', { Name: 'Parent', Sync_Key__c: 'P/1' });
  const What = { Sync_Key__c: 'P/1', attributes: { type: 'Account' } };

  expect(await client.createRecord('Task', { Subject: 'Alone', What })).toMatchObject({ kind: 'written' });
  expect(await client.createRecords([{ sObject: 'Task', values: { Subject: 'Many', What } }])).toMatchObject([
    { kind: 'written' },
  ]);
  expect(simulated.org.count(`SELECT Id FROM Task WHERE WhatId = '${accountId}'`)).toBe(2);
});

test('an external id that is not unique may match several records, whose paths the error lists', async () => {
  const twins = await client.createRecords(
    ['One', 'Two'].map((LastName) => contact({ LastName, Legacy_Key__c: 'Same' })),
  );
  const ids = twins.flatMap((one) => (one.kind === 'written' ? [one.id] : []));
  const several = {
    code: 'MULTIPLE_CHOICES',
    recordUrls: ids.map((id) => `/services/data/v59.0/sobjects/Contact/${id}`),
  };

  expect(ids).toHaveLength(2);
  expect(await rejection(client.getRecordByExternalId('Contact', 'Legacy_Key__c', 'Same'))).toMatchObject(
    several,
  );
  expect(
    await rejection(client.upsertRecord('Contact', 'Legacy_Key__c', 'Same', { LastName: 'Three' })),
  ).toMatchObject(several);
  expect(
    await client.upsertRecords('Contact', 'Legacy_Key__c', [{ key: 'Same', values: { LastName: 'Three' } }]),
  ).toMatchObject([{ kind: 'refused', code: 'DUPLICATE_EXTERNAL_ID' }]);
});

test('record types are found by developer name, and can be written', async () => {
  const id = await client.recordTypeId('Account', 'Partner_Account');

  const written = await client.createRecord('Account', { Name: 'x', RecordTypeId: id });

  expect(written).toMatchObject({ kind: 'written' });
  const query = soql`SELECT RecordTypeId FROM Account WHERE RecordType.DeveloperName = ${'Partner_Account'}`;
  expect(await client.query(query).all()).toMatchObject([{ RecordTypeId: id }]);
  expect(await rejection(client.recordTypeId('Account', 'Partner'))).toMatchObject({
    code: 'UNKNOWN_RECORD_TYPE',
    message: expect.stringContaining('Business_Account, Master, Partner_Account'),
  });
});
