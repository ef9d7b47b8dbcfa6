import { describe, expect, test } from '@jest/globals';
import { ADA, aClient, refusal, sub } from '../a-client.ts';
import { openOrg, rejection } from '../fakes.ts';

describe('a refusal of a write of one record', () => {
  test.each([
    'API_CURRENTLY_DISABLED',
    'API_DISABLED_FOR_ORG',
    'FUNCTIONALITY_NOT_ENABLED',
    'INVALID_HEADER',
    'INVALID_TYPE',
    'INVALID_INPUT',
    'UNSUPPORTED_API_VERSION',
  ])('is thrown where it speaks of the request or the org: %s', async (code) => {
    const { client } = aClient({}, { status: 400, body: refusal(code) });

    expect(await rejection(client.updateRecord('A', ADA, {}))).toMatchObject({ code });
  });

  test.each([
    [400, 'FIELD_CUSTOM_VALIDATION_EXCEPTION'],
    [403, 'INSUFFICIENT_ACCESS_OR_READONLY'],
    [404, 'ENTITY_IS_DELETED'],
    [404, 'INVALID_CROSS_REFERENCE_KEY'],
  ])('is a value where it speaks of the record: %i %s', async (status, code) => {
    const { client } = aClient({}, { status, body: refusal(code) });

    expect(await client.updateRecord('A', ADA, {})).toMatchObject({ kind: 'refused', code });
  });

  test('is thrown where it has no code: that is a page', async () => {
    const { client } = aClient({}, { status: 403, body: '<html>' });

    expect(await rejection(client.updateRecord('A', ADA, {}))).toMatchObject({ status: 403 });
  });

  test('says "modified" for a condition that did not hold, and for nothing else', async () => {
    const { client } = aClient(
      {},
      { status: 412, body: refusal('PRECONDITION_FAILED') },
      { status: 409, body: refusal('CONFLICT') },
    );

    expect(await client.updateRecord('A', ADA, {})).toEqual({ kind: 'modified' });
    expect(await rejection(client.updateRecord('A', ADA, {}))).toMatchObject({ status: 409 });
  });
});

test('a record is missing by two codes with 404, and by nothing else', async () => {
  const { client } = aClient(
    {},
    { status: 404, body: refusal('ENTITY_IS_DELETED') },
    { status: 404, body: refusal('INVALID_TYPE') },
    { status: 400, body: refusal('NOT_FOUND') },
  );

  expect(await client.getRecord('A', ADA)).toBeUndefined();
  expect(await rejection(client.getRecord('A', ADA))).toMatchObject({ code: 'INVALID_TYPE' });
  expect(await rejection(client.getRecord('A', ADA))).toMatchObject({ code: 'NOT_FOUND' });
});

describe('values that cannot be written', () => {
  test.each<[string, object]>([
    ['the id', { Id: ADA }],
    ['the id in other letters', { ID: ADA }],
    ['the envelope', { attributes: { type: 'A' } }],
    ['nothing', { Name: undefined }],
    ['a list', { Name: ['a'] }],
    ['a parent without a key', { Account: {} }],
    ['a parent whose key is nothing', { Account: { Key__c: undefined } }],
    ['a parent with a key that is not a number', { Account: { Key__c: 'a', Level__c: Number.NaN } }],
    ['an invalid time', { When__c: new Date(Number.NaN) }],
  ])('are named: %s', async (_, values) => {
    const { client, sent } = aClient({});
    const [name = ''] = Object.keys(values);

    expect(await rejection(client.createRecord('A', values))).toMatchObject({
      code: 'UNWRITABLE_VALUE',
      fields: [name],
      message: expect.stringContaining(name),
    });
    expect(sent).toEqual([]);
  });

  test.each(['Id', 'ID', 'attributes'])('are refused to the product too: %s', async (name) => {
    const { org, sent } = await openOrg();

    expect(
      await rejection(org.update('Contact', [{ sfId: ADA, values: { LastName: 'A', [name]: 'x' } }], [])),
    ).toMatchObject({ code: 'UNWRITABLE_VALUE', message: expect.stringContaining('record 1') });
    expect(sent).toEqual([]);
  });

  test('are not numbers, booleans and nulls', async () => {
    const written = sub('written', [{ id: ADA, success: true, errors: [] }]);
    const { org, bodies } = await openOrg({ body: { compositeResponse: [written] } });

    await org.update('Contact', [{ sfId: ADA, values: { Score__c: 1.5, Is__c: true, Gone__c: null } }], []);

    expect(bodies()[0].compositeRequest[0].body.records).toMatchObject([
      { Score__c: 1.5, Is__c: true, Gone__c: null },
    ]);
  });

  test('are an external id beside others', async () => {
    const { client } = aClient({});
    const records = [{ key: 'x', values: { LastName: 'A', KEY__C: 'x' } }];

    expect(await rejection(client.upsertRecords('A', 'Key__c', records))).toMatchObject({
      code: 'KEY_IN_VALUES',
    });
  });
});

describe('a batch', () => {
  test.each([
    ['BATCH_PROCESSING_HALTED', true, 'halted'],
    ['BATCH_PROCESSING_HALTED', false, 'refused'],
    ['PRECONDITION_FAILED', true, 'refused'],
  ])('tells by %s (halting: %s) that a request was %s', async (code, haltOnError, kind) => {
    const results = [{ statusCode: 412, result: refusal(code) }];
    const { client } = aClient({}, { body: { hasErrors: true, results } });

    expect(await client.compositeBatch([{ method: 'GET', path: '/limits' }], { haltOnError })).toMatchObject([
      { kind },
    ]);
  });
});
