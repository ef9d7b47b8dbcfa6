import { describe, expect, test } from '@jest/globals';
import { openOrg, rejection } from '../salesforce-client/fakes.ts';
import { fixtureJson, replay } from '../salesforce-client/fixtures.ts';

const contact = (more = {}) => ({
  name: 'Contact',
  queryable: true,
  createable: true,
  updateable: true,
  deletable: true,
  fields: [
    {
      name: 'Key__c',
      type: 'string',
      createable: true,
      updateable: true,
      unique: true,
      externalId: true,
      caseSensitive: false,
    },
  ],
  ...more,
});

describe('describing an sObject', () => {
  test('says what a mapping needs to know', async () => {
    const { org, sent } = await openOrg({ body: contact() });

    expect(await org.describe('Contact')).toEqual({
      name: 'Contact',
      queryable: true,
      createable: true,
      updateable: true,
      deletable: true,
      fields: [
        {
          name: 'Key__c',
          type: 'text',
          createable: true,
          updateable: true,
          unique: true,
          externalId: true,
          caseSensitive: false,
        },
      ],
      recordTypes: [],
    });
    expect(sent[0]?.url).toBe('https://acme.my.salesforce.com/services/data/v59.0/sobjects/Contact/describe');
  });

  test('tells formulas and roll-up summaries from other fields', async () => {
    const field = (name: string, calculated: boolean | null) => ({ name, type: 'double', calculated });
    const fields = [field('Sum__c', true), field('Plain__c', false), field('Unsaid__c', null)];
    const { org } = await openOrg({ body: contact({ fields }) });

    const described = await org.describe('Contact');

    expect(described.fields.map(({ name, calculated }) => [name, calculated])).toEqual([
      ['Sum__c', true],
      ['Plain__c', undefined],
      ['Unsaid__c', undefined],
    ]);
  });

  test('keeps nothing: descriptions are large, and a mapping is checked once a day', async () => {
    const headers = { 'last-modified': 'Fri, 26 Jun 2015 20:00:41 GMT' };
    const { org, sent } = await openOrg(
      { body: contact(), headers },
      { body: contact({ createable: false }), headers },
    );
    await org.describe('Contact');

    expect(await org.describe('Contact')).toMatchObject({ createable: false });
    expect(sent[1]?.headers).not.toHaveProperty('if-modified-since');
  });

  test('does not remember a failure', async () => {
    const { org } = await openOrg(
      { status: 404, body: [{ errorCode: 'NOT_FOUND', message: '' }] },
      { body: contact() },
    );

    expect(await rejection(org.describe('Contact'))).toMatchObject({ code: 'NOT_FOUND' });
    expect(await org.describe('Contact')).toMatchObject({ name: 'Contact' });
  });

  test('refuses a name that would bend the address', async () => {
    const { org, sent } = await openOrg();

    expect(await rejection(org.describe('../limits'))).toMatchObject({ code: 'INVALID_NAME' });
    expect(sent).toEqual([]);
  });

  test.each([
    ['text', ['picklist', 'email', 'phone', 'url', 'textarea', 'string', 'combobox', 'encryptedstring']],
    ['id', ['id', 'reference']],
    ['time', ['time']],
    ['number', ['int', 'double', 'currency', 'percent', 'long']],
    ['boolean', ['boolean']],
    ['date', ['date']],
    ['datetime', ['datetime']],
    ['unsupported', ['address', 'location', 'base64', 'anyType', 'complexvalue', 'json', 'toString', '']],
  ])('takes for %s: %p', async (type, describeTypes) => {
    const fields = describeTypes.map((describeType, index) => ({ name: `F${index}`, type: describeType }));
    const { org } = await openOrg({ body: contact({ fields }) });

    const described = await org.describe('Contact');

    expect(described.fields.map((field) => field.type)).toEqual(describeTypes.map(() => type));
  });

  test.each(['externallookup', 'indirectlookup'])(
    'takes the keys of another system in a lookup that is an %s for text',
    async (extraTypeInfo) => {
      const { org } = await openOrg({
        body: contact({ fields: [{ name: 'Order__c', type: 'reference', extraTypeInfo }] }),
      });

      expect((await org.describe('Contact')).fields[0]?.type).toBe('text');
    },
  );

  replay('takes recorded descriptions', async () => {
    const { org } = await openOrg(
      { body: fixtureJson('cumulusci/extracted/contact_describe.json') },
      { body: fixtureJson('cumulusci/extracted/custom__c_describe.json') },
      { body: fixtureJson('restforce/sobject/sobject_describe_success_response.json') },
    );
    const recorded = await org.describe('Contact');

    const type = (name: string) => recorded.fields.find((field) => field.name === name)?.type;
    expect(recorded).toMatchObject({ name: 'Contact', queryable: true, createable: true });
    expect(['LastName', 'MailingAddress', 'MailingLatitude', 'Birthdate', 'CreatedDate'].map(type)).toEqual([
      'text',
      'unsupported',
      'number',
      'date',
      'datetime',
    ]);
    expect((await org.describe('Custom__c')).fields).toContainEqual(
      expect.objectContaining({ name: 'Name' }),
    );
    expect((await org.describe('Whizbang')).fields.length).toBeGreaterThan(3);
  });
});
