import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../local/salesforce/simulated-org.ts';
import { APP, anOrg, aVerifier, call, decide, read, requestToken } from './an-org.ts';

let simulated: SimulatedOrg;

beforeEach(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 1 });
});
afterEach(() => simulated.close());

/** Goes through consent and returns the first tokens. */
const logIn = async (): Promise<Record<string, string>> => {
  const code = (await decide(simulated)).searchParams.get('code') ?? '';
  const reply = await requestToken(simulated, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: APP.redirectUri,
  });
  return reply.body;
};

const refresh = (token = '') =>
  requestToken(simulated, { grant_type: 'refresh_token', refresh_token: token });

const expired = { error: 'invalid_grant', error_description: 'expired access/refresh token' };

describe('consent', () => {
  test('shows a person what the app asks for, with whatever the app sent escaped', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: APP.redirectUri,
      scope: 'api',
      state: '"><script>alert(1)</script>',
    });

    const page = await read(await fetch(`${simulated.origin}/services/oauth2/authorize?${query}`));

    expect(page.status).toBe(200);
    expect(page.body).toContain('value="allow"');
    expect(page.body).not.toContain('<script>');
  });

  test('sends the person back with the state as it came, and a code that ends in ==', async () => {
    const callback = await decide(simulated, { state: 'a&b=c d' });

    expect(callback.href.startsWith(APP.redirectUri)).toBe(true);
    expect(callback.searchParams.get('state')).toBe('a&b=c d');
    expect(callback.search).toMatch(/code=[^&]+%3D%3D/);
  });

  test('sends a refusal back as access_denied', async () => {
    const callback = await decide(simulated, {}, 'deny');

    expect(callback.searchParams.get('error')).toBe('access_denied');
    expect(callback.searchParams.get('error_description')).toBe('end-user denied authorization');
    expect(callback.searchParams.has('code')).toBe(false);
  });

  test.each([
    [
      'an address that nobody registered',
      { redirect_uri: 'http://evil.example.com/' },
      'redirect_uri_mismatch',
    ],
    ['an app that nobody knows', { client_id: 'someone-else' }, 'invalid_client_id'],
  ])('never redirects to %s', async (_, parameters, error) => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: APP.redirectUri,
      ...parameters,
    });

    const reply = await fetch(`${simulated.origin}/services/oauth2/authorize?${query}`, {
      redirect: 'manual',
    });

    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain(error);
  });

  test.each([
    ['the plain method', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['a challenge of a wrong length', { code_challenge: 'short', code_challenge_method: 'S256' }],
  ])('refuses %s of PKCE', async (_, parameters) => {
    const callback = await decide(simulated, parameters);

    expect(callback.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('a code', () => {
  test('gives tokens that are signed and say nothing of their end', async () => {
    const tokens = await logIn();

    const signed = createHmac('sha256', APP.clientSecret)
      .update(`${tokens.id}${tokens.issued_at}`)
      .digest('base64');
    expect(tokens).toMatchObject({ signature: signed, instance_url: simulated.origin, token_type: 'Bearer' });
    expect(tokens.id).toBe(`${simulated.origin}/id/${simulated.orgId}/${simulated.org.users.integration.id}`);
    expect(tokens.issued_at).toMatch(/^\d{13}$/);
    expect(tokens.access_token?.startsWith(`${simulated.orgId.slice(0, 15)}!`)).toBe(true);
    expect(tokens).not.toHaveProperty('expires_in');
  });

  test('is good for one use', async () => {
    const code = (await decide(simulated)).searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: APP.redirectUri };
    await requestToken(simulated, form);

    const second = await requestToken(simulated, form);

    expect(second.status).toBe(400);
    expect(second.body).toEqual({ error: 'invalid_grant', error_description: 'expired authorization code' });
  });

  test('ends after a quarter of an hour', async () => {
    const code = (await decide(simulated)).searchParams.get('code') ?? '';
    simulated.org.clock.advance(15 * 60_000 + 1_000);

    const reply = await requestToken(simulated, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: APP.redirectUri,
    });

    expect(reply.body.error_description).toBe('expired authorization code');
  });

  test.each([
    ['no verifier', undefined],
    ['another verifier', aVerifier().verifier],
  ])('begun with a challenge is refused with %s', async (_, verifier) => {
    const { challenge } = aVerifier();
    const callback = await decide(simulated, { code_challenge: challenge, code_challenge_method: 'S256' });

    const reply = await requestToken(simulated, {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: APP.redirectUri,
      ...(verifier === undefined ? {} : { code_verifier: verifier }),
    });

    expect(reply.body).toEqual({ error: 'invalid_grant', error_description: 'invalid code verifier' });
  });

  test('without the right secret gives nothing', async () => {
    const code = (await decide(simulated)).searchParams.get('code') ?? '';

    const reply = await requestToken(simulated, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: APP.redirectUri,
      client_secret: 'wrong',
    });

    expect(reply.body).toEqual({ error: 'invalid_client', error_description: 'invalid client credentials' });
  });
});

describe('a refresh', () => {
  test('without rotation gives an access token alone, as often as asked', async () => {
    const tokens = await logIn();

    const first = await refresh(tokens.refresh_token);
    const second = await refresh(tokens.refresh_token);

    expect(first.body).not.toHaveProperty('refresh_token');
    expect(second.body.access_token).not.toBe(first.body.access_token);
    expect((await call(simulated, second.body.access_token, 'GET', '/limits')).status).toBe(200);
  });

  test('with rotation gives the next refresh token, and the old one ends everything', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn();
    const rotated = await refresh(tokens.refresh_token);

    const reuse = await refresh(tokens.refresh_token);
    const successor = await refresh(rotated.body.refresh_token);

    expect(rotated.body.refresh_token).not.toBe(tokens.refresh_token);
    expect(reuse.body).toEqual(expired);
    expect(successor.body).toEqual(expired);
    expect((await call(simulated, rotated.body.access_token, 'GET', '/limits')).status).toBe(401);
  });

  test('with rotation, and reuse forgiven, leaves the successor alive', async () => {
    Object.assign(simulated.org.settings, { rotateRefreshTokens: true, reuseRevokesFamily: false });
    const tokens = await logIn();
    const rotated = await refresh(tokens.refresh_token);

    const reuse = await refresh(tokens.refresh_token);
    const successor = await refresh(rotated.body.refresh_token);

    expect(reuse.body).toEqual(expired);
    expect(successor.status).toBe(200);
  });

  test('of a token that is being refreshed is refused without harm', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn();
    const underWay = simulated.org.tokens.beginRefresh(tokens.refresh_token ?? '', APP.clientId);

    const second = await refresh(tokens.refresh_token);
    const first = typeof underWay === 'object' ? underWay.end() : underWay;

    expect(second.body).toEqual({
      error: 'invalid_grant',
      error_description: 'token request is already being processed',
    });
    expect(typeof first === 'object' && (await refresh(first.refreshToken)).status).toBe(200);
    expect(simulated.org.requests.counts().granted['token-refresh']).toBe(1);
  });

  test('whose answer is lost has happened all the same', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn();
    simulated.org.faults.add({ kind: 'drop-after', path: '/services/oauth2/token' });

    await expect(refresh(tokens.refresh_token)).rejects.toThrow('fetch failed');

    expect((await refresh(tokens.refresh_token)).body).toEqual(expired);
  });

  test('fails once a sixth approval has pushed the first one out', async () => {
    const first = await logIn();
    const second = await logIn();
    for (let more = 0; more < 4; more += 1) await logIn();

    expect((await refresh(first.refresh_token)).body).toEqual(expired);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  test('fails after a revocation, which also ends the sessions', async () => {
    const tokens = await logIn();
    const body = new URLSearchParams({ token: tokens.refresh_token ?? '' });

    const revoked = await fetch(`${simulated.origin}/services/oauth2/revoke`, { method: 'POST', body });

    expect(revoked.status).toBe(200);
    expect((await refresh(tokens.refresh_token)).body).toEqual(expired);
    expect((await call(simulated, tokens.access_token ?? '', 'GET', '/limits')).status).toBe(401);
  });
});

describe('a session', () => {
  test('lasts as long as it is used', async () => {
    const { access_token: token = '' } = await logIn();
    const nearlyTwoHours = 2 * 60 * 60_000 - 60_000;

    simulated.org.clock.advance(nearlyTwoHours);
    const used = await call(simulated, token, 'GET', '/limits');
    simulated.org.clock.advance(nearlyTwoHours);
    const usedAgain = await call(simulated, token, 'GET', '/limits');
    simulated.org.clock.advance(nearlyTwoHours + 120_000);
    const unused = await call(simulated, token, 'GET', '/limits');

    expect([used.status, usedAgain.status, unused.status]).toEqual([200, 200, 401]);
    expect(unused.body).toEqual([{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]);
    expect(unused.headers.has('sforce-limit-info')).toBe(false);
  });

  test('cannot be guessed, and a malformed header is told apart', async () => {
    const guessed = await call(simulated, 'guessed', 'GET', '/limits');
    const malformed = await call(simulated, '', 'GET', '/limits', undefined, { authorization: 'nonsense' });

    expect(guessed.body[0].errorCode).toBe('INVALID_SESSION_ID');
    expect([malformed.status, malformed.body[0].errorCode]).toEqual([401, 'INVALID_AUTH_HEADER']);
  });
});
