import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { TransportFailure } from '../../../../shared/salesforce-client/transport/transport.ts';
import { ADA, aClient, BOB, refusal } from '../a-client.ts';
import { rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const created = { status: 201, body: { id: ADA, success: true, errors: [] } };
const NO_CONTENT = { status: 204 };

describe('reading a row', () => {
  test('asks for fields by name', async () => {
    const { client, paths } = aClient({}, { body: { attributes: { type: 'Contact' }, Id: ADA } });

    expect(
      await client.getRecord('Contact', ADA.slice(0, 15), { fields: ['Id', 'Account.Name'] }),
    ).toMatchObject({
      Id: ADA,
    });
    expect(paths()).toEqual([`/services/data/v59.0/sobjects/Contact/${ADA}?fields=Id,Account.Name`]);
  });

  test.each([
    ['deleted', refusal('ENTITY_IS_DELETED', 'entity is deleted', [])],
    ['not there', refusal('NOT_FOUND', 'The requested resource does not exist')],
  ])('gives nothing for one that is %s', async (_, body) => {
    const { client } = aClient({}, { status: 404, body });

    expect(await client.getRecord('Contact', ADA)).toBeUndefined();
  });

  test.each([
    ['a/b c', 'a%2Fb%20c'],
    ['é%?#', '%C3%A9%25%3F%23'],
    ['日本', '%E6%97%A5%E6%9C%AC'],
    ['x@example.com', 'x%40example.com'],
    [12, '12'],
  ])('finds the external id %s', async (value, encoded) => {
    const { client, paths } = aClient({}, { body: { attributes: { type: 'Contact' } } });

    await client.getRecordByExternalId('Contact', 'Key__c', value);

    expect(paths()).toEqual([`/services/data/v59.0/sobjects/Contact/Key__c/${encoded}`]);
  });

  test.each([
    ['', 'EMPTY_KEY'],
    [undefined as never, 'EMPTY_KEY'],
    ['.', 'UNADDRESSABLE_KEY'],
    ['..', 'UNADDRESSABLE_KEY'],
    ['\ud800', 'UNADDRESSABLE_KEY'],
    [0.1, 'UNWRITABLE_VALUE'],
    [Number.NaN, 'UNWRITABLE_VALUE'],
    [1e21, 'UNWRITABLE_VALUE'],
  ])('refuses an external id that names no row: %j', async (value, code) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.getRecordByExternalId('Contact', 'Key__c', value))).toMatchObject({ code });
    expect(await rejection(client.upsertRecord('Contact', 'Key__c', value, {}))).toMatchObject({ code });
    expect(sent).toEqual([]);
  });

  test('a wrong field is not a missing record', async () => {
    const message = 'Provided external ID field does not exist or is not accessible: Nope__c';
    const { client } = aClient({}, { status: 404, body: refusal('NOT_FOUND', message) });

    expect(await rejection(client.getRecordByExternalId('Contact', 'Nope__c', 'x'))).toMatchObject({
      code: 'NOT_FOUND',
      status: 404,
    });
  });

  test.each(['Contact/../x', 'Contact?x', '', 'a b'])(
    'refuses a name that bends the address: %j',
    async (name) => {
      const { client, sent } = aClient({});

      expect(await rejection(client.getRecord(name, ADA))).toMatchObject({ code: 'INVALID_NAME' });
      expect(sent).toEqual([]);
    },
  );

  replay('tells the records that share an external id', async () => {
    const body = fixtureJson('restforce/sobject/upsert_multiple_error_response.json');
    const { client } = aClient({}, { status: 300, body }, { status: 300, body });
    const recordUrls = [
      '/services/data/v23.0/sobjects/Whizbang/foo',
      '/services/data/v23.0/sobjects/Whizbang/bar',
    ];
    const expected = { name: 'SalesforceApiError', code: 'MULTIPLE_CHOICES', status: 300, recordUrls };

    expect(await rejection(client.getRecordByExternalId('Whizbang', 'Key__c', 'x'))).toMatchObject(expected);
    expect(await rejection(client.upsertRecord('Whizbang', 'Key__c', 'x', {}))).toMatchObject(expected);
  });
});

