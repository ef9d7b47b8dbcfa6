import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call, callAdmin, type Reply } from '../an-org.ts';

let simulated: SimulatedOrg;
let token: string;

beforeEach(async () => {
  simulated = await anOrg({ accounts: 1, contacts: 6 });
  token = simulated.org.issueTokens().access_token ?? '';
});
afterEach(() => simulated.close());

const send = (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> => call(simulated, token, method, path, body, headers);
const set = (settings: object): Promise<Reply> => callAdmin(simulated, 'POST', '/settings', settings);

describe('late commits', () => {
  beforeEach(() => {
    simulated.org.clock.freeze();
    simulated.org.clock.set(Date.parse('2024-05-15T12:10:00Z'));
  });

  test('show a row whose stamp lies before the moment at which it could first be seen', async () => {
    await set({ stampLagMs: 120_000 });

    const id = simulated.org.insert('Contact', { LastName: 'Late' });

    expect(simulated.org.select(`SELECT SystemModstamp FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { SystemModstamp: '2024-05-15T12:08:00.000+0000' },
    ]);
  });

  test('never move a row’s own stamp back', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x' });
    await set({ stampLagMs: 120_000 });

    simulated.org.update('Contact', id, { Title: 'x' });

    expect(simulated.org.select(`SELECT SystemModstamp FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { SystemModstamp: '2024-05-15T12:10:00.000+0000' },
    ]);
  });

  test.each(['updated', 'deleted'])('hold back the latestDateCovered of %s', async (log) => {
    const window = 'start=2024-05-15T12:00:00Z&end=2024-05-15T12:09:00Z';

    const prompt = await send('GET', `/sobjects/Contact/${log}/?${window}`);
    await set({ replicationLagMs: 4.5 * 60_000 });
    const lagging = await send('GET', `/sobjects/Contact/${log}/?${window}`);
    await set({ replicationLagMs: 60 * 60_000 });
    const stuck = await send('GET', `/sobjects/Contact/${log}/?${window}`);

    expect([prompt, lagging, stuck].map(({ body }) => body.latestDateCovered)).toEqual([
      '2024-05-15T12:09:00.000+0000',
      '2024-05-15T12:05:00.000+0000',
      '2024-05-15T12:00:00.000+0000',
    ]);
  });

  test('never cover the future', async () => {
    const reply = await send(
      'GET',
      '/sobjects/Contact/updated/?start=2024-05-15T12:00:00Z&end=2024-05-15T13:00:00Z',
    );

    expect(reply.body.latestDateCovered).toBe('2024-05-15T12:10:00.000+0000');
  });

  test.each([
    ['a start before the reach of the log', 'start=2024-04-01T00:00:00Z&end=2024-05-15T00:00:00Z'],
    ['an end before the start', 'start=2024-05-15T12:00:00Z&end=2024-05-15T11:00:00Z'],
    ['less than a minute', 'start=2024-05-15T12:00:01Z&end=2024-05-15T12:00:59Z'],
    ['no dates', 'start=x&end=y'],
  ])('refuse %s', async (_, window) => {
    const reply = await send('GET', `/sobjects/Contact/updated/?${window}`);

    expect([reply.status, reply.body[0].errorCode]).toEqual([400, 'INVALID_REPLICATION_DATE']);
  });

  test('refuse a window of too many ids', async () => {
    await set({ replicationIds: 2 });
    for (const LastName of ['a', 'b', 'c']) simulated.org.insert('Contact', { LastName });

    const reply = await send(
      'GET',
      '/sobjects/Contact/updated/?start=2024-05-15T12:10:00Z&end=2024-05-15T12:11:00Z',
    );

    expect([reply.status, reply.body[0].errorCode]).toEqual([400, 'EXCEEDED_ID_LIMIT']);
  });
});

test('the limit header is behind now and then when it lags', async () => {
  await set({ limitInfoLag: 5 });
  for (let count = 0; count < 10; count += 1) await send('GET', '/limits');

  const replies = await Promise.all(Array.from({ length: 6 }, () => send('GET', '/limits')));

  const used = replies.map(({ headers }) =>
    Number(/api-usage=(\d+)/.exec(headers.get('sforce-limit-info') ?? '')?.[1]),
  );
  expect(used).not.toEqual([...used].sort((a, b) => a - b));
  expect(replies[0]?.body.DailyApiRequests.Remaining).toBeGreaterThan(15_000 - 16);
});

test('a user’s oldest cursor ends when there are too many', async () => {
  await set({ queryPageRows: 2, openCursors: 2 });
  const open = async (): Promise<string> =>
    (await send('GET', '/query?q=SELECT+Id+FROM+Contact')).body.nextRecordsUrl;
  const [first, second, third] = [await open(), await open(), await open()];

  const replies = [await send('GET', first), await send('GET', second), await send('GET', third)];

  expect(replies.map(({ status }) => status)).toEqual([400, 200, 200]);
  expect(replies[0]?.body[0].errorCode).toBe('INVALID_QUERY_LOCATOR');
  const { client, users, tokens } = simulated.org;
  token = tokens.grant({ clientId: client.clientId, userId: users.admin.id, scope: 'api' }).accessToken;
  await open();
  expect((await send('GET', second)).status).toBe(200);
});

describe('what a client has already', () => {
  test.each(['/sobjects', '/sobjects/Account/describe'])(
    '%s is sent again once it has changed',
    async (path) => {
      const first = await send('GET', path);
      const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' };
      const tag = { 'if-none-match': first.headers.get('etag') ?? '' };

      const same = [await send('GET', path, undefined, since), await send('GET', path, undefined, tag)];
      simulated.org.clock.advance(5_000);
      await callAdmin(simulated, 'POST', '/metadata-changed');
      const changed = await send('GET', path, undefined, since);

      expect(same.map(({ status, body }) => [status, body])).toEqual([
        [304, ''],
        [304, ''],
      ]);
      expect(first.headers.get('etag')).toMatch(/^"[0-9a-f]{8}--gzip"$/);
      expect(changed.status).toBe(200);
    },
  );

  test('is identified by an ETag for accounts, and for no other rows', async () => {
    const path = `/sobjects/Account/${simulated.org.select('SELECT Id FROM Account')[0]?.Id}`;
    const etag = (await send('GET', path)).headers.get('etag') ?? '';

    const same = await send('GET', path, undefined, { 'if-none-match': etag });
    const first = await send('PATCH', path, { Site: 'a' }, { 'if-match': etag });
    const second = await send('PATCH', path, { Site: 'b' }, { 'if-match': etag });
    const contact = await send(
      'GET',
      `/sobjects/Contact/${simulated.org.select('SELECT Id FROM Contact')[0]?.Id}`,
    );

    expect([same.status, first.status, second.status]).toEqual([304, 204, 412]);
    expect(contact.headers.get('etag')).toBeNull();
  });
});

describe('requests', () => {
  test('may be compressed, and are refused when they only claim to be', async () => {
    const body = gzipSync(JSON.stringify({ LastName: 'Packed' }));
    const post = (bytes: Uint8Array): Promise<Response> =>
      fetch(`${simulated.origin}/services/data/v59.0/sobjects/Contact`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(bytes),
      });

    const [packed, plain] = [await post(body), await post(Buffer.from('{}'))];

    expect([packed.status, plain.status]).toEqual([201, 413]);
    expect(simulated.org.count("SELECT Id FROM Contact WHERE LastName = 'Packed'")).toBe(1);
  });

  test('have an id that is in the log, with their Sforce- headers', async () => {
    const headers = { 'sforce-auto-assign': 'FALSE', 'sforce-call-options': 'client=Mine/1.0' };

    const reply = await send('POST', '/sobjects/Account', { Name: 'x' }, headers);

    const [logged] = simulated.org.requests.entries().slice(-1);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('x-sfdc-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.headers.get('x-request-id')).toBe(reply.headers.get('x-sfdc-request-id'));
    expect(logged).toMatchObject({ requestId: reply.headers.get('x-sfdc-request-id'), headers });
  });

  test('count all objects when none is named', async () => {
    const reply = await send('GET', '/limits/recordCount');

    expect(reply.body.sObjects).toEqual(
      expect.arrayContaining([
        { count: 6, name: 'Contact' },
        { count: 2, name: 'RecordType' },
      ]),
    );
  });
});
