import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../local/salesforce/simulated-org.ts';
import { APP, anOrg, call, type Reply, read } from './an-org.ts';

let simulated: SimulatedOrg;
let token: string;

beforeEach(async () => {
  simulated = await anOrg({ accounts: 2, contacts: 3 });
  token = simulated.org.issueTokens().access_token ?? '';
});
afterEach(() => simulated.close());

const admin = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> =>
  read(
    await fetch(`${simulated.adminOrigin}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
      redirect: 'manual',
    }),
  );

describe('the request log', () => {
  test('names kind, status and client of each request, and no value of its query', async () => {
    await call(simulated, token, 'GET', '/query?q=SELECT+Id+FROM+Contact', undefined, {
      'sforce-call-options': 'client=SyncTest/1.0',
    });
    await call(simulated, 'wrong', 'GET', '/limits');

    const { body } = await admin('GET', '/requests');

    expect(body).toMatchObject([
      {
        method: 'GET',
        path: '/services/data/v59.0/query?q',
        status: 200,
        kind: 'query',
        client: 'SyncTest/1.0',
      },
      { path: '/services/data/v59.0/limits', status: 401, kind: 'unauthorized', client: null },
    ]);
  });

  test('counts requests by kind and rows by outcome, from zero after a reset', async () => {
    await call(simulated, token, 'POST', '/sobjects/Contact', { LastName: 'x' });
    await call(simulated, token, 'POST', '/sobjects/Contact', {});
    const counted = await admin('GET', '/counts');
    await admin('POST', '/counts/reset');

    expect(counted.body).toMatchObject({
      requests: { 'row-write': 2 },
      rows: { created: 1, refused: 1 },
      apiUsage: 2,
    });
    expect((await admin('GET', '/counts')).body).toMatchObject({
      requests: {},
      rows: { created: 0 },
      apiUsage: 2,
    });
  });
});

describe('faults', () => {
  const limits = () => call(simulated, token, 'GET', '/limits');

  test('strike the requests that they name, as often as told', async () => {
    await admin('POST', '/faults', { kind: 'maintenance', path: '/limits', skip: 1, times: 1 });

    const replies = [await limits(), await limits(), await limits()];

    expect(replies.map(({ status }) => status)).toEqual([200, 503, 200]);
    expect(replies[1]?.headers.get('content-type')).toContain('text/html');
  });

  test.each([
    ['expired-session', 401, 'INVALID_SESSION_ID'],
    ['request-limit', 403, 'REQUEST_LIMIT_EXCEEDED'],
  ])('%s answers %d', async (kind, status, errorCode) => {
    await admin('POST', '/faults', { kind });

    const reply = await limits();

    expect([reply.status, reply.body[0].errorCode]).toEqual([status, errorCode]);
  });

  test('break the connection before or after the work is done', async () => {
    await admin('POST', '/faults', [
      { kind: 'drop-before', method: 'POST' },
      { kind: 'drop-after', method: 'POST' },
      { kind: 'truncate', method: 'GET' },
    ]);
    const create = (LastName: string) => call(simulated, token, 'POST', '/sobjects/Contact', { LastName });

    await expect(create('Before')).rejects.toThrow('fetch failed');
    await expect(create('After')).rejects.toThrow('fetch failed');
    await expect(limits()).rejects.toThrow('terminated');

    const names = simulated.org.select("SELECT LastName FROM Contact WHERE LastName IN ('Before', 'After')");
    expect(names).toMatchObject([{ LastName: 'After' }]);
  });

  test('answer whatever they are told to, and are gone when cleared', async () => {
    await admin('POST', '/faults', {
      kind: 'answer',
      status: 400,
      body: [{ errorCode: 'QUERY_TIMEOUT' }],
      times: 9,
    });

    const struck = await limits();
    await admin('DELETE', '/faults');

    expect([struck.status, struck.body]).toEqual([400, [{ errorCode: 'QUERY_TIMEOUT' }]]);
    expect((await limits()).status).toBe(200);
  });

  test('that make no sense are refused', async () => {
    expect((await admin('POST', '/faults', { kind: 'earthquake' })).status).toBe(400);
    expect((await admin('POST', '/faults', { kind: 'delay', path: '(' })).status).toBe(400);
  });
});

describe('the allowance', () => {
  test('refuses calls when it is used up, until the day has passed', async () => {
    await admin('POST', '/settings', { apiMax: 1 });

    const last = await call(simulated, token, 'GET', '/limits');
    const refused = await call(simulated, token, 'GET', '/limits');
    await admin('POST', '/clock', { advanceMs: 25 * 60 * 60_000 });
    const { access_token: fresh = '' } = simulated.org.issueTokens();
    const nextDay = await call(simulated, fresh, 'GET', '/limits');

    expect(last.headers.get('sforce-limit-info')).toBe('api-usage=1/1');
    expect([refused.status, refused.body[0].message]).toEqual([403, 'TotalRequests Limit exceeded.']);
    expect(nextDay.status).toBe(200);
  });
});

describe('the clock', () => {
  test('moves the Date header and the stamps', async () => {
    await admin('POST', '/clock', { setIso: '2031-02-03T04:05:06.700Z', freeze: true });
    const { access_token: fresh = '' } = simulated.org.issueTokens();

    const reply = await call(simulated, fresh, 'POST', '/sobjects/Contact', { LastName: 'Late' });

    expect(reply.headers.get('date')).toBe('Mon, 03 Feb 2031 04:05:06 GMT');
    const [row] = simulated.org.select("SELECT SystemModstamp FROM Contact WHERE LastName = 'Late'");
    expect(row?.SystemModstamp).toBe('2031-02-03T04:05:06.000+0000');
  });
});

describe('records', () => {
  test('are created, listed, changed and deleted as the admin user', async () => {
    const created = await admin('POST', '/records/Contact', { LastName: 'Hand-made' });
    const { id } = created.body;
    await admin('PATCH', `/records/Contact/${id}`, { Title: 'Changed' });
    const listed = await admin('GET', `/records/Contact?where=${encodeURIComponent("Title = 'Changed'")}`);
    const refused = await admin('PATCH', `/records/Contact/${id}`, { LastName: '' });
    await admin('DELETE', `/records/Contact/${id}`);
    const gone = await admin('PATCH', `/records/Contact/${id}`, { Title: 'x' });

    expect(listed.body).toMatchObject([{ Id: id, LastModifiedById: simulated.org.users.admin.id }]);
    expect([refused.status, gone.status]).toEqual([400, 404]);
    expect(simulated.org.requests.counts().rows).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  });

  test('are shown on a page that escapes what they hold', async () => {
    simulated.org.insert('Contact', { LastName: '<img src=x onerror=alert(1)>', Email: 'x@example.com' });

    const home = await admin('GET', '/?q=%3Cimg');
    const nothing = await admin('GET', "/?q=%25'%5C");

    expect(home.body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(home.body).not.toContain('<img');
    expect(nothing.status).toBe(200);
  });

  test('are edited by a form that writes only what was changed in it', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Form', Title: 'Old', Opted_In__c: true });
    const page = await admin('GET', `/edit/Contact/${id}`);
    simulated.org.update('Contact', id, { Department: 'Changed meanwhile' });
    const form = new URLSearchParams({
      LastName: 'Form',
      'was.LastName': 'Form',
      Title: 'New',
      'was.Title': 'Old',
    });
    form.append('Department', '');
    form.append('was.Department', '');

    const saved = await admin('POST', `/edit/Contact/${id}`, form);

    expect(page.body).toContain('name="was.Title" value="Old"');
    expect(saved.status).toBe(303);
    expect(simulated.org.select(`SELECT Title, Department FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { Title: 'New', Department: 'Changed meanwhile' },
    ]);
  });
});

