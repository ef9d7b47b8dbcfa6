import { describe, expect, test } from '@jest/globals';
import { askingAgain } from '../../../functions/oauth-authorize/asking-again.ts';
import { makeHandler as makeAuthorize } from '../../../functions/oauth-authorize/make-handler.ts';
import { makeHandler as makeCallback } from '../../../functions/oauth-callback/make-handler.ts';
import { anAuthorization, SF_ORG } from '../use-cases/connections/an-authorization.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const method = (name: string) => ({ requestContext: { http: { method: name } } });

const aSite = () => {
  const authorization = anAuthorization();
  const log = aLog();
  const authorize = makeAuthorize(authorization.ports, log);
  const callback = makeCallback(authorization.ports, log);
  return {
    ...authorization,
    log,
    /** Opens the link. */
    open: async (queryStringParameters?: Record<string, string>) =>
      authorize({ ...method('GET'), queryStringParameters }, aContext()),
    /** Presses the page's button; HTTP APIs hand forms over in base64. */
    press: async (form: Record<string, string>, headers: Record<string, string> = {}) => {
      const body = Buffer.from(new URLSearchParams(form).toString()).toString('base64');
      return authorize({ ...method('POST'), headers, body, isBase64Encoded: true }, aContext());
    },
    callback: async (event: unknown) => callback(event, aContext()),
  };
};