describe('writing a row', () => {
  test('names ourselves, and how the org’s rules shall treat it', async () => {
    const { client, sent } = aClient({}, created);

    const outcome = await client.createRecord(
      'Lead',
      { LastName: 'Ada' },
      {
        assignmentRule: { id: '01Q1I000000abcd' },
        duplicateRule: { allowSave: true, includeRecordDetails: false, runAsCurrentUser: true },
        updateMru: false,
      },
    );

    expect(outcome).toEqual({ kind: 'written', id: ADA, created: true });
    expect(sent[0]?.headers).toMatchObject({
      'sforce-call-options': 'client=salesforce-sync',
      'sforce-auto-assign': '01Q1I000000abcdUAA',
      'sforce-duplicate-rule-header': 'allowSave=true; includeRecordDetails=false; runAsCurrentUser=true',
      'sforce-mru': 'updateMru=false',
    });
  });

  test('runs no assignment rule on request', async () => {
    const { client, sent } = aClient({}, NO_CONTENT);

    await client.deleteRecord('Case', '5001I000000abcd', { assignmentRule: 'none' });

    expect(sent[0]).toMatchObject({ method: 'DELETE', headers: { 'sforce-auto-assign': 'FALSE' } });
    expect(sent[0]?.headers).toMatchObject({ 'sforce-call-options': 'client=salesforce-sync' });
  });

  test('writes only if nobody changed the record meanwhile', async () => {
    const { client, sent } = aClient({}, NO_CONTENT, { status: 412, body: refusal('PRECONDITION_FAILED') });
    const options = { ifUnmodifiedSince: '2026-11-23T11:59:01.000+0000' };

    expect(await client.updateRecord('Contact', ADA, { LastName: 'A' }, options)).toEqual({
      kind: 'written',
      id: ADA,
      created: false,
    });
    expect(await client.updateRecord('Contact', ADA, { LastName: 'B' }, options)).toEqual({
      kind: 'modified',
    });
    expect(sent[0]?.headers?.['if-unmodified-since']).toBe('Mon, 23 Nov 2026 11:59:01 GMT');
  });

  test('a refused record is a value, with the platform’s words', async () => {
    const body = refusal('REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', ['LastName']);
    const { client } = aClient({}, { status: 400, body });

    expect(await client.createRecord('Contact', {})).toEqual({
      kind: 'refused',
      code: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [LastName]',
      fields: ['LastName'],
    });
  });

  test('a locked row is tried again, and then a value that passes by itself', async () => {
    const locked = { status: 400, body: refusal('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access') };
    const { client, sent } = aClient({}, locked, locked, locked);

    expect(await client.updateRecord('Contact', ADA, {})).toMatchObject({
      kind: 'refused',
      code: 'UNABLE_TO_LOCK_ROW',
      retryAfterMs: expect.any(Number),
    });
    expect(sent).toHaveLength(3);
  });

  test.each(['duplicateResut', 'duplicateResult'])('tells what a duplicate rule found: %s', async (key) => {
    const found = {
      allowSave: true,
      duplicateRule: 'Standard_Contact_Duplicate_Rule',
      matchResults: [{ matchRecords: [{ matchConfidence: 100, record: { attributes: {}, Id: BOB } }] }],
    };
    const body = [{ [key]: found, errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?' }];
    const { client } = aClient({}, { status: 400, body });

    expect(await client.createRecord('Contact', { LastName: 'Ada' })).toEqual({
      kind: 'refused',
      code: 'DUPLICATES_DETECTED',
      message: 'Use one of these records?',
      fields: [],
      duplicates: { allowSave: true, rule: 'Standard_Contact_Duplicate_Rule', recordIds: [BOB] },
    });
  });

  test('holds no token, not even in what a duplicate rule says', async () => {
    const found = {
      duplicateRule: 'token-1',
      matchResults: [{ matchRecords: [{ record: { Id: 'token-1' } }, { record: { Id: BOB } }] }],
    };
    const text = 'Authorization: Bearer token-1';
    const body = [{ duplicateResut: found, errorCode: 'DUPLICATES_DETECTED', message: text, fields: [text] }];
    const { client } = aClient({}, { status: 400, body, headers: { 'x-sfdc-request-id': 'token-1' } });

    const refused = await client.createRecord('Contact', { LastName: 'Ada' });

    expect(refused).toMatchObject({ code: 'DUPLICATES_DETECTED', duplicates: { recordIds: [BOB] } });
    expect(JSON.stringify(refused)).not.toContain('token-1');
  });

  test('of several records with one external id keeps their paths and no token', async () => {
    const body = ['/services/data/v59.0/sobjects/T/a', 'https://x/?sid=token-1', 'Ada Lovelace', 7];
    const { client } = aClient({}, { status: 300, body, headers: { 'x-sfdc-request-id': 'token-1' } });

    const error = await rejection(client.upsertRecord('T', 'Key__c', 'x', {}));

    expect(error).toMatchObject({ recordUrls: body.slice(0, 1), requestId: undefined });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('token-1');
  });

  test.each([
    ['the org’s allowance', 403, refusal('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'), 'wait'],
    ['an org without the API', 403, refusal('API_DISABLED_FOR_ORG'), 'stop'],
    ['an sObject that is not there', 404, refusal('NOT_FOUND'), 'stop'],
    ['a page of a proxy', 400, '<html>', 'stop'],
  ])('what is not about the record is thrown: %s', async (_, status, body, next) => {
    const { client } = aClient({}, { status, body });

    expect(await rejection(client.createRecord('Contact', {}))).toMatchObject({ next: { do: next } });
  });

  test('a creation whose answer was lost is not repeated', async () => {
    const { client, sent } = aClient({}, new TransportFailure('body', true));

    expect(await rejection(client.createRecord('Contact', {}))).toMatchObject({ next: { do: 'reread' } });
    expect(sent).toHaveLength(1);
  });

  test.each<[string, Record<string, unknown>]>([
    ['undefined', { LastName: undefined }],
    ['NaN', { Score__c: Number.NaN }],
    ['a list', { Tags__c: ['a'] }],
    ['the id', { id: ADA }],
    ['the envelope', { attributes: { type: 'Contact' } }],
    ['no real date', { Birthdate: new Date(Number.NaN) }],
  ])('never sends %s', async (_, values) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.updateRecord('Contact', ADA, values))).toMatchObject({
      code: 'UNWRITABLE_VALUE',
    });
    expect(sent).toEqual([]);
  });

  test('names a parent by its external id', async () => {
    const { client, bodies } = aClient({}, created);

    await client.createRecord('Contact', { Account: { Key__c: 'A1' }, LastName: 'Ada', Birthdate: null });

    expect(bodies()).toEqual([{ Account: { Key__c: 'A1' }, LastName: 'Ada', Birthdate: null }]);
  });
});