describe('the admin port', () => {
  test('answers no request that another site or another name sent', async () => {
    const crossSite = await admin('POST', '/expire-access-tokens', {}, { 'sec-fetch-site': 'cross-site' });
    const request = httpGet(`${simulated.adminOrigin}/org`, { headers: { host: 'rebound.example.com' } });
    const [rebound] = await once(request, 'response');
    rebound.resume();

    expect(crossSite.status).toBe(403);
    expect(rebound.statusCode).toBe(403);
  });

  test('refuses settings that it does not know', async () => {
    const unknown = await admin('POST', '/settings', { rotateEverything: true });
    const wrong = await admin('POST', '/settings', { apiMax: 'many' });

    expect([unknown.status, wrong.status]).toEqual([400, 400]);
    expect(unknown.body.error).toContain('unknown setting rotateEverything');
  });

  test('starts a second org with an id of its own', async () => {
    const { body } = await admin('POST', '/orgs', { seed: 7 });

    const userinfo = await fetch(`${body.adminOrigin}/org`);

    expect(body.orgId).not.toBe(simulated.orgId);
    expect(await userinfo.json()).toMatchObject({ orgId: body.orgId, origin: body.origin });
  });
});

describe('the process', () => {
  test('says where it listens and ends when asked to', async () => {
    const main = path.resolve(process.cwd(), 'local/salesforce/main.ts');
    const child = spawn(
      process.execPath,
      [main, '--contacts', '2', '--accounts', '1', '--client-id', APP.clientId],
      {
        env: {
          ...process.env,
          SALESFORCE_CLIENT_SECRET: APP.clientSecret,
          SALESFORCE_REDIRECT_URI: APP.redirectUri,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await once(child.stdout, 'data');
    const { origin } = JSON.parse(String(line));

    const versions = await read(await fetch(`${origin}/services/data`));
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');

    expect(versions.body.at(-1)).toMatchObject({ version: '66.0' });
    expect(code).toBe(0);
  });
});
