import { createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { TOKEN_REQUEST_TIMEOUT_MS } from '../../../../shared/contracts/lifetimes.ts';
import { parseIdentityUrl, verifyIdentity } from '../../../../shared/salesforce-client/oauth/identity.ts';
import { makeWebServerFlow } from '../../../../shared/salesforce-client/oauth/oauth.ts';
import { TransportFailure } from '../../../../shared/salesforce-client/transport/transport.ts';
import { type CannedAnswer, cannedTransport, rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const credentials = {
  clientId: 'client-id',
  clientSecret: 'client-secret',
  redirectUri: 'https://sync.example/oauth/callback',
};
const LOGIN = 'https://login.salesforce.com';
const IDENTITY = 'https://login.salesforce.com/id/00D8H0000004dNlUAI/0050P000007QAY9QAO';
const TOKENS = {
  access_token: '00D8H0000004dNl!AQ.x_y',
  refresh_token: '5Aep861',
  signature: 'c2ln',
  scope: 'refresh_token api',
  id_token: 'ignored',
  instance_url: 'https://acme.my.salesforce.com',
  id: IDENTITY,
  token_type: 'Bearer',
  issued_at: '1709932968780',
};

const client = (...answers: readonly (CannedAnswer | Error)[]) => {
  const transport = cannedTransport(...answers);
  return { oauth: makeWebServerFlow({ transport: transport.send }), sent: transport.sent };
};
const refresh = (oauth: ReturnType<typeof makeWebServerFlow>, loginUrl = LOGIN) =>
  oauth.refresh({ loginUrl, refreshToken: 'refresh-secret', credentials });
const exchange = (oauth: ReturnType<typeof makeWebServerFlow>) =>
  oauth.exchangeCode({ loginUrl: LOGIN, code: 'code-secret==', codeVerifier: 'verifier', credentials });

describe('authorising', () => {
  test('sends the browser with a challenge, and with what is asked for', () => {
    const url = new URL(
      client().oauth.authorizeUrl({ loginUrl: LOGIN, state: 's+/', codeChallenge: 'challenge', credentials }),
    );

    expect(url.origin + url.pathname).toBe('https://login.salesforce.com/services/oauth2/authorize');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'client-id',
      redirect_uri: credentials.redirectUri,
      scope: 'api refresh_token',
      state: 's+/',
      code_challenge: 'challenge',
      code_challenge_method: 'S256',
    });
  });

  test('exchanges the code, with all secrets in the body', async () => {
    const { oauth, sent } = client({ body: TOKENS });

    expect(await exchange(oauth)).toEqual({
      accessToken: TOKENS.access_token,
      refreshToken: '5Aep861',
      instanceUrl: 'https://acme.my.salesforce.com',
      id: IDENTITY,
      issuedAt: '1709932968780',
      signature: 'c2ln',
      scope: 'refresh_token api',
    });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: `${LOGIN}/services/oauth2/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      timeoutMs: TOKEN_REQUEST_TIMEOUT_MS,
    });
    expect(sent[0]?.headers).not.toHaveProperty('authorization');
    expect(Object.fromEntries(new URLSearchParams(String(sent[0]?.body)))).toEqual({
      grant_type: 'authorization_code',
      code: 'code-secret==',
      code_verifier: 'verifier',
      client_id: 'client-id',
      client_secret: 'client-secret',
      redirect_uri: credentials.redirectUri,
    });
  });

  test('refreshes, with a new refresh token or without', async () => {
    const { refresh_token: _, ...without } = TOKENS;
    const { oauth, sent } = client({ body: without }, { body: TOKENS });

    expect('refreshToken' in (await refresh(oauth))).toBe(false);
    expect((await refresh(oauth)).refreshToken).toBe('5Aep861');
    expect(Object.fromEntries(new URLSearchParams(String(sent[0]?.body)))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-secret',
      client_id: 'client-id',
      client_secret: 'client-secret',
    });
  });

  test.each([
    'http://login.salesforce.com',
    'https://evil.example',
    'https://acme.my.site.com',
    'https://na73.salesforce.com',
  ])('gives the client secret to nobody else: %s', async (loginUrl) => {
    const { oauth, sent } = client();

    expect(await rejection(refresh(oauth, loginUrl))).toMatchObject({
      code: 'UNTRUSTED_LOGIN_URL',
      next: { do: 'stop' },
    });
    expect(() => oauth.authorizeUrl({ loginUrl, state: '', codeChallenge: '', credentials })).toThrow();
    expect(sent).toEqual([]);
  });

  test.each(['https://evil.example', 'nonsense'])(
    'hands over a pair whose instance is %s, so that the caller can store it before judging',
    async (instance_url) => {
      const { oauth } = client({ body: { ...TOKENS, instance_url } });

      expect(await refresh(oauth)).toMatchObject({ instanceUrl: instance_url });
    },
  );

  test.each([
    { access_token: '' },
    { access_token: 'a\r\nb' },
    { access_token: 1 },
    { id: undefined },
    { refresh_token: 'é' },
  ])('stops at an answer with %j', async (change) => {
    const { oauth } = client({ body: { ...TOKENS, ...change } });
    const error = await rejection(refresh(oauth));

    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', next: { do: 'stop' } });
    expect(String(error)).not.toContain(TOKENS.refresh_token);
  });
});

describe('a refused token request', () => {
  test.each(['my client-secret', 'client-secret', 'a b'])(
    'has a code, or one that cannot be quoted: %s',
    async (error) => {
      const { oauth } = client({ status: 400, body: { error } });

      expect(await rejection(refresh(oauth))).toMatchObject({ code: 'UNEXPECTED_LOGIN_ERROR' });
    },
  );

  test.each([
    [400, 'invalid_grant', 'expired access/refresh token', { do: 'reauthorize' }],
    [400, 'invalid_grant', 'user hasn’t approved this consumer', { do: 'reauthorize' }],
    [400, 'inactive_user', 'user is inactive', { do: 'reauthorize' }],
    [400, 'inactive_org', 'org locked', { do: 'reauthorize' }],
    [400, 'OAUTH_APP_BLOCKED', '', { do: 'reauthorize' }],
    [400, 'access-denied', '', { do: 'reauthorize' }],
    [400, 'invalid_client_id', 'client identifier invalid', { do: 'stop' }],
    [401, 'invalid_client', 'invalid client credentials', { do: 'stop' }],
    [400, 'redirect_uri_mismatch', 'redirect_uri must match configuration', { do: 'stop' }],
    [400, 'unsupported_grant_type', 'grant type not supported', { do: 'stop' }],
    [400, 'invalid_request', '', { do: 'stop' }],
  ])('%i %s (%s) says what to do', async (status, error, error_description, next) => {
    const { oauth, sent } = client({ status, body: { error, error_description } });

    expect(await rejection(refresh(oauth))).toMatchObject({
      name: 'SalesforceAuthError',
      code: error,
      next,
      status,
      detail: error_description,
    });
    expect(sent).toHaveLength(1);
  });

  test.each([
    'token request is already being processed',
    'Token request is already being processed.',
    'expired authorization code',
  ])('by a refresh that runs elsewhere means to look again: %s', async (error_description) => {
    const body = { error: 'invalid_grant', error_description };

    expect(await rejection(refresh(client({ status: 400, body }).oauth))).toMatchObject({
      code: 'REFRESH_IN_PROGRESS',
      next: { do: 'reread' },
    });
    expect(await rejection(exchange(client({ status: 400, body }).oauth))).toMatchObject({
      code: 'invalid_grant',
    });
  });

  test('by too many logins means to wait', async () => {
    const { oauth } = client({
      status: 400,
      body: { error: 'rate_limit_exceeded', error_description: 'login rate exceeded' },
    });

    expect(await rejection(refresh(oauth))).toMatchObject({
      name: 'SalesforceRateLimitError',
      next: { do: 'retry' },
    });
  });

  test.each<[string, CannedAnswer | Error]>([
    ['an outage', { status: 503, body: '<html>' }],
    ['an outage that looks like a refusal', { status: 500, body: { error: 'invalid_grant' } }],
    ['an error of the server', { status: 400, body: { error: 'server_error' } }],
    ['a page with status 200', { status: 200, body: '<html>maintenance</html>' }],
    ['an empty answer', { status: 200 }],
    ['a page of a proxy', { status: 407, body: '<html>' }],
    ['an error of another kind', { status: 404, body: [{ errorCode: 'NOT_FOUND', message: '' }] }],
    ['a redirect', { status: 302 }],
    ['a silence', new TransportFailure('timeout', true)],
    ['a broken connection', new TransportFailure('connection', false)],
  ])('by %s is a passing trouble, and is not repeated here', async (_, answer) => {
    const { oauth, sent } = client(answer);

    expect(await rejection(refresh(oauth))).toMatchObject({
      name: 'SalesforceApiError',
      code: 'UNAVAILABLE',
      next: { do: 'retry' },
    });
    expect(sent).toHaveLength(1);
  });

  test('tells no secret', async () => {
    const { oauth } = client({ status: 400, body: { error: 'invalid_grant', error_description: 'expired' } });
    const error = (await rejection(refresh(oauth))) as Error;

    expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/-secret/);
  });

  replay('is understood as it was recorded', async () => {
    const dead = client({ status: 400, body: fixtureJson('restforce/refresh_error_response.json') });
    expect(await rejection(refresh(dead.oauth))).toMatchObject({
      code: 'invalid_grant',
      next: { do: 'reauthorize' },
      detail: 'expired access/refresh token',
    });

    const { oauth } = client({ body: fixtureJson('restforce/refresh_success_response.json') });
    expect(await refresh(oauth)).toMatchObject({
      accessToken: 'refreshed_access_token',
      instanceUrl: 'https://na1.salesforce.com',
    });
  });
});

describe('the identity', () => {
  const signed = (id = IDENTITY, issuedAt = '1709932968780', secret = 'client-secret') => ({
    id,
    issuedAt,
    signature: createHmac('sha256', secret)
      .update(id + issuedAt)
      .digest('base64'),
  });

  test('is taken with its signature alone', () => {
    expect(verifyIdentity(signed(), 'client-secret')).toBe(true);
    expect(verifyIdentity(signed(), 'other-secret')).toBe(false);
    expect(verifyIdentity({ ...signed(), id: `${IDENTITY}x` }, 'client-secret')).toBe(false);
    expect(verifyIdentity({ ...signed(), issuedAt: '1' }, 'client-secret')).toBe(false);
    expect(verifyIdentity({ id: IDENTITY, issuedAt: '1' }, 'client-secret')).toBe(false);
    expect(verifyIdentity({ id: IDENTITY, signature: 'x' }, 'client-secret')).toBe(false);
    expect(verifyIdentity({ ...signed(), signature: '' }, 'client-secret')).toBe(false);
    expect(verifyIdentity({ ...signed(), signature: 'é'.repeat(44) }, 'client-secret')).toBe(false);
  });

  test('names org and user with 18 characters', () => {
    const named = { sfOrgId: '00D8H0000004dNlUAI', sfUserId: '0050P000007QAY9QAO' };

    expect(parseIdentityUrl(IDENTITY)).toEqual(named);
    expect(parseIdentityUrl('https://test.salesforce.com/id/00D8H0000004dNl/0050P000007QAY9')).toEqual(named);
  });

  test.each([
    '',
    'x',
    'https://login.salesforce.com/id/foo/bar',
    `${IDENTITY}/x`,
    IDENTITY.replace('/id/', '/ID/'),
    IDENTITY.replace('00D8H', '0018H'),
  ])('is refused as %j', (url) => {
    expect(() => parseIdentityUrl(url)).toThrow(expect.objectContaining({ code: 'INVALID_IDENTITY' }));
  });

  replay('is read from recorded responses', () => {
    for (const path of [
      'sf-dahlia-web/extracted/token-response.json',
      'restforce/auth_success_response.json',
    ]) {
      const { sfOrgId, sfUserId } = parseIdentityUrl(fixtureJson<{ id: string }>(path).id);
      expect([sfOrgId, sfUserId]).toEqual([
        expect.stringMatching(/^00D.{15}$/),
        expect.stringMatching(/^005.{15}$/),
      ]);
    }
  });
});