describe('GET /oauth/authorize', () => {
  test('asks whether to connect to this tenant, and spends nothing however often it is opened', async () => {
    const { ports, open, aTicket } = aSite();
    const ticket = await aTicket();

    const answers = [await open({ ticket }), await open({ ticket }), await open({ ticket })];

    for (const { statusCode, body, cookies } of answers) {
      expect(statusCode).toBe(200);
      expect(body).toContain('Connect a Salesforce org to acme?');
      expect(body).toContain('login.salesforce.com');
      expect(body).toContain(
        `<form method="post" action="authorize"><input type="hidden" name="ticket" value="${ticket}"><button>Continue</button></form>`,
      );
      expect(cookies).toBeUndefined();
    }
    expect(ports.authorizations.tickets.size).toBe(0);
    expect(ports.authorizations.states.size).toBe(0);
  });

  test.each([
    [undefined, "'self' https://login.salesforce.com https://*.salesforce.com"],
    ['acme.my.salesforce.mil', "'self' https://acme.my.salesforce.mil https://*.salesforce.mil"],
  ])('lets the form lead to us and on to the login host %s, and nowhere else', async (loginHost, sources) => {
    const { open, aTicket } = aSite();

    const { headers } = await open({ ticket: await aTicket('acme', loginHost) });

    expect(headers['content-security-policy']).toContain(`; form-action ${sources}; frame-ancestors 'none'`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  });

  test.each([
    ['no parameters', undefined, 400],
    ['no ticket', {}, 400],
    ['a forged ticket', { ticket: 'a.b' }, 403],
  ])('answers %s with a page without a form', async (_what, query, statusCode) => {
    const answer = await aSite().open(query);

    expect(answer).toMatchObject({ statusCode, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(answer.body).not.toContain('<form');
    expect(answer.headers['content-security-policy']).toContain("form-action 'none'");
  });

  test('answers an expired ticket with 410, and an empty secret with 503', async () => {
    const { ports, clock, open, aTicket } = aSite();
    const ticket = await aTicket();
    const credentials = ports.secrets.appCredentials;
    ports.secrets.appCredentials = undefined;

    expect((await open({ ticket })).statusCode).toBe(503);
    ports.secrets.appCredentials = credentials;
    clock.advance(600_000);
    expect((await open({ ticket })).statusCode).toBe(410);
  });
});

describe('POST /oauth/authorize', () => {
  test('redirects to Salesforce with a cookie for this browser and host alone', async () => {
    const { press, aTicket } = aSite();

    const answer = await press({ ticket: await aTicket() }, { 'sec-fetch-site': 'same-origin' });

    expect(answer.statusCode).toBe(303);
    expect(answer.headers.location).toMatch(/^https:\/\/login\.salesforce\.com\//);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(answer.cookies).toEqual([
      '__Host-salesforce-sync=secret-2; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  test.each(['cross-site', 'same-site', 'none'])(
    'spends nothing for a form of another site (%s), which shows no tenant',
    async (site) => {
      const { ports, press, aTicket } = aSite();

      const answer = await press({ ticket: await aTicket() }, { 'sec-fetch-site': site });

      expect(answer).toMatchObject({ statusCode: 403 });
      expect(answer.cookies).toBeUndefined();
      expect(ports.authorizations.tickets.size).toBe(0);
    },
  );

  test('answers a used ticket with 410, an expired one with 410, an empty secret with 503', async () => {
    const { ports, clock, press, aTicket } = aSite();
    const used = await aTicket();
    await press({ ticket: used });
    const other = await aTicket();
    ports.secrets.appCredentials = undefined;

    expect((await press({ ticket: other })).statusCode).toBe(503);
    ports.secrets.appCredentials = { clientId: 'a', clientSecret: 'b', redirectUri: 'c' };
    expect((await press({ ticket: used })).statusCode).toBe(410);
    clock.advance(600_000);
    expect((await press({ ticket: other })).statusCode).toBe(410);
  });

  test.each([
    [{}, 400],
    [{ ticket: 'a.b' }, 403],
    [{ ticket: '"><script>' }, 403],
  ])('answers the form %j with a page', async (form: Record<string, string>, statusCode) => {
    const answer = await aSite().press(form);

    expect(answer).toMatchObject({ statusCode, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(answer.body).not.toContain('<script');
    expect(answer.cookies).toBeUndefined();
  });

  test('takes no ticket from the address, which scanners and histories know', async () => {
    const { aTicket, ports, log } = aSite();
    const handler = makeAuthorize(ports, log);

    const answer = await handler(
      { ...method('POST'), queryStringParameters: { ticket: await aTicket() } },
      aContext(),
    );

    expect(answer.statusCode).toBe(400);
  });

  test('and the page before log neither ticket, state nor cookie', async () => {
    const { open, press, aTicket, log } = aSite();
    const ticket = await aTicket();

    await open({ ticket });
    await press({ ticket });
    await press({ ticket: `${ticket}x` });

    expect(log.lines).toHaveLength(3);
    for (const secret of [ticket, 'secret-1', 'secret-2']) expect(log.lines.join()).not.toContain(secret);
  });
});

describe('the way to Salesforce', () => {
  test('has it ask again, whoever is logged in and whatever was approved', () => {
    const { authorizeUrl } = askingAgain({ authorizeUrl: () => 'https://login.salesforce.com/a?state=s%2B' });

    const request = {
      loginUrl: '',
      state: '',
      codeChallenge: '',
      credentials: { clientId: '', clientSecret: '', redirectUri: '' },
    };
    const { searchParams } = new URL(authorizeUrl(request));

    expect(Object.fromEntries(searchParams)).toEqual({ state: 's+', prompt: 'login consent' });
  });
});

describe('GET /oauth/callback', () => {
  const cookie = (secret: string) => `__Host-salesforce-sync=${secret}`;

  test.each(['cookies', 'header'])('connects a browser whose cookie comes as %s', async (how) => {
    const { callback, aBrowser } = aSite();
    const { state, code, browserSecret } = await aBrowser();
    const cookies = [`theme=dark`, cookie(browserSecret)];

    const answer = await callback({
      queryStringParameters: { state, code },
      ...(how === 'cookies' ? { cookies } : { headers: { cookie: cookies.join('; ') } }),
    });

    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(SF_ORG);
    expect(answer.body).toContain('acme');
  });

  test('logs the tenant under the name that the operations have for it', async () => {
    const { callback, aBrowser, log } = aSite();
    const { state, code, browserSecret } = await aBrowser();

    await callback({ queryStringParameters: { state, code }, cookies: [cookie(browserSecret)] });

    expect(log.lines.join()).toContain('"orgId":"acme"');
    expect(log.lines.join()).not.toContain('tenantId');
  });

  test('is not misled by a cookie whose name only ends alike', async () => {
    const { callback, aBrowser } = aSite();
    const { state, code, browserSecret } = await aBrowser();

    const answer = await callback({
      queryStringParameters: { state, code },
      cookies: [`a${cookie('another')}`, cookie(browserSecret)],
    });

    expect(answer.statusCode).toBe(200);
  });

  test('shows, sets and logs no token, code or secret, and forbids the browser everything but our style', async () => {
    const { callback, aBrowser, log } = aSite();
    const { state, code, browserSecret } = await aBrowser();

    const answer = await callback({
      queryStringParameters: { state, code },
      cookies: [cookie(browserSecret)],
    });

    const seen = JSON.stringify([answer, log.lines]);
    for (const secret of ['the-access-token', 'the-refresh-token', code, state, browserSecret]) {
      expect(seen).not.toContain(secret);
    }
    expect(answer.headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(answer.cookies).toEqual([
      '__Host-salesforce-sync=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  test('says that a paused connection stays paused', async () => {
    const { ports, callback, aBrowser } = aSite();
    const first = await aBrowser();
    await callback({ queryStringParameters: first, cookies: [cookie(first.browserSecret)] });
    const [connectionId = ''] = ports.connections.stored.keys();
    await ports.connections.setStatus(connectionId, 'paused', '2026-01-01T00:00:00.000Z');

    const again = await aBrowser();
    const answer = await callback({ queryStringParameters: again, cookies: [cookie(again.browserSecret)] });

    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('still is: nothing is exchanged until an operator resumes it');
    expect(answer.body).not.toContain('is being looked for now');
  });

  test('says what becomes of the access of another user who connected the org before', async () => {
    const { ports, callback, aBrowser } = aSite();
    const first = await aBrowser();
    await callback({ queryStringParameters: first, cookies: [cookie(first.browserSecret)] });
    for (const [id, stored] of ports.connections.stored)
      ports.connections.stored.set(id, { ...stored, sfUserId: '005000000000009AAA' });

    const again = await aBrowser();
    const answer = await callback({ queryStringParameters: again, cookies: [cookie(again.browserSecret)] });

    expect(answer.body).toContain('Another user connected this org before');
  });

  test('says that an org stays disconnected that was disconnected after the link', async () => {
    const { ports, callback, aBrowser } = aSite();
    const first = await aBrowser();
    await callback({ queryStringParameters: first, cookies: [cookie(first.browserSecret)] });
    const late = await aBrowser();
    const [connectionId = ''] = ports.connections.stored.keys();
    await ports.connections.setStatus(connectionId, 'revoked', '2027-01-01T00:00:00.000Z');

    const answer = await callback({ queryStringParameters: late, cookies: [cookie(late.browserSecret)] });

    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('it stays disconnected');
  });

  test('clears the cookie and shows a page on a refusal too', async () => {
    const { callback, aBrowser } = aSite();
    const { state, browserSecret } = await aBrowser();

    const answer = await callback({
      queryStringParameters: { state, error: 'access_denied', error_description: 'end-user denied' },
      cookies: [cookie(browserSecret)],
    });

    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('Access was refused');
    expect(answer.cookies).toHaveLength(1);
  });

  test('never shows markup that came from outside', async () => {
    const { callback, aBrowser } = aSite();
    const { state, browserSecret } = await aBrowser();

    const answer = await callback({
      queryStringParameters: { state, error: '<img src=x onerror=alert(1)>' },
      cookies: [cookie(browserSecret)],
    });

    expect(answer.body).not.toContain('<img');
  });

  test.each([
    ['nothing', {}],
    ['an unknown state', { queryStringParameters: { state: 'x', code: 'y' } }],
    [
      'a cookie of another name',
      { queryStringParameters: { state: 'x' }, cookies: ['a__Host-salesforce-sync=1'] },
    ],
  ])('answers %s with 410', async (_what, event) => {
    expect((await aSite().callback(event)).statusCode).toBe(410);
  });

  test.each([
    ['no event', null],
    ['an endless code', { queryStringParameters: { state: 'x', code: 'y'.repeat(5_000) } }],
    ['a number for a state', { queryStringParameters: { state: 7 } }],
  ])('answers %s with a page that tells nothing', async (_what, event) => {
    const { callback, log } = aSite();

    const answer = await callback(event);

    expect(answer.statusCode).toBe(500);
    expect(answer.body).toContain('Something went wrong');
    expect(log.lines).toHaveLength(1);
    expect(log.lines.join()).not.toContain('yyy');
  });
});
