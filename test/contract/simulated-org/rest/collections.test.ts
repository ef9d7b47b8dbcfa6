import { describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import { call, orgForEachTest } from '../an-org.ts';
import { fixture, fixturesTest } from '../fixtures.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const { send } = simulated;
const row = (type: string, fields: object = {}) => ({ attributes: { type }, Name: 'x', ...fields });
const person = (fields: object = {}) => ({ attributes: { type: 'Contact' }, LastName: 'x', ...fields });

describe('a collection', () => {
  test('holds ten runs of one type each, and no eleventh', async () => {
    const runs = (count: number) =>
      Array.from({ length: count }, (_, at) => (at % 2 === 0 ? row('Account') : person()));

    const [ten, eleven] = [
      await send('POST', '/composite/sobjects', { records: runs(10) }),
      await send('POST', '/composite/sobjects', { records: runs(11) }),
    ];

    expect([ten.status, ten.body.length]).toEqual([200, 10]);
    expect([eleven.status, eleven.body[0].errorCode]).toEqual([400, 'LIMIT_EXCEEDED']);
    expect(simulated.org.count('SELECT Id FROM Account')).toBe(5);
  });

  test('holds 200 rows in every kind of write, and 2,000 ids to read', async () => {
    const created = await send('POST', '/composite/sobjects', { records: Array(200).fill(person()) });
    const ids: string[] = created.body.map(({ id }: { id: string }) => id);
    const tooMany = [...ids, ids[0] ?? ''];
    const read = { ids: Array(2_000).fill(ids[0]), fields: ['Id'] };

    const updated = await send('PATCH', '/composite/sobjects', {
      records: tooMany.map((id) => person({ id })),
    });
    const upserted = await send('PATCH', '/composite/sobjects/Contact/Sync_Key__c', {
      records: tooMany.map((key) => person({ Sync_Key__c: key })),
    });
    const deleted = await send('DELETE', `/composite/sobjects?ids=${tooMany.join(',')}`);
    const retrieved = await send('POST', '/composite/sobjects/Contact', read);
    const over = await send('POST', '/composite/sobjects/Contact', { ...read, ids: [...read.ids, ids[0]] });

    expect([updated, upserted, deleted, over].map(({ status }) => status)).toEqual([400, 400, 400, 400]);
    expect([retrieved.status, retrieved.body.length]).toEqual([200, 2_000]);
    expect((await send('DELETE', `/composite/sobjects?ids=${ids.join(',')}`)).status).toBe(200);
  });

  test('says of a refused deletion which row it was, and of a refused creation nothing', async () => {
    const deleted = await send('DELETE', '/composite/sobjects?ids=003AB0000000zzzYAA');
    const created = await send('POST', '/composite/sobjects', { records: [person({ LastName: null })] });

    expect(deleted.body).toMatchObject([{ id: expect.stringContaining('003AB0000000zzz'), success: false }]);
    expect(created.body[0]).not.toHaveProperty('id');
  });

  test('finds parents by external id, each row for itself', async () => {
    const parentId = simulated.org.insert('Account', { Name: 'A', Sync_Key__c: 'A1' });

    const reply = await send('POST', '/composite/sobjects', {
      records: [person({ Account: { Sync_Key__c: 'A1' } }), person({ Account: { Sync_Key__c: 'A2' } })],
    });

    expect(reply.body).toMatchObject([
      { success: true },
      {
        success: false,
        errors: [
          {
            statusCode: 'INVALID_FIELD',
            message: 'Foreign key external ID: A2 not found for field Sync_Key__c in entity Account',
          },
        ],
      },
    ]);
    expect(simulated.org.select('SELECT AccountId FROM Contact')).toMatchObject([{ AccountId: parentId }]);
  });

  test('is cut into calls of 200 by jsforce', async () => {
    const connection = new jsforce.Connection({
      instanceUrl: simulated.origin,
      accessToken: simulated.token,
      version: '59.0',
    });
    const records = Array.from({ length: 450 }, (_, at) => ({ LastName: `n${at}` }));

    const results = await connection.sobject('Contact').create(records, { allowRecursive: true });

    expect(results.filter(({ success }) => success)).toHaveLength(450);
    expect(simulated.org.requests.counts().requests['collections-write']).toBe(3);
  });
});

describe('a tree', () => {
  const child = { attributes: { type: 'Contact', referenceId: 'c1' }, LastName: 'Child' };
  const parent = { attributes: { type: 'Account', referenceId: 'a1' }, Name: 'A' };

  test('creates rows with their children in one call', async () => {
    const records = [{ ...parent, Contacts: { records: [child] } }];

    const reply = await send('POST', '/composite/tree/Account', { records });

    expect([reply.status, reply.body]).toEqual([
      201,
      {
        hasErrors: false,
        results: [
          { referenceId: 'a1', id: expect.stringMatching(/^001/) },
          { referenceId: 'c1', id: expect.stringMatching(/^003/) },
        ],
      },
    ]);
    expect(simulated.org.select('SELECT Account.Name FROM Contact')).toMatchObject([
      { Account: { Name: 'A' } },
    ]);
  });

  test('keeps nothing when one row is refused', async () => {
    const records = [{ ...parent, Contacts: { records: [{ ...child, LastName: null }] } }];

    const reply = await send('POST', '/composite/tree/Account', { records });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({
      hasErrors: true,
      results: [{ referenceId: 'c1', errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }],
    });
    expect(simulated.org.count('SELECT Id FROM Account')).toBe(0);
  });

  test.each([
    ['no references', [{ attributes: { type: 'Account' }, Name: 'A' }]],
    ['the same reference twice', [parent, parent]],
    ['another type at its root', [child]],
    [
      '201 rows',
      Array.from({ length: 201 }, (_, at) => ({ attributes: { type: 'Account', referenceId: `r${at}` } })),
    ],
  ])('with %s is refused', async (_, records) => {
    expect((await send('POST', '/composite/tree/Account', { records })).status).toBe(400);
  });

  fixturesTest('is read as tools write it', async (folder) => {
    const known = fixture(folder, 'plugin-data/accounts-contacts-tree.json');

    const reply = await send('POST', '/composite/tree/Account', known);

    expect(reply.status).toBe(201);
    expect(simulated.org.select('SELECT Account.Name, Title FROM Contact ORDER BY Title')).toMatchObject([
      { Account: { Name: 'SampleAccount' }, Title: 'President' },
      { Account: { Name: 'SampleAccount' }, Title: 'Vice President' },
    ]);
  });
});

describe('long requests', () => {
  test('make the org refuse others when too many of them run', async () => {
    Object.assign(simulated.org.settings, { longRequestMs: 0, longRequests: 2 });
    simulated.org.faults.add({ kind: 'delay', delayMs: 300, path: '/limits', times: 2 });
    const long = [send('GET', '/limits'), send('GET', '/limits')];
    while (simulated.org.inFlight.peak < 2) await new Promise(setImmediate);

    const refused = await send('GET', '/query?q=SELECT+Id+FROM+Contact');
    const stranger = await call(simulated, 'nobody', 'GET', '/query?q=SELECT+Id+FROM+Contact');

    expect([refused.status, refused.body[0].message]).toEqual([
      403,
      'ConcurrentPerOrgLongTxn Limit exceeded.',
    ]);
    expect(refused.headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/\d+$/);
    expect([stranger.status, stranger.body[0].errorCode]).toEqual([401, 'INVALID_SESSION_ID']);
    expect((await Promise.all(long)).map(({ status }) => status)).toEqual([200, 200]);
    expect((await send('GET', '/limits')).status).toBe(200);
    expect(simulated.org.inFlight.peak).toBe(3);
  });
});
