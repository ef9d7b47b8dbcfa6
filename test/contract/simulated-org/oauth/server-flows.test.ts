import { generateKeyPairSync, sign } from 'node:crypto';
import { request } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { APP, anOrg, call, callAdmin, type Reply, read, requestToken } from '../an-org.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
let keys: { publicKey: string; privateKey: string };
let simulated: SimulatedOrg;

beforeAll(() => {
  keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
});
beforeEach(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 1 });
  await callAdmin(simulated, 'POST', '/jwt-keys', { publicKey: keys.publicKey });
});
afterEach(() => simulated.close());

const nowS = (): number => Math.floor(simulated.org.clock.now() / 1000);
const anAssertion = (changes: object = {}, alg = 'RS256'): string => {
  const claims = {
    iss: APP.clientId,
    sub: simulated.org.users.integration.username,
    aud: 'https://login.salesforce.com',
    exp: nowS() + 120,
    ...changes,
  };
  const parts = [{ alg }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  const signature = sign('RSA-SHA256', Buffer.from(parts.join('.')), keys.privateKey).toString('base64url');
  return [...parts, signature].join('.');
};
/** Without client id and secret, which this flow does not need. */
const redeem = async (assertion: string): Promise<Reply> => {
  const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion });
  return read(await fetch(`${simulated.origin}/services/oauth2/token`, { method: 'POST', body }));
};

describe('the JWT bearer flow', () => {
  test('gives a session without a refresh token, the same one while it lives', async () => {
    const first = await redeem(anAssertion());
    const second = await redeem(anAssertion());
    simulated.org.expireAccessTokens();
    const third = await redeem(anAssertion());

    expect(Object.keys(first.body).sort()).toEqual([
      'access_token',
      'id',
      'instance_url',
      'scope',
      'token_type',
    ]);
    expect(second.body.access_token).toBe(first.body.access_token);
    expect(third.body.access_token).not.toBe(first.body.access_token);
    expect((await call(simulated, third.body.access_token, 'GET', '/limits')).status).toBe(200);
  });

  test.each([
    ['a wrong app', { iss: 'someone' }, 'invalid_client_id', 'client identifier invalid'],
    ['a wrong audience', { aud: 'https://example.com' }, 'invalid_grant', 'audience is invalid'],
    ['an unknown user', { sub: 'nobody' }, 'invalid_grant', 'authentication failure'],
    ['a time in milliseconds', { exp: Date.now() }, 'invalid_grant', 'invalid assertion'],
    ['a time that is over', { exp: 1 }, 'invalid_grant', 'expired authorization code'],
  ])('refuses %s', async (_, changes, error, description) => {
    const reply = await redeem(anAssertion(changes));

    expect([reply.status, reply.body]).toEqual([400, { error, error_description: description }]);
  });

  test('refuses what the app did not sign', async () => {
    const [head, body, signature] = anAssertion().split('.');
    const forged = Buffer.from(JSON.stringify({ iss: APP.clientId, sub: 'x' })).toString('base64url');

    const replies = [
      await redeem([head, forged, signature].join('.')),
      await redeem([head, body, ''].join('.')),
      await redeem(anAssertion({}, 'none')),
      await redeem('nonsense'),
    ];
    await callAdmin(simulated, 'DELETE', '/jwt-keys');
    replies.push(await redeem(anAssertion()));

    for (const { body: refused } of replies) expect(refused).toMatchObject({ error: 'invalid_grant' });
  });

  test('needs the approval of an admin', async () => {
    simulated.org.settings.appIsPreapproved = false;

    const reply = await redeem(anAssertion());

    expect(reply.body.error_description).toBe("user hasn't approved this consumer");
  });

  test('takes RSA keys only', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' });

    for (const wrong of [pem, 'nonsense'])
      expect((await callAdmin(simulated, 'POST', '/jwt-keys', { publicKey: wrong })).status).toBe(400);
  });

  test('is driven by jsforce', async () => {
    const connection = new jsforce.Connection({ oauth2: { loginUrl: simulated.origin, ...APP } });

    await connection.authorize({ grant_type: JWT_BEARER, assertion: anAssertion({ aud: simulated.origin }) });

    expect((await connection.query('SELECT COUNT() FROM Contact')).totalSize).toBe(1);
  });
});

