import { describe, expect, test } from '@jest/globals';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import { TransportFailure } from '../../../shared/salesforce-client/transport/transport.ts';
import {
  cannedTransport,
  fakeClock,
  fakeTokens,
  INSTANCE,
  NOW,
  openOrg,
  rejection,
  toResponse,
} from '../salesforce-client/fakes.ts';

const EMPTY = { totalSize: 0, done: true, records: [] };
const ALL = { sObject: 'Contact', fields: ['LastName'], where: { kind: 'all' } } as const;
const EXPIRED = {
  status: 401,
  body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
};
const LIMIT = {
  status: 403,
  body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
};
const DOWN = { status: 503, body: '<html>down</html>', headers: { 'content-type': 'text/html' } };
const values = [{ sfId: '0031I0000081tbPQAQ', values: { LastName: 'Ada' } }];

describe('the token', () => {
  test('goes along with requests to the instance', async () => {
    const { org, sent } = await openOrg({ body: EMPTY });

    await org.select(ALL);

    expect(sent[0]?.headers?.authorization).toBe('Bearer token-1');
    expect(sent[0]?.url).toMatch(`${INSTANCE}/services/data/v59.0/query?q=SELECT%20Id`);
  });

  test.each([
    'https://evil.example/services/data/v59.0/query/x',
    '//evil.example/services/data/v59.0/query/x',
    'http://acme.my.salesforce.com/services/data/v59.0/query/x',
    'https://acme.my.salesforce.com:8443/services/data/v59.0/query/x',
    'https://other.my.salesforce.com/services/data/v59.0/query/x',
    '/secur/logout.jsp',
    '/services/../secur/logout.jsp',
    'javascript:alert(1)',
  ])('goes nowhere else: %s', async (next) => {
    const { org, sent } = await openOrg({ body: EMPTY });

    expect(await rejection(org.nextPage(next))).toMatchObject({
      code: 'FOREIGN_ORIGIN',
      next: { do: 'stop' },
    });
    expect(sent).toEqual([]);
  });

  test('does not go to an instance that is not Salesforce’s, unless that origin is trusted', async () => {
    const instanceUrl = 'http://127.0.0.1:4100';
    const tokens = fakeTokens();
    const current = tokens.current;
    tokens.current = async (id) => ({ ...(await current(id)), instanceUrl });
    const transport = cannedTransport({ body: EMPTY });
    const options = { transport: transport.send, tokens, clock: fakeClock() };

    const org = await makeSalesforceOrgs(options).open('c');
    expect(await rejection(org.select(ALL))).toMatchObject({ code: 'FOREIGN_ORIGIN' });
    expect(transport.sent).toEqual([]);

    const trusting = await makeSalesforceOrgs({ ...options, trustedOrigins: [instanceUrl] }).open('c');
    await trusting.select(ALL);
    expect(transport.sent).toHaveLength(1);
  });

  test('is refreshed once when the session has expired, and the request repeated', async () => {
    const { org, sent, tokens } = await openOrg(EXPIRED, { body: EMPTY });

    await org.select(ALL);

    expect(sent.map((one) => one.headers?.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    expect(tokens.refreshes.map((one) => one.tokenVersion)).toEqual([1]);
  });

  test('is refreshed for a write too, which an expired session never began', async () => {
    const { org, sent } = await openOrg(EXPIRED, {
      body: {
        compositeResponse: [
          {
            referenceId: 'chunk0',
            httpStatusCode: 200,
            httpHeaders: {},
            body: [{ id: values[0]?.sfId, success: true, errors: [] }],
          },
        ],
      },
    });

    expect(await org.update('Contact', values, [])).toHaveLength(1);
    expect(sent).toHaveLength(2);
  });

  test('is not refreshed again when the new one is refused too', async () => {
    const { org, sent, tokens } = await openOrg(EXPIRED, EXPIRED);

    expect(await rejection(org.select(ALL))).toMatchObject({
      name: 'SalesforceAuthError',
      next: { do: 'retry', afterMs: 60_000 },
    });
    expect(sent).toHaveLength(2);
    expect(tokens.refreshes).toHaveLength(1);
  });

  test('is refreshed once for all requests that meet it stale', async () => {
    const tokens = fakeTokens();
    const transport = async (request: { headers?: Readonly<Record<string, string>> }) =>
      toResponse(request.headers?.authorization === 'Bearer token-1' ? EXPIRED : { body: EMPTY });
    const org = await makeSalesforceOrgs({ transport, tokens, clock: fakeClock() }).open('c');

    await Promise.all(Array.from({ length: 20 }, () => org.select(ALL)));

    expect(tokens.refreshes).toHaveLength(1);
  });

  test('and its failure to be refreshed reach the caller', async () => {
    const { org, tokens } = await openOrg(EXPIRED);
    tokens.refreshed = async () => {
      throw new Error('reauthorise');
    };

    expect(await rejection(org.select(ALL))).toMatchObject({ message: 'reauthorise' });
  });

  test('is asked for again when it could not be refreshed', async () => {
    const { org, tokens } = await openOrg(EXPIRED, EXPIRED, { body: EMPTY });
    const { refreshed } = tokens;
    tokens.refreshed = async () => {
      tokens.refreshed = refreshed;
      throw new Error('down for a moment');
    };

    expect(await rejection(org.select(ALL))).toMatchObject({ message: 'down for a moment' });
    await org.select(ALL);

    expect(tokens.refreshes).toHaveLength(1);
  });

  test('is in no error', async () => {
    const { org } = await openOrg(EXPIRED, EXPIRED);
    const error = (await rejection(org.select(ALL))) as Error;

    expect(`${error.stack}${JSON.stringify(error)}${String(error.cause)}`).not.toContain('token-');
  });
});

describe('repeating', () => {
  test('a read that met an outage is repeated a few times', async () => {
    const { org, sent, clock } = await openOrg(DOWN, DOWN, { body: EMPTY });

    await org.select(ALL);

    expect(sent).toHaveLength(3);
    expect(clock.slept).toEqual([500, 1_000]);
  });

  test('a read gives up after three attempts', async () => {
    const { org, sent } = await openOrg(DOWN, DOWN, DOWN);

    expect(await rejection(org.select(ALL))).toMatchObject({ code: 'UNAVAILABLE', next: { do: 'retry' } });
    expect(sent).toHaveLength(3);
  });

  test('nothing is repeated when the allowance is used up', async () => {
    const { org, sent, clock } = await openOrg(LIMIT);

    expect(await rejection(org.select(ALL))).toMatchObject({
      name: 'SalesforceRateLimitError',
      next: { do: 'wait', until: new Date(NOW + 900_000).toISOString() },
    });
    expect(sent).toHaveLength(1);
    expect(clock.slept).toEqual([]);
  });

  test.each([
    ['an outage', DOWN],
    ['a connection that broke', new TransportFailure('connection', true)],
    ['a silence', new TransportFailure('timeout', true)],
    ['half an answer', new TransportFailure('body', true)],
    ['an answer that is not JSON', { body: '<html>' }],
    ['an answer of another shape', { body: {} }],
  ])('a write that met %s is not: its outcome is unknown', async (_, answer) => {
    const { org, sent } = await openOrg(answer);

    expect(await rejection(org.update('Contact', values, []))).toMatchObject({ next: { do: 'reread' } });
    expect(sent).toHaveLength(1);
  });

  test('a write whose own answer is missing is not: its outcome is unknown', async () => {
    const { org, sent } = await openOrg({ body: { compositeResponse: [] } });

    expect(await org.update('Contact', values, [])).toMatchObject(
      values.map(() => ({ kind: 'failed', error: { next: { do: 'reread' } } })),
    );
    expect(sent).toHaveLength(1);
  });

  test('a write that surely never began is repeated', async () => {
    const refused = new TransportFailure('connection', false);
    const { org, sent } = await openOrg(refused, refused, refused);

    expect(await rejection(org.update('Contact', values, []))).toMatchObject({ next: { do: 'retry' } });
    expect(sent).toHaveLength(3);
  });

  test('a request that timed out is not repeated within the function’s time', async () => {
    const { org, sent } = await openOrg(new TransportFailure('timeout', true));

    expect(await rejection(org.select(ALL))).toMatchObject({
      code: 'TIMEOUT',
      next: { do: 'retry', afterMs: 10_000 },
    });
    expect(sent).toHaveLength(1);
  });
});

describe('what answers tell', () => {
  test('counts every request and the allowance, which runs backwards', async () => {
    const answer = (usage: string) => ({ body: EMPTY, headers: { 'sforce-limit-info': usage } });
    const { org, clock } = await openOrg(
      answer('api-usage=488/5000000'),
      answer('api-usage=490/5000000'),
      answer('api-usage=483/5000000, per-app-api-usage=1/250(appName=x)'),
      DOWN,
      answer('nonsense'),
      answer('api-usage=485/5000000'),
    );
    expect(org.usage()).toEqual({ calls: 0 });

    const toldAtMs = clock.nowMs();
    for (let call = 0; call < 4; call += 1) await org.select(ALL);
    // The request that failed was sent again after a pause.
    expect(clock.nowMs()).toBeGreaterThan(toldAtMs);
    expect(org.usage()).toEqual({ calls: 5, used: 490, max: 5_000_000, atMs: toldAtMs });

    clock.move(6 * 60_000);
    await org.select(ALL);
    expect(org.usage()).toEqual({ calls: 6, used: 485, max: 5_000_000, atMs: clock.nowMs() });
  });

  test('counts no request that never went out, and says so', async () => {
    const { org } = await openOrg(
      new TransportFailure('timeout', false),
      new TransportFailure('timeout', true),
    );

    expect(await rejection(org.select(ALL))).toMatchObject({
      message: 'Nothing of query Contact reached Salesforce (timeout).',
    });
    expect(org.usage()).toEqual({ calls: 0 });
    expect(await rejection(org.select(ALL))).toMatchObject({
      message: 'No complete answer came from Salesforce to query Contact (timeout).',
    });
    expect(org.usage()).toEqual({ calls: 1 });
  });
});

describe('opening', () => {
  test('gives the same org for the same connection, and another one for another API version', async () => {
    const { orgs, org, tokens } = await openOrg();
    expect(await orgs.open('connection-1')).toBe(org);
    expect(await orgs.open('connection-2')).not.toBe(org);

    const current = tokens.current;
    tokens.current = async (id) => ({ ...(await current(id)), apiVersion: 'v66.0' });
    expect(await orgs.open('connection-1')).not.toBe(org);
  });

  test('goes to the new address when an org has moved', async () => {
    const { orgs, org, tokens } = await openOrg();
    const { current } = tokens;
    tokens.current = async (id) => ({ ...(await current(id)), instanceUrl: 'https://new.my.salesforce.com' });

    expect(await orgs.open('connection-1')).not.toBe(org);
  });

  test('keeps the 200 orgs that were asked for last', async () => {
    const { orgs } = await openOrg();
    const opened = [];
    for (let index = 0; index < 200; index += 1) opened.push(await orgs.open(`c${index}`));

    expect(await orgs.open('c0')).toBe(opened[0]);
    await orgs.open('c200');

    expect(await orgs.open('c0')).toBe(opened[0]);
    expect(await orgs.open('c199')).toBe(opened[199]);
    expect(await orgs.open('c1')).not.toBe(opened[1]);
  });

  test('refuses an API version that would bend the address', async () => {
    const { orgs, tokens } = await openOrg();
    const current = tokens.current;
    tokens.current = async (id) => ({ ...(await current(id)), apiVersion: 'v59.0/../../x' });

    expect(await rejection(orgs.open('connection-3'))).toMatchObject({ code: 'INVALID_API_VERSION' });
  });
});
