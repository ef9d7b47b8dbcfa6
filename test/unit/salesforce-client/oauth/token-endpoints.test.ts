import { describe, expect, test } from '@jest/globals';
import { makeTokenEndpoints } from '../../../../shared/salesforce-client/oauth/oauth-tokens.ts';
import { TransportFailure } from '../../../../shared/salesforce-client/transport/transport.ts';
import { type CannedAnswer, cannedTransport, rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const LOGIN = 'https://login.salesforce.com';
const IDENTITY = `${LOGIN}/id/00D8H0000004dNlUAI/0050P000007QAY9QAO`;
const client = { clientId: 'id', clientSecret: 'client-secret' };

function endpoints(...answers: readonly (CannedAnswer | Error)[]) {
  const { send, sent } = cannedTransport(...answers);
  const form = () => Object.fromEntries(new URLSearchParams(String(sent[0]?.body)));
  return { endpoints: makeTokenEndpoints({ transport: send }), sent, form };
}

describe('revoking', () => {
  test('sends the token in the body, where no log of addresses shows it', async () => {
    const { endpoints: made, sent, form } = endpoints({ status: 200 });

    await made.revoke({ loginUrl: LOGIN, token: 'refresh-secret' });

    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: `${LOGIN}/services/oauth2/revoke`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form()).toEqual({ token: 'refresh-secret' });
  });

  test.each(['invalid_token', 'unsupported_token_type'])(
    'a token that is gone is done: %s',
    async (error) => {
      const { endpoints: made } = endpoints({ status: 400, body: { error } });

      await made.revoke({ loginUrl: LOGIN, token: 'x' });
    },
  );

  test('tells of an outage, and goes to nobody else', async () => {
    const down = endpoints({ status: 503, body: '<html>' });
    expect(await rejection(down.endpoints.revoke({ loginUrl: LOGIN, token: 'x' }))).toMatchObject({
      code: 'UNAVAILABLE',
      next: { do: 'retry' },
    });

    const page = endpoints({ status: 200, body: '<html>Down for maintenance</html>' });
    expect(await rejection(page.endpoints.revoke({ loginUrl: LOGIN, token: 'x' }))).toMatchObject({
      code: 'UNAVAILABLE',
      next: { do: 'retry' },
    });

    const away = endpoints();
    expect(
      await rejection(away.endpoints.revoke({ loginUrl: 'https://evil.example', token: 'x' })),
    ).toMatchObject({ code: 'UNTRUSTED_LOGIN_URL' });
    expect(away.sent).toEqual([]);
  });
});