describe('upserting a row', () => {
  const withCreated = (isNew: boolean) => ({ id: ADA, success: true, errors: [], created: isNew });

  test.each([
    ['v59.0 created', { status: 201, body: withCreated(true) }, { id: ADA, created: true }],
    ['v59.0 changed', { status: 200, body: withCreated(false) }, { id: ADA, created: false }],
    [
      'v45.0 created',
      { status: 201, body: { id: ADA, success: true, errors: [] } },
      { id: ADA, created: true },
    ],
    ['v45.0 changed', { status: 204 }, { created: false }],
  ])('reads the answer of %s', async (version, answer, outcome) => {
    const { client, sent } = aClient({ apiVersion: version.slice(0, 5) }, answer);

    expect(
      await client.upsertRecord('Contact', 'Key__c', 'a/1', { LastName: 'A' }, { updateOnly: true }),
    ).toEqual({
      kind: 'written',
      ...outcome,
    });
    expect(sent[0]?.url).toMatch(/\/v\d\d\.0\/sobjects\/Contact\/Key__c\/a%2F1\?updateOnly=true$/);
  });

  test('refuses the key among the values', async () => {
    const { client } = aClient({});

    expect(await rejection(client.upsertRecord('Contact', 'Key__c', 'x', { key__C: 'x' }))).toMatchObject({
      code: 'KEY_IN_VALUES',
    });
  });
});

describe('the clients of connections', () => {
  test('take no version that would bend the address', () => {
    expect(() => aClient({ apiVersion: 'v59.0/../x' })).toThrow('must look like v59.0');
  });
});

describe('a good status whose body is not the answer to a write', () => {
  test.each([
    [200, '<html>Maintenance</html>'],
    [200, 'null'],
    [202, ''],
    [304, ''],
  ])('leaves its outcome unknown: %i %s', async (status, body) => {
    const { client } = aClient({}, { status, body }, { status, body });
    const unknown = { code: 'UNEXPECTED_RESPONSE', status, next: { do: 'reread' } };

    expect(await rejection(client.updateRecord('Contact', ADA, { LastName: 'x' }))).toMatchObject(unknown);
    expect(await rejection(client.deleteRecord('Contact', ADA))).toMatchObject(unknown);
  });
});
