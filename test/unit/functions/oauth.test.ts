import { describe, expect, test } from '@jest/globals';
import { makeHandler as makeAuthorize } from '../../../functions/oauth-authorize/make-handler.ts';
import { makeHandler as makeCallback } from '../../../functions/oauth-callback/make-handler.ts';
import { anAuthorization, SF_ORG } from '../use-cases/edges/an-authorization.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const aSite = () => {
  const authorization = anAuthorization();
  const log = aLog();
  const authorize = makeAuthorize(authorization.ports, log);
  const callback = makeCallback(authorization.ports, log);
  return {
    ...authorization,
    log,
    authorize: async (queryStringParameters?: Record<string, string>) =>
      authorize({ queryStringParameters }, aContext()),
    callback: async (event: unknown) => callback(event, aContext()),
  };
};

describe('GET /oauth/authorize', () => {
  test('redirects to Salesforce with a cookie for this browser and host alone', async () => {
    const { authorize, aTicket } = aSite();

    const answer = await authorize({ ticket: await aTicket() });

    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toMatch(/^https:\/\/login\.salesforce\.com\//);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(answer.cookies).toEqual([
      '__Host-salesforce-sync=secret-2; Path=/; Max-Age=600; HttpOnly; Secure; SameSite=Lax',
    ]);
  });

  test.each([
    ['no parameters', undefined, 400],
    ['no ticket', {}, 400],
    ['a forged ticket', { ticket: 'a.b' }, 403],
  ])('answers %s with a page', async (_what, query, statusCode) => {
    const answer = await aSite().authorize(query);

    expect(answer).toMatchObject({ statusCode, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(answer.cookies).toBeUndefined();
  });

  test('answers a used ticket with 410, an expired one with 410, an empty secret with 503', async () => {
    const { ports, clock, authorize, aTicket } = aSite();
    const used = await aTicket();
    await authorize({ ticket: used });
    const other = await aTicket();
    ports.secrets.appCredentials = undefined;

    expect((await authorize({ ticket: other })).statusCode).toBe(503);
    ports.secrets.appCredentials = { clientId: 'a', clientSecret: 'b', redirectUri: 'c' };
    expect((await authorize({ ticket: used })).statusCode).toBe(410);
    clock.advance(600_000);
    expect((await authorize({ ticket: other })).statusCode).toBe(410);
  });

  test('logs neither ticket, state nor cookie', async () => {
    const { authorize, aTicket, log } = aSite();
    const ticket = await aTicket();

    await authorize({ ticket });
    await authorize({ ticket: `${ticket}x` });

    expect(log.lines).toHaveLength(2);
    for (const secret of [ticket, 'secret-1', 'secret-2']) expect(log.lines.join()).not.toContain(secret);
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
