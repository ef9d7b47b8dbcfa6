import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { makeServerFlows } from '../../../../shared/salesforce-client/oauth/oauth-server-flows.ts';
import { type CannedAnswer, cannedTransport, NOW, rejection } from '../fakes.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const MY_DOMAIN = 'https://acme.my.salesforce.com';
const ANSWER = {
  access_token: '00D8H0000004dNl!AQ.x',
  scope: 'api',
  instance_url: MY_DOMAIN,
  id: 'https://login.salesforce.com/id/00D8H0000004dNlUAI/0050P000007QAY9QAO',
  token_type: 'Bearer',
};

function flows(...answers: readonly (CannedAnswer | Error)[]) {
  const { send, sent } = cannedTransport(...answers);
  const made = makeServerFlows({
    transport: send,
    trustedOrigins: ['http://127.0.0.1:4100'],
    nowMs: () => NOW + 999,
  });
  const form = () => Object.fromEntries(new URLSearchParams(String(sent[0]?.body)));
  return { flows: made, sent, form };
}
const jwt = { clientId: '3MVG9', username: 'integration@acme.example', privateKey };
const decoded = (part: string | undefined) => JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
const claimsOf = (assertion: string | undefined) => decoded(assertion?.split('.')[1]);

describe('JWT bearer', () => {
  test('sends an assertion that the registered certificate proves, good for two minutes', async () => {
    const { flows: made, sent, form } = flows({ body: ANSWER });

    const token = await made.jwtBearer({ ...jwt, loginUrl: 'https://login.salesforce.com' });

    expect(token).toEqual({
      accessToken: ANSWER.access_token,
      instanceUrl: MY_DOMAIN,
      id: ANSWER.id,
      scope: 'api',
    });
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: 'https://login.salesforce.com/services/oauth2/token',
      isRepeatable: false,
    });
    expect(Object.keys(form()).sort()).toEqual(['assertion', 'grant_type']);
    expect(form().grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
    const [header, claims, signature] = form().assertion?.split('.') ?? [];
    expect(decoded(header)).toEqual({ alg: 'RS256', typ: 'JWT' });
    expect(decoded(claims)).toEqual({
      iss: '3MVG9',
      sub: 'integration@acme.example',
      aud: 'https://login.salesforce.com',
      exp: NOW / 1000 + 120,
    });
    const signed = Buffer.from(`${header}.${claims}`);
    const proof = Buffer.from(signature ?? '', 'base64url');
    expect(verify('RSA-SHA256', signed, createPublicKey(publicKey), proof)).toBe(true);
  });

  test.each([
    ['https://login.salesforce.com', 'https://login.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    [MY_DOMAIN, 'https://login.salesforce.com'],
    ['https://acme-dev-ed.develop.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme--qa.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme--qa.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme-x.scratch.my.salesforce.com', 'https://test.salesforce.com'],
    ['http://127.0.0.1:4100', 'http://127.0.0.1:4100'],
  ])('at %s is meant for %s', async (loginUrl, audience) => {
    const { flows: made, form } = flows({ body: ANSWER });

    await made.jwtBearer({ ...jwt, loginUrl });

    expect(claimsOf(form().assertion).aud).toBe(audience);
  });

  test('at a trusted origin is meant for that, however it is written', async () => {
    const { send, sent } = cannedTransport({ body: ANSWER });
    const made = makeServerFlows({ transport: send, trustedOrigins: ['HTTP://LOCALHOST:80/'] });

    await made.jwtBearer({ ...jwt, loginUrl: 'http://localhost' });

    const form = Object.fromEntries(new URLSearchParams(String(sent[0]?.body)));
    expect(claimsOf(form.assertion).aud).toBe('http://localhost');
  });

  test('is meant for whom the caller says', async () => {
    const { flows: made, form } = flows({ body: ANSWER });

    await made.jwtBearer({ ...jwt, loginUrl: MY_DOMAIN, audience: 'https://acme.my.site.com/customers' });

    expect(claimsOf(form().assertion).aud).toBe('https://acme.my.site.com/customers');
  });

  const ec = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const short = generateKeyPairSync('rsa', {
    modulusLength: 1_024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  test.each([
    ['is not PEM', 'secret-looking text'],
    ['is public', publicKey],
    ['is of another kind', ec.privateKey],
    ['is too short', short.privateKey],
  ])('refuses a key that %s, and quotes nothing of it', async (_, key) => {
    const { flows: made, sent } = flows();

    const error = await rejection(made.jwtBearer({ ...jwt, privateKey: key, loginUrl: MY_DOMAIN }));

    expect(error).toMatchObject({ code: 'INVALID_PRIVATE_KEY', next: { do: 'stop' } });
    expect(String((error as Error).stack)).not.toContain(key.slice(30, 60) || key);
    expect(sent).toEqual([]);
  });

  test('that the user has not approved needs a person', async () => {
    const { flows: made } = flows({
      status: 400,
      body: { error: 'invalid_grant', error_description: "user hasn't approved this consumer" },
    });

    expect(await rejection(made.jwtBearer({ ...jwt, loginUrl: MY_DOMAIN }))).toMatchObject({
      code: 'invalid_grant',
      next: { do: 'reauthorize' },
    });
  });
});

describe('client credentials', () => {
  const client = { clientId: 'id', clientSecret: 'client-secret' };

  test('go to the My Domain alone', async () => {
    const { flows: made, sent, form } = flows({ body: ANSWER });

    expect(await made.clientCredentials({ ...client, loginUrl: MY_DOMAIN })).not.toHaveProperty(
      'refreshToken',
    );

    expect(sent[0]?.url).toBe(`${MY_DOMAIN}/services/oauth2/token`);
    expect(form()).toEqual({
      grant_type: 'client_credentials',
      client_id: 'id',
      client_secret: 'client-secret',
    });
  });

  test.each([
    'https://login.salesforce.com',
    'https://test.salesforce.com/',
    'https://LOGIN.salesforce.com:443',
  ])('are refused at %s with a sentence', async (loginUrl) => {
    const { flows: made, sent } = flows();

    expect(await rejection(made.clientCredentials({ ...client, loginUrl }))).toMatchObject({
      code: 'MY_DOMAIN_REQUIRED',
      next: { do: 'stop' },
      message: expect.stringMatching(/My Domain, such as https:/),
    });
    expect(sent).toEqual([]);
  });

  test.each([
    'https://evil.example',
    'http://acme.my.salesforce.com',
    'https://acme.my.site.com',
    'https://na73.salesforce.com',
  ])('and assertions go to nobody else: %s', async (loginUrl) => {
    const { flows: made, sent } = flows();

    expect(await rejection(made.clientCredentials({ ...client, loginUrl }))).toMatchObject({
      code: 'UNTRUSTED_LOGIN_URL',
    });
    expect(await rejection(made.jwtBearer({ ...jwt, loginUrl }))).toMatchObject({
      code: 'UNTRUSTED_LOGIN_URL',
    });
    expect(sent).toEqual([]);
  });
});

test('username and password are refused, with why and what to use', () => {
  expect(() => flows().flows.usernamePassword()).toThrow(
    expect.objectContaining({
      name: 'SalesforceAuthError',
      code: 'UNSUPPORTED_FLOW',
      next: { do: 'stop' },
      message: expect.stringMatching(
        /stores a person's password.*Use the JWT bearer flow, the client-credentials flow/,
      ),
    }),
  );
});
