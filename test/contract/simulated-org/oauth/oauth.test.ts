import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { APP, aVerifier, decide, logIn, orgForEachTest, read, requestToken } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 1 });
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
    const tokens = await logIn(simulated);

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
