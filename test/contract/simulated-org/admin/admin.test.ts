import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { call, logIn, orgForEachTest, requestToken } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 2, contacts: 3 });
const { admin } = simulated;

describe('the request log', () => {
  test('names kind, status and client of each request, and no value of its query', async () => {
    await simulated.send('GET', '/query?q=SELECT+Id+FROM+Contact', undefined, {
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
    await simulated.send('POST', '/sobjects/Contact', { LastName: 'x' });
    await simulated.send('POST', '/sobjects/Contact', {});
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
  const limits = () => simulated.send('GET', '/limits');

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
    const create = (LastName: string) => simulated.send('POST', '/sobjects/Contact', { LastName });

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

  test.each([
    [{ kind: 'earthquake' }, 'kind must be one of'],
    [{ kind: 'delay', path: '(' }, 'path must be a regular expression'],
    [{ kind: 'delay', delayMs: -1 }, 'delayMs must be a whole number'],
    [{ kind: 'answer', status: 'abc' }, 'status must be a whole number'],
    [{ kind: 'row', times: 0 }, 'times must be a whole number'],
    [{ kind: 'row', tmes: 2 }, 'a fault has no tmes'],
    [{ kind: 'row', message: 5 }, 'message must be a text'],
    [{ kind: 'row', fields: 'Email' }, 'fields must be a list'],
    [{}, 'kind must be one of'],
    [{ kind: 'answer', headers: { bad: 'line\nbreak' } }, 'headers must be'],
    [[{ kind: 'maintenance' }, 'x'], 'a fault is a JSON object'],
    ['{bad', 'JSON'],
  ])('such as %j are refused', async (fault, reason) => {
    const reply = await admin('POST', '/faults', fault);

    expect([reply.status, reply.body.error]).toEqual([400, expect.stringContaining(reason)]);
    expect((await limits()).status).toBe(200);
  });
});

describe('the allowance', () => {
  test('refuses calls when it is used up, until the day has passed', async () => {
    await admin('POST', '/settings', { apiMax: 1 });

    const last = await simulated.send('GET', '/limits');
    const refused = await simulated.send('GET', '/limits');
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

describe('the tokens', () => {
  test('are listed whether they live or have ended, and appear in no log', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const first = await logIn(simulated);
    const { refresh_token = '' } = first;
    const second = await requestToken(simulated, { grant_type: 'refresh_token', refresh_token });
    await admin('POST', '/expire-access-tokens', {});

    const { body: tokens } = await admin('GET', '/tokens');
    const log = JSON.stringify((await admin('GET', '/requests')).body);

    for (const { access_token, refresh_token } of [first, second.body])
      expect(tokens).toEqual(expect.arrayContaining([access_token, refresh_token]));
    // Beside these: the code, and the access token that every test begins with.
    expect(tokens).toContainEqual(expect.stringMatching(/^aPrx.*==$/));
    expect(tokens.filter((secret: string) => log.includes(secret))).toEqual([]);
  });

  test('all end when an admin blocks the app', async () => {
    const { refresh_token = '' } = await logIn(simulated);

    await admin('POST', '/revoke-all-tokens', {});
    const refreshed = await requestToken(simulated, { grant_type: 'refresh_token', refresh_token });

    expect(refreshed.body.error).toBe('invalid_grant');
    expect((await simulated.send('GET', '/limits')).status).toBe(401);
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

  test.each([
    ['GET', '/nothing-here', undefined, 404],
    ['DELETE', '/org', undefined, 404],
    ['GET', '//', undefined, 404],
    ['POST', '/settings', '{bad', 400],
    ['POST', '/settings', '{"__proto__":{}}', 400],
    ['POST', '/clock', '{"advanceMs":1e300}', 400],
    ['POST', '/clock', '{"setIso":"soon"}', 400],
    ['POST', '/clock', '{"advanceMs":"60000"}', 400],
    ['POST', '/clock', '{"advance":60000}', 400],
    ['GET', '/requests?limit=many', undefined, 400],
    ['GET', '/records/Contact?limit=-1', undefined, 400],
    ['GET', '/query?q=SELECT', undefined, 400],
    ['POST', '/orgs', '{"seed":1.5}', 400],
    ['POST', '/outbound-messages', '{"object":"Contact","url":"javascript:1","fields":["Id"]}', 400],
  ])('answers %s %s with %j by saying what is wrong', async (method, path, body, status) => {
    const reply = await admin(method, path, body);

    expect([reply.status, typeof reply.body.error]).toEqual([status, 'string']);
    expect((await admin('GET', '/clock')).status).toBe(200);
  });

  test('starts a second org with an id of its own', async () => {
    const { body } = await admin('POST', '/orgs', { seed: 7 });

    const userinfo = await fetch(`${body.adminOrigin}/org`);

    expect(body.orgId).not.toBe(simulated.orgId);
    expect(await userinfo.json()).toMatchObject({ orgId: body.orgId, origin: body.origin });
  });
});