describe('the client credentials flow', () => {
  test('gives a session of the app’s own user, without a refresh token', async () => {
    const reply = await requestToken(simulated, { grant_type: 'client_credentials' });

    expect(reply.body).toMatchObject({ token_type: 'Bearer', instance_url: simulated.origin });
    expect(reply.body.refresh_token).toBeUndefined();
    const info = await call(simulated, reply.body.access_token, 'GET', '/services/oauth2/userinfo');
    expect(info.body.user_id).toBe(simulated.org.users.integration.id);
    expect(simulated.org.requests.counts().granted).toEqual({ 'token-client-credentials': 1 });
  });

  test('is refused without a user, with a wrong secret and at the general login address', async () => {
    const wrong = await requestToken(simulated, { grant_type: 'client_credentials', client_secret: 'x' });
    const general = await postAs('login.salesforce.com');
    simulated.org.settings.clientCredentialsUser = false;
    const noUser = await requestToken(simulated, { grant_type: 'client_credentials' });

    expect(wrong.body.error).toBe('invalid_client');
    expect(general).toMatchObject({ error_description: 'request not supported on this domain' });
    expect(noUser.body).toMatchObject({ error: 'invalid_grant' });
  });

  test('is driven by jsforce', async () => {
    const connection = new jsforce.Connection({ oauth2: { loginUrl: simulated.origin, ...APP } });

    await connection.authorize({ grant_type: 'client_credentials' });

    expect((await connection.query('SELECT COUNT() FROM Contact')).totalSize).toBe(1);
  });
});

test('the username-password flow is switched off, as in a new org', async () => {
  const reply = await requestToken(simulated, { grant_type: 'password', username: 'x', password: 'y' });

  expect(reply.body).toEqual({
    error: 'unsupported_grant_type',
    error_description: 'grant type not supported',
  });
});

describe('introspection', () => {
  const introspect = async (form: Record<string, string>): Promise<Reply> => {
    const body = new URLSearchParams({ client_id: APP.clientId, client_secret: APP.clientSecret, ...form });
    return read(await fetch(`${simulated.origin}/services/oauth2/introspect`, { method: 'POST', body }));
  };

  test('tells when a session expires, which each use postpones', async () => {
    const { access_token: token = '', id } = simulated.org.issueTokens();
    simulated.org.clock.freeze();
    simulated.org.clock.advance(60_000);
    const before = await introspect({ token });
    await call(simulated, token, 'GET', '/limits');
    const after = await introspect({ token, token_type_hint: 'access_token' });

    expect(before.body).toEqual({
      active: true,
      scope: 'api refresh_token',
      client_id: APP.clientId,
      username: simulated.org.users.integration.username,
      sub: id,
      token_type: 'access_token',
      exp: expect.any(Number),
      iat: expect.any(Number),
      nbf: expect.any(Number),
    });
    expect(after.body.exp).toBeGreaterThanOrEqual(before.body.exp + 59);
    expect(after.body.exp).toBe(nowS() + simulated.org.settings.sessionTimeoutMs / 1000);
  });

  test('knows live refresh tokens, and calls anything else inactive', async () => {
    const { access_token: token = '', refresh_token: refreshToken = '' } = simulated.org.issueTokens();

    const live = await introspect({ token: refreshToken });
    simulated.org.tokens.revokeAll();

    expect(live.body).toMatchObject({ active: true, token_type: 'refresh_token' });
    for (const gone of [token, refreshToken, 'nonsense'])
      expect((await introspect({ token: gone })).body).toEqual({ active: false });
    expect((await introspect({ token, client_secret: 'x' })).status).toBe(400);
  });

  test('calls a refresh token inactive that was rotated away', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const { refresh_token: old = '' } = simulated.org.issueTokens();
    const { body } = await requestToken(simulated, { grant_type: 'refresh_token', refresh_token: old });

    expect((await introspect({ token: old })).body).toEqual({ active: false });
    expect((await introspect({ token: body.refresh_token })).body).toMatchObject({ active: true });
  });
});

/** Asks for an app's token with another name for the host, as if by another address. */
function postAs(host: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
  });
  const outgoing = request(`${simulated.origin}/services/oauth2/token`, {
    method: 'POST',
    headers: { host },
  });
  outgoing.on('response', (response) => {
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve(JSON.parse(text)));
  });
  outgoing.on('error', reject);
  outgoing.end(body.toString());
  return promise;
}
