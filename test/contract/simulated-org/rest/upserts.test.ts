import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const { send } = simulated;

describe('an upsert', () => {
  const path = (version: string): string => `/services/data/v${version}/sobjects/Contact/Sync_Key__c/a%2Fb`;

  test('creates and then changes, and says which since version 46', async () => {
    const created = await send('PATCH', path('46.0'), { LastName: 'One' });
    const changed = await send('PATCH', path('46.0'), { LastName: 'Two' });
    const silent = await send('PATCH', path('45.0'), { LastName: 'Three' });

    const { id } = created.body;
    expect([created.status, created.body]).toEqual([201, { id, success: true, errors: [], created: true }]);
    expect([changed.status, changed.body]).toEqual([200, { id, success: true, errors: [], created: false }]);
    expect(changed.headers.get('location')).toBe(`/services/data/v46.0/sobjects/Contact/${id}`);
    expect([silent.status, silent.body]).toEqual([204, '']);
    expect(simulated.org.select('SELECT LastName, Sync_Key__c FROM Contact')).toMatchObject([
      { LastName: 'Three', Sync_Key__c: 'a/b' },
    ]);
  });

  test.each([
    ['Email', 'Same@example.com', 'same%40Example.com'],
    ['Legacy_Key__c', 'Same Key', 'Same%20Key'],
  ])('by %s lists the rows when several match', async (name, value, inPath) => {
    const path = `/sobjects/Contact/${name}/${inPath}`;
    const first = await send('PATCH', path, { LastName: 'One' });
    const second = await send('POST', '/sobjects/Contact', { LastName: 'Two', [name]: value });

    const replies = [await send('PATCH', path, { Title: 'x' }), await send('GET', path)];

    const urls = [first, second].map(({ body }) => `/services/data/v59.0/sobjects/Contact/${body.id}`);
    expect(replies.map(({ status, body }) => [status, body])).toEqual([
      [300, urls],
      [300, urls],
    ]);
    expect(simulated.org.count("SELECT Id FROM Contact WHERE Title = 'x'")).toBe(0);
  });

  test('matches an external id that is not unique letter by letter', async () => {
    simulated.org.insert('Contact', { LastName: 'x', Legacy_Key__c: 'key' });

    const replies = [
      await send('PATCH', '/sobjects/Contact/Legacy_Key__c/KEY', { LastName: 'y' }),
      await send('PATCH', '/sobjects/Contact/Legacy_Key__c/key', { LastName: 'y' }),
    ];

    expect(replies.map(({ status }) => status)).toEqual([201, 200]);
  });

  test('of many rows finds those whose key is unique, and refuses keys that several rows have', async () => {
    for (const Legacy_Key__c of ['alone', 'twin', 'twin'])
      simulated.org.insert('Contact', { LastName: 'x', Legacy_Key__c });
    const records = ['alone', 'twin', 'new'].map((Legacy_Key__c) => ({
      attributes: { type: 'Contact' },
      LastName: 'y',
      Legacy_Key__c,
    }));

    const { body } = await send('PATCH', '/composite/sobjects/Contact/Legacy_Key__c', { records });

    expect(body).toMatchObject([
      { success: true, created: false },
      { success: false, errors: [{ statusCode: 'DUPLICATE_EXTERNAL_ID' }] },
      { success: true, created: true },
    ]);
  });

  test('refuses a field that is not a key, a key in the body, and creation when told not to', async () => {
    const noKey = await send('PATCH', '/sobjects/Contact/Title/x', { LastName: 'x' });
    const inBody = await send('PATCH', path('59.0'), { LastName: 'x', Sync_Key__c: 'a/b' });
    const updateOnly = await send('PATCH', `${path('59.0')}?updateOnly=true`, { LastName: 'x' });

    expect([noKey.status, inBody.status, updateOnly.status]).toEqual([404, 400, 404]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });
});
