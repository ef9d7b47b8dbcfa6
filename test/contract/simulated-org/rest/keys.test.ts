import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { field } from '../../../../simulated-org/describe/fields.ts';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { toKey } from '../../../../simulated-org/store/values.ts';
import { anOrg, call, type Reply } from '../an-org.ts';

let simulated: SimulatedOrg;
let token: string;

beforeAll(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 0 });
  token = simulated.org.issueTokens().access_token ?? '';
});
afterAll(() => simulated.close());

const send = (method: string, path: string, body?: unknown): Promise<Reply> =>
  call(simulated, token, method, path, body);

describe('a row', () => {
  test.each([
    ['Sync_Key__c', 'x'.repeat(256)],
    ['Email', 'nobody'],
    ['Email', `${'x'.repeat(80)}@example.com`],
  ])('is not found by a %s that it could never have', async (name, value) => {
    const path = `/sobjects/Contact/${name}/${value}`;

    const [read, deleted] = [await send('GET', path), await send('DELETE', path)];
    const created = await send('PATCH', path, { LastName: 'x' });
    const updated = await send('PATCH', `${path}?updateOnly=true`, { LastName: 'x' });

    expect([read, deleted, updated].map(({ status, body }) => [status, body[0].errorCode])).toEqual(
      Array(3).fill([404, 'NOT_FOUND']),
    );
    expect([created.status, created.body[0].fields]).toEqual([400, [name]]);
  });

  test('is found by its key with white space around it, as it would have been saved', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x', Sync_Key__c: 'K' });

    const read = await send('GET', '/sobjects/Contact/Sync_Key__c/%20K%20');

    expect([read.status, read.body.Id]).toEqual([200, id]);
  });

  test.each([
    ['Account', 'Sync_Key__c', 'x'.repeat(256)],
    ['ReportsTo', 'Email', 'nobody'],
    ['ReportsTo', 'Id', 'no id'],
  ])(
    'whose %s has a %s that nothing could have is refused for not finding it',
    async (parent, key, value) => {
      const fields = { LastName: 'x', [parent]: { [key]: value } };

      const reply = await send('POST', '/sobjects/Contact', fields);

      const entity = parent === 'Account' ? 'Account' : 'Contact';
      expect([reply.status, reply.body[0]]).toMatchObject([
        400,
        {
          errorCode: 'INVALID_FIELD',
          message: `Foreign key external ID: ${value} not found for field ${key} in entity ${entity}`,
        },
      ]);
    },
  );
});

describe('two keys in one collection', () => {
  const upsert = async (name: string, keys: readonly unknown[]) => {
    const records = keys.map((key) => ({ attributes: { type: 'Contact' }, LastName: 'Twin', [name]: key }));
    return (await send('PATCH', `/composite/sobjects/Contact/${name}`, { records })).body;
  };

  test.each([
    ['Sync_Key__c', ['one', 'one ']],
    ['Sync_Key__c', ['two', '\n two\t']],
    ['Sync_Key__c', ['a\r\nb', 'a\nb']],
    ['Email', ['a@example.com', ' A@Example.com']],
  ])('are one %s if they would be stored as the same: %j', async (name, keys) => {
    const refused = { success: false, created: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] };

    expect(await upsert(name, keys)).toMatchObject([refused, refused]);
    expect(simulated.org.count("SELECT Id FROM Contact WHERE LastName = 'Twin'")).toBe(0);
  });

  test('are one Id in either length', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Old' });

    const results = await upsert('Id', [id, id.slice(0, 15)]);

    expect(results).toMatchObject(Array(2).fill({ errors: [{ statusCode: 'DUPLICATE_VALUE' }] }));
  });

  test('count as missing when they are only white space', async () => {
    const missing = { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] };

    expect(await upsert('Sync_Key__c', [' ', '\t'])).toMatchObject([missing, missing]);
  });

  test('are one number however it is written', () => {
    const number = field('Number__c', 'double', { precision: 18, scale: 2, externalId: true });

    expect(['1', '1.0', ' 1', '1e0', 1, 1.004].map((key) => toKey(number, key))).toEqual(Array(6).fill(1));
  });
});

describe("a key that is not of its field's type", () => {
  test.each([{ a: 1 }, ['a'], 5, true])(
    'refuses the whole collection, and keeps nothing of it: %j',
    async (key) => {
      const records = (name: string, first: unknown) =>
        [first, key].map((value) => ({ attributes: { type: 'Contact' }, LastName: 'x', [name]: value }));
      const id = simulated.org.insert('Contact', { LastName: 'Before' });
      const before = simulated.org.select('SELECT Id, LastName FROM Contact');

      const upserted = await send('PATCH', '/composite/sobjects/Contact/Sync_Key__c', {
        records: records('Sync_Key__c', 'fine'),
      });
      const updated = await send('PATCH', '/composite/sobjects', { records: records('id', id) });

      expect([upserted, updated].map(({ status, body }) => [status, body[0].errorCode])).toEqual(
        Array(2).fill([400, 'JSON_PARSER_ERROR']),
      );
      expect(simulated.org.select('SELECT Id, LastName FROM Contact')).toEqual(before);
    },
  );
});
