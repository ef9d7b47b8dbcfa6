import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseIdentityUrl, verifyIdentity } from '../../../shared/salesforce-client/oauth/identity.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import type { LoginUnderTest } from './oauth-client/login-under-test.ts';

const VERIFIER = 'v'.repeat(64);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');
const OUTAGE = { name: 'SalesforceApiError', code: 'UNAVAILABLE', next: { do: 'retry' } };
const GRANT_GONE = { name: 'SalesforceAuthError', code: 'invalid_grant', next: { do: 'reauthorize' } };

/** What every OAuthClient, and every TokenRevoker, does. @param start - makes a server, one for each test */
export const oauthClientSuite = (start: () => Promise<LoginUnderTest>): void => {
  let login: LoginUnderTest | undefined;
  beforeEach(async () => {
    login = await start();
  });
  afterEach(() => login?.close());
  const open = (): LoginUnderTest => {
    if (!login) throw new Error('the server has not been started');
    return login;
  };

  const authorizeUrl = () => {
    const { oauth, loginUrl, credentials } = open();
    return oauth.authorizeUrl({ loginUrl, state: 'the state', codeChallenge: CHALLENGE, credentials });
  };
  const aCode = () => open().allow(authorizeUrl());
  const exchange = (code: string, change: { codeVerifier?: string; credentials?: object } = {}) => {
    const { oauth, loginUrl, credentials } = open();
    return oauth.exchangeCode({
      loginUrl,
      code,
      codeVerifier: change.codeVerifier ?? VERIFIER,
      credentials: { ...credentials, ...change.credentials },
    });
  };
  const refresh = (refreshToken: string) => {
    const { oauth, loginUrl, credentials } = open();
    return oauth.refresh({ loginUrl, refreshToken, credentials });
  };
  const revoke = (token: string) => open().oauth.revoke({ loginUrl: open().loginUrl, token });
  const connected = async () => {
    const { refreshToken, ...rest } = await exchange(await aCode());
    if (refreshToken === undefined) throw new Error('the first tokens have a refresh token');
    return { ...rest, refreshToken };
  };

  describe('the address for the browser', () => {
    test('names the app, what it asks for, and the PKCE challenge', () => {
      const { loginUrl, credentials } = open();
      const url = new URL(authorizeUrl());

      expect(url.origin + url.pathname).toBe(`${loginUrl}/services/oauth2/authorize`);
      expect(Object.fromEntries(url.searchParams)).toEqual({
        response_type: 'code',
        client_id: credentials.clientId,
        redirect_uri: credentials.redirectUri,
        scope: 'api refresh_token',
        state: 'the state',
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      });
    });
  });

  describe('a code', () => {
    test('is exchanged for tokens, and an identity that Salesforce signed', async () => {
      const response = await exchange(await aCode());

      expect(open().isLive(response.accessToken)).toBe(true);
      expect(response.refreshToken).toEqual(expect.any(String));
      expect(new URL(response.instanceUrl).origin).toBe(response.instanceUrl);
      expect(response.scope?.split(' ')).toEqual(expect.arrayContaining(['api', 'refresh_token']));
      expect(verifyIdentity(response, open().credentials.clientSecret)).toBe(true);
      expect(parseIdentityUrl(response.id)).toEqual({
        sfOrgId: expect.stringMatching(/^00D\w{15}$/),
        sfUserId: expect.stringMatching(/^005\w{15}$/),
      });
    });

    test('is good once', async () => {
      const code = await aCode();
      await exchange(code);

      expect(await rejection(exchange(code))).toMatchObject(GRANT_GONE);
    });

    test('is good with its verifier alone, and a wrong one uses it up', async () => {
      const code = await aCode();

      expect(await rejection(exchange(code, { codeVerifier: 'w'.repeat(64) }))).toMatchObject(GRANT_GONE);
      expect(await rejection(exchange(code))).toMatchObject(GRANT_GONE);
    });

    test('that was never given is refused', async () => {
      expect(await rejection(exchange('unknown'))).toMatchObject(GRANT_GONE);
    });

    test.each([
      ['secret', { clientSecret: 'wrong-secret' }, 'invalid_client'],
      ['client id', { clientId: 'wrong-id' }, 'invalid_client_id'],
      ['callback', { redirectUri: 'https://elsewhere.example/callback' }, 'redirect_uri_mismatch'],
    ])('stops with the wrong %s', async (_, credentials, code) => {
      expect(await rejection(exchange(await aCode(), { credentials }))).toMatchObject({
        name: 'SalesforceAuthError',
        code,
        next: { do: 'stop' },
      });
    });
  });

  describe('a refresh', () => {
    test('without rotation gives an access token, and leaves the refresh token as it is', async () => {
      open().setRotation(false);
      const first = await connected();

      const fresh = await refresh(first.refreshToken);

      expect(fresh).not.toHaveProperty('refreshToken');
      expect(fresh).toMatchObject({ instanceUrl: first.instanceUrl, id: first.id });
      expect(fresh.accessToken).not.toBe(first.accessToken);
      expect(open().isLive(fresh.accessToken)).toBe(true);
      expect(await refresh(first.refreshToken)).toMatchObject({ accessToken: expect.any(String) });
    });

    test('with rotation gives a new pair, and the old token is good no more', async () => {
      open().setRotation(true);
      const first = await connected();

      const second = await refresh(first.refreshToken);
      expect(second.refreshToken).not.toBe(first.refreshToken);
      const third = await refresh(second.refreshToken ?? '');
      expect(open().isLive(third.accessToken)).toBe(true);

      expect(await rejection(refresh(first.refreshToken))).toMatchObject(GRANT_GONE);
    });

    test('beside another of the same token is told so, and that one succeeds', async () => {
      open().setRotation(true);
      const { refreshToken } = await connected();

      const outcomes = await Promise.allSettled([refresh(refreshToken), refresh(refreshToken)]);

      expect(outcomes).toContainEqual({
        status: 'fulfilled',
        value: expect.objectContaining({ accessToken: expect.any(String) }),
      });
      expect(outcomes).toContainEqual({
        status: 'rejected',
        reason: expect.objectContaining({
          name: 'SalesforceAuthError',
          code: 'REFRESH_IN_PROGRESS',
          next: { do: 'reread' },
        }),
      });
    });

    test('of a token that was never given needs a person', async () => {
      expect(await rejection(refresh('unknown'))).toMatchObject(GRANT_GONE);
    });

    test('with the wrong secret stops, and ends nothing', async () => {
      const { oauth, loginUrl, credentials } = open();
      const { refreshToken } = await connected();
      const wrong = { ...credentials, clientSecret: 'wrong-secret' };

      expect(await rejection(oauth.refresh({ loginUrl, refreshToken, credentials: wrong }))).toMatchObject({
        name: 'SalesforceAuthError',
        code: 'invalid_client',
        next: { do: 'stop' },
      });
      await refresh(refreshToken);
    });
  });

  describe('a revocation', () => {
    test('of a refresh token ends it and its sessions, and may be repeated', async () => {
      const { accessToken, refreshToken } = await connected();

      await revoke(refreshToken);
      await revoke(refreshToken);

      expect(open().isLive(accessToken)).toBe(false);
      expect(await rejection(refresh(refreshToken))).toMatchObject(GRANT_GONE);
    });

    test('of an access token ends that session alone', async () => {
      const { accessToken, refreshToken } = await connected();

      await revoke(accessToken);

      expect(open().isLive(accessToken)).toBe(false);
      await refresh(refreshToken);
    });

    test('of a token that was never given is as good as done', async () => {
      await expect(revoke('unknown')).resolves.toBeUndefined();
    });
  });

  describe('an outage', () => {
    test('is worth another try, and uses nothing up', async () => {
      const { under } = open();
      const { refreshToken } = await connected();
      const code = await aCode();

      expect(await rejection(under('unavailable', () => exchange(code)))).toMatchObject(OUTAGE);
      expect(await rejection(under('unavailable', () => refresh(refreshToken)))).toMatchObject(OUTAGE);
      expect(await rejection(under('unavailable', () => revoke(refreshToken)))).toMatchObject(OUTAGE);

      await exchange(code);
      await refresh(refreshToken);
    });
  });

  describe('a lost answer', () => {
    test('looks like an outage, but with rotation the token is spent', async () => {
      open().setRotation(true);
      const { refreshToken } = await connected();

      expect(await rejection(open().under('lost-answer', () => refresh(refreshToken)))).toMatchObject(OUTAGE);

      expect(await rejection(refresh(refreshToken))).toMatchObject(GRANT_GONE);
    });

    test('does no harm without rotation', async () => {
      open().setRotation(false);
      const { refreshToken } = await connected();

      expect(await rejection(open().under('lost-answer', () => refresh(refreshToken)))).toMatchObject(OUTAGE);

      await refresh(refreshToken);
    });
  });

  describe('what is sent', () => {
    test('goes to no address that is not Salesforce’s', async () => {
      const { oauth, credentials } = open();
      const loginUrl = 'https://login.example';
      const untrusted = { name: 'SalesforceAuthError', code: 'UNTRUSTED_LOGIN_URL', next: { do: 'stop' } };
      const address = async () =>
        oauth.authorizeUrl({ loginUrl, state: 's', codeChallenge: CHALLENGE, credentials });

      expect(await rejection(address())).toMatchObject(untrusted);
      for (const asking of [
        async () => oauth.exchangeCode({ loginUrl, code: 'c', codeVerifier: VERIFIER, credentials }),
        async () => oauth.refresh({ loginUrl, refreshToken: 'r', credentials }),
        async () => oauth.revoke({ loginUrl, token: 't' }),
      ]) {
        expect(await rejection(asking())).toMatchObject(untrusted);
      }
    });

    test('stands in no error', async () => {
      const { credentials } = open();
      const code = await aCode();
      await exchange(code);

      const error = await rejection(exchange(code));

      const text = error instanceof Error ? `${error.stack}${JSON.stringify(error)}` : '';
      expect(text).toContain('invalid_grant');
      for (const secret of [code, VERIFIER, credentials.clientSecret]) expect(text).not.toContain(secret);
    });
  });
};