describe('introspection', () => {
  test('tells when a session ends', async () => {
    const { endpoints: made, form } = endpoints({
      body: {
        active: true,
        scope: 'id api refresh_token',
        client_id: '3MVG9',
        username: 'integration@acme.example',
        sub: IDENTITY,
        token_type: 'access_token',
        exp: 1_528_502_109,
        iat: 1_528_494_909,
        nbf: 1_528_494_909,
      },
    });

    expect(await made.introspect({ loginUrl: LOGIN, token: 't', hint: 'access_token', ...client })).toEqual({
      isActive: true,
      scope: ['id', 'api', 'refresh_token'],
      clientId: '3MVG9',
      username: 'integration@acme.example',
      tokenType: 'access_token',
      expiresAt: '2018-06-08T23:55:09.000Z',
      issuedAt: '2018-06-08T21:55:09.000Z',
    });
    expect(form()).toEqual({
      token: 't',
      token_type_hint: 'access_token',
      client_id: 'id',
      client_secret: 'client-secret',
    });
  });

  test('knows a token that is gone by one word', async () => {
    const { endpoints: made } = endpoints({ body: { active: false } });

    expect(await made.introspect({ loginUrl: LOGIN, token: 't', ...client })).toEqual({ isActive: false });
  });

  test.each([[{}], [{ active: 'yes' }], [[]]])('stops at %j', async (body) => {
    const { endpoints: made } = endpoints({ body });

    expect(await rejection(made.introspect({ loginUrl: LOGIN, token: 't', ...client }))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
  });
});

describe('who a token acts for', () => {
  const named = {
    user_id: '0050P000007QAY9',
    organization_id: '00D8H0000004dNl',
  };

  test('is read from user info and from the identity in one form', async () => {
    const info = { ...named, preferred_username: 'a@b.example', name: 'Ada', zoneinfo: 'GMT', email: null };
    const identity = { ...named, username: 'a@b.example', display_name: 'Ada', timezone: 'GMT' };
    const { endpoints: made, sent } = endpoints({ body: info }, { body: identity });
    const user = {
      sfUserId: '0050P000007QAY9QAO',
      sfOrgId: '00D8H0000004dNlUAI',
      username: 'a@b.example',
      displayName: 'Ada',
      timeZone: 'GMT',
    };

    expect(await made.userInfo({ loginUrl: LOGIN, accessToken: 'token-1' })).toEqual(user);
    expect(await made.identity({ identityUrl: IDENTITY, accessToken: 'token-1' })).toEqual(user);

    expect(sent.map(({ url }) => url)).toEqual([`${LOGIN}/services/oauth2/userinfo`, IDENTITY]);
    expect(sent.every(({ headers }) => headers?.authorization === 'Bearer token-1')).toBe(true);
  });

  test.each([
    [401, ''],
    [403, 'Bad_OAuth_Token'],
  ])('is refused to a stale token: %i %s', async (status, body) => {
    const { endpoints: made } = endpoints({ status, body });

    expect(await rejection(made.userInfo({ loginUrl: LOGIN, accessToken: 't' }))).toMatchObject({
      name: 'SalesforceAuthError',
      next: { do: 'refresh' },
    });
  });

  test.each([
    ['a page', { body: '<html>' }, 'UNAVAILABLE'],
    ['nobody', { body: { user_id: 'x', organization_id: 'y', username: 'z' } }, 'INVALID_IDENTITY'],
    ['another shape', { body: {} }, 'UNEXPECTED_RESPONSE'],
    ['silence', new TransportFailure('timeout', true), 'UNAVAILABLE'],
    ['an outage', { status: 503, body: '<html>' }, 'UNAVAILABLE'],
  ])('is not read from %s', async (_, answer, code) => {
    const { endpoints: made } = endpoints(answer);

    expect(await rejection(made.userInfo({ loginUrl: LOGIN, accessToken: 't' }))).toMatchObject({ code });
  });

  test('comes with what else is known of the user', async () => {
    const { endpoints: made } = endpoints({
      body: {
        ...named,
        preferred_username: 'a@b.example',
        email: 'ada@b.example',
        active: true,
        user_type: 'STANDARD',
        locale: 'de',
      },
    });

    expect(await made.userInfo({ loginUrl: LOGIN, accessToken: 't' })).toMatchObject({
      email: 'ada@b.example',
      isActive: true,
      userType: 'STANDARD',
      locale: 'de',
    });
  });

  test('sends the token to no other address', async () => {
    const { endpoints: made, sent } = endpoints();
    const away = IDENTITY.replace('login.salesforce.com', 'evil.example');

    expect(await rejection(made.identity({ identityUrl: away, accessToken: 't' }))).toMatchObject({
      code: 'UNTRUSTED_LOGIN_URL',
    });
    expect(await rejection(made.identity({ identityUrl: `${LOGIN}/x`, accessToken: 't' }))).toMatchObject({
      code: 'INVALID_IDENTITY',
    });
    expect(sent).toEqual([]);
  });

  replay('is understood as it was recorded', async () => {
    const recorded = fixtureJson<{ api: { get: Record<string, { response: unknown }> } }>(
      'nango-integration-templates/get-current-user.test.json',
    );
    const { endpoints: made } = endpoints({
      body: recorded.api.get['/services/oauth2/userinfo']?.response,
    });

    expect(await made.userInfo({ loginUrl: LOGIN, accessToken: 't' })).toMatchObject({
      sfUserId: '005dM00000awSFJQA2',
      sfOrgId: '00DdM00000vfgTuUAI',
      username: 'api.bf5463dc8155@agentforce.com',
      timeZone: 'America/Los_Angeles',
      isActive: true,
    });
  });
});
