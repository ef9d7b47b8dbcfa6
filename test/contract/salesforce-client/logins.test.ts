import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { TokenResponse } from '../../../shared/contracts/salesforce.ts';
import { openSalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { makeServerFlows } from '../../../shared/salesforce-client/oauth/oauth-server-flows.ts';
import { makeTokenEndpoints } from '../../../shared/salesforce-client/oauth/oauth-tokens.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { APP, anOrg, callAdmin } from '../simulated-org/an-org.ts';

const { clientId, clientSecret } = APP;
const anRsaKey = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });

let keys: { readonly publicKey: string; readonly privateKey: string };
let simulated: SimulatedOrg;
let transport: HttpTransport;

beforeAll(() => {
  keys = anRsaKey();
});
beforeEach(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 3 });
  await callAdmin(simulated, 'POST', '/jwt-keys', { publicKey: keys.publicKey });
  transport = makeHttpTransport();
});
afterEach(async () => {
  transport.close();
  await simulated.close();
});

const options = () => ({
  transport: transport.send,
  trustedOrigins: [simulated.origin],
  nowMs: () => simulated.org.clock.now(),
});
const flows = () => makeServerFlows(options());
const endpoints = () => makeTokenEndpoints(options());
const logInByJwt = (changes: { username?: string; privateKey?: string; audience?: string } = {}) =>
  flows().jwtBearer({
    loginUrl: simulated.origin,
    clientId,
    username: simulated.org.users.integration.username,
    privateKey: keys.privateKey,
    ...changes,
  });
const countContacts = ({ instanceUrl, accessToken }: TokenResponse) =>
  openSalesforceClient({
    instanceUrl,
    accessToken,
    transport: transport.send,
    trustedOrigins: [simulated.origin],
  }).count(soql`SELECT COUNT() FROM Contact`);

describe('logging in by JWT', () => {
  test('gives a session that works, and no refresh token', async () => {
    const tokens = await logInByJwt();

    expect(tokens).toMatchObject({ instanceUrl: simulated.origin });
    expect(tokens).not.toHaveProperty('refreshToken');
    expect(await countContacts(tokens)).toBe(3);
  });

  test.each(['https://login.salesforce.com', 'https://test.salesforce.com'])(
    'may name %s',
    async (audience) => {
      expect(await countContacts(await logInByJwt({ audience }))).toBe(3);
    },
  );

  test('is refused for what the app did not sign, and for strangers', async () => {
    const refused = { name: 'SalesforceAuthError', code: 'invalid_grant' };

    expect(await rejection(logInByJwt({ privateKey: anRsaKey().privateKey }))).toMatchObject(refused);
    expect(await rejection(logInByJwt({ username: 'nobody@example.com' }))).toMatchObject(refused);
    expect(await rejection(logInByJwt({ audience: 'https://example.com' }))).toMatchObject(refused);
    simulated.org.settings.appIsPreapproved = false;
    expect(await rejection(logInByJwt())).toMatchObject({
      ...refused,
      detail: "user hasn't approved this consumer",
    });
  });

  test('fits this machine’s clock or fails', async () => {
    simulated.org.clock.advance(10 * 60_000);
    const late = makeServerFlows({ ...options(), nowMs: () => simulated.org.clock.now() - 5 * 60_000 });

    const refused = await rejection(
      late.jwtBearer({ loginUrl: simulated.origin, clientId, username: 'x', privateKey: keys.privateKey }),
    );

    expect(refused).toMatchObject({ code: 'invalid_grant' });
  });
});

describe('logging in by client credentials', () => {
  const logIn = (secret = clientSecret) =>
    flows().clientCredentials({ loginUrl: simulated.origin, clientId, clientSecret: secret });

  test('gives a session of the app’s own user', async () => {
    const tokens = await logIn();

    expect(tokens).not.toHaveProperty('refreshToken');
    expect(await countContacts(tokens)).toBe(3);
    const loginUrl = simulated.origin;
    expect((await endpoints().userInfo({ loginUrl, accessToken: tokens.accessToken })).sfUserId).toBe(
      simulated.org.users.integration.id,
    );
  });

  test('is refused with a wrong secret, and without a user to run as', async () => {
    expect(await rejection(logIn('a wrong secret'))).toMatchObject({
      code: 'invalid_client',
      next: { do: 'stop' },
    });
    simulated.org.settings.clientCredentialsUser = false;
    expect(await rejection(logIn())).toMatchObject({ code: 'invalid_grant' });
  });
});

test('logging in by username and password sends nothing', async () => {
  expect(() => flows().usernamePassword()).toThrow(/JWT bearer flow/);
  expect(simulated.org.requests.entries()).toEqual([]);
});

describe('a token', () => {
  const introspect = (token: string, secret = clientSecret) =>
    endpoints().introspect({ loginUrl: simulated.origin, token, clientId, clientSecret: secret });

  test('tells what it is good for, and until when', async () => {
    simulated.org.clock.freeze();
    const { access_token: token = '', refresh_token: refreshToken = '' } = simulated.org.issueTokens();

    const session = await introspect(token);

    expect(session).toMatchObject({
      isActive: true,
      scope: ['api', 'refresh_token'],
      clientId,
      username: simulated.org.users.integration.username,
      tokenType: 'access_token',
    });
    const endsMs = simulated.org.clock.now() + simulated.org.settings.sessionTimeoutMs;
    expect(session.isActive && Date.parse(session.expiresAt ?? '')).toBe(Math.floor(endsMs / 1000) * 1000);
    expect(await introspect(refreshToken)).toMatchObject({ isActive: true, tokenType: 'refresh_token' });
    expect(await introspect('nonsense')).toEqual({ isActive: false });
    expect(await rejection(introspect(token, 'a wrong secret'))).toMatchObject({ code: 'invalid_client' });
  });

  test('that is revoked ends with its family, and a second time does no harm', async () => {
    const { access_token: token = '', refresh_token: refreshToken = '' } = simulated.org.issueTokens();
    const loginUrl = simulated.origin;

    await endpoints().revoke({ loginUrl, token: refreshToken });
    await endpoints().revoke({ loginUrl, token: refreshToken });

    expect(await introspect(token)).toEqual({ isActive: false });
    expect(await introspect(refreshToken)).toEqual({ isActive: false });
    expect(await rejection(endpoints().userInfo({ loginUrl, accessToken: token }))).toMatchObject({
      code: 'INVALID_SESSION_ID',
      next: { do: 'refresh' },
    });
  });

  test('names its user, the same by user info and by identity', async () => {
    const { access_token: accessToken = '', id: identityUrl = '' } = simulated.org.issueTokens();
    const { integration } = simulated.org.users;

    const info = await endpoints().userInfo({ loginUrl: simulated.origin, accessToken });
    const identity = await endpoints().identity({ identityUrl, accessToken });

    expect(info).toMatchObject({ sfUserId: integration.id, username: integration.username });
    expect(identity).toMatchObject({
      sfUserId: info.sfUserId,
      sfOrgId: info.sfOrgId,
      username: info.username,
    });
    expect(await rejection(endpoints().identity({ identityUrl, accessToken: 'bad' }))).toMatchObject({
      code: 'INVALID_SESSION_ID',
    });
  });
});
