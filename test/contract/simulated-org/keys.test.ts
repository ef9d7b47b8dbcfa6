import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../local/salesforce/simulated-org.ts';
import { anOrg, call, type Reply } from './an-org.ts';

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

  test('is found by its key whatever white space is round it, as it would have been saved', async () => {
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
