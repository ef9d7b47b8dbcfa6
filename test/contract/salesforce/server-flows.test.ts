import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../local/salesforce/simulated-org.ts';
import { type HttpTransport, makeHttpTransport } from '../../../shared/salesforce/http-transport.ts';
import { makeServerFlows } from '../../../shared/salesforce/oauth-server-flows.ts';
import { makeTokenEndpoints } from '../../../shared/salesforce/oauth-tokens.ts';
import { APP, anOrg, call, callAdmin } from '../simulated-org/an-org.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
let simulated: SimulatedOrg;
let http: HttpTransport;

beforeEach(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 1 });
  http = makeHttpTransport();
});
afterEach(async () => {
  http.close();
  await simulated.close();
});

const options = () => ({ transport: http.send, trustedOrigins: [simulated.origin] });
const flows = () => makeServerFlows(options());
const endpoints = () => makeTokenEndpoints(options());
const credentials = { clientId: APP.clientId, clientSecret: APP.clientSecret };

describe('logins of servers, against an org', () => {
  test('a JWT that the app holds the key of gives a session that works, and no refresh token', async () => {
    await callAdmin(simulated, 'POST', '/jwt-keys', { publicKey });
    const { username } = simulated.org.users.integration;

    const { accessToken, refreshToken, instanceUrl } = await flows().jwtBearer({
      loginUrl: simulated.origin,
      clientId: APP.clientId,
      username,
      privateKey,
      audience: 'https://login.salesforce.com',
    });

    expect(refreshToken).toBeUndefined();
    expect(instanceUrl).toBe(simulated.origin);
    expect((await call(simulated, accessToken, 'GET', '/limits')).status).toBe(200);
  });

  test('a JWT that another key signed is refused, and only a person can mend that', async () => {
    const { username } = simulated.org.users.integration;
    const request = { loginUrl: simulated.origin, clientId: APP.clientId, username, privateKey };

    await expect(flows().jwtBearer(request)).rejects.toMatchObject({ name: 'SalesforceAuthError' });
  });

  test('client credentials act for the user that the app runs as', async () => {
    const { integration } = simulated.org.users;
    await callAdmin(simulated, 'POST', '/settings', { clientCredentialsUser: integration.username });

    const { accessToken } = await flows().clientCredentials({ loginUrl: simulated.origin, ...credentials });

    expect(await endpoints().userInfo({ loginUrl: simulated.origin, accessToken })).toMatchObject({
      username: integration.username,
    });
  });

  test('username and password are refused with what to use instead', () => {
    expect(() => flows().usernamePassword()).toThrow(/JWT bearer|client credentials/i);
  });
});

describe('tokens, against an org', () => {
  test('say who they are, that they live, and after revoking that they do not', async () => {
    const { access_token: accessToken = '', id = '' } = simulated.org.issueTokens();
    const loginUrl = simulated.origin;
    const introspect = () => endpoints().introspect({ loginUrl, token: accessToken, ...credentials });

    expect(await endpoints().identity({ identityUrl: id, accessToken })).toMatchObject({
      username: simulated.org.users.integration.username,
    });
    expect(await introspect()).toMatchObject({ isActive: true });
    await endpoints().revoke({ loginUrl, token: accessToken });
    expect(await introspect()).toEqual({ isActive: false });
    await endpoints().revoke({ loginUrl, token: accessToken });
  });
});
