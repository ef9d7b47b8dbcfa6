import { describe, expect, test } from '@jest/globals';
import { APP, call, logIn, orgForEachTest, read, requestToken } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 1 });
const refresh = (token = '') =>
  requestToken(simulated, { grant_type: 'refresh_token', refresh_token: token });

const expired = { error: 'invalid_grant', error_description: 'expired access/refresh token' };

describe('a refresh', () => {
  test('without rotation gives an access token alone, as often as asked', async () => {
    const tokens = await logIn(simulated);

    const first = await refresh(tokens.refresh_token);
    const second = await refresh(tokens.refresh_token);

    expect(first.body).not.toHaveProperty('refresh_token');
    expect(second.body.access_token).not.toBe(first.body.access_token);
    expect((await call(simulated, second.body.access_token, 'GET', '/limits')).status).toBe(200);
  });

  test('with rotation gives the next refresh token, and the old one ends everything', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn(simulated);
    const rotated = await refresh(tokens.refresh_token);

    const reuse = await refresh(tokens.refresh_token);
    const successor = await refresh(rotated.body.refresh_token);

    expect(rotated.body.refresh_token).not.toBe(tokens.refresh_token);
    expect(reuse.body).toEqual(expired);
    expect(successor.body).toEqual(expired);
    expect((await call(simulated, rotated.body.access_token, 'GET', '/limits')).status).toBe(401);
  });

  test('with rotation, and reuse allowed, leaves the successor valid', async () => {
    Object.assign(simulated.org.settings, { rotateRefreshTokens: true, reuseRevokesFamily: false });
    const tokens = await logIn(simulated);
    const rotated = await refresh(tokens.refresh_token);

    const reuse = await refresh(tokens.refresh_token);
    const successor = await refresh(rotated.body.refresh_token);

    expect(reuse.body).toEqual(expired);
    expect(successor.status).toBe(200);
  });

  test('of a token that is being refreshed is refused without harm', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn(simulated);
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

  test('whose answer is lost has taken effect all the same', async () => {
    simulated.org.settings.rotateRefreshTokens = true;
    const tokens = await logIn(simulated);
    simulated.org.faults.add({ kind: 'drop-after', path: '/services/oauth2/token' });

    await expect(refresh(tokens.refresh_token)).rejects.toThrow('fetch failed');

    expect((await refresh(tokens.refresh_token)).body).toEqual(expired);
  });

  test('fails once a sixth approval has pushed the first one out', async () => {
    const first = await logIn(simulated);
    const second = await logIn(simulated);
    for (let more = 0; more < 4; more += 1) await logIn(simulated);

    expect((await refresh(first.refresh_token)).body).toEqual(expired);
    expect((await refresh(second.refresh_token)).status).toBe(200);
  });

  test('fails after a revocation, which also ends the sessions', async () => {
    const tokens = await logIn(simulated);
    const body = new URLSearchParams({ token: tokens.refresh_token ?? '' });

    const revoked = await fetch(`${simulated.origin}/services/oauth2/revoke`, { method: 'POST', body });

    expect(revoked.status).toBe(200);
    expect((await refresh(tokens.refresh_token)).body).toEqual(expired);
    expect((await call(simulated, tokens.access_token ?? '', 'GET', '/limits')).status).toBe(401);
  });
});

describe('a session', () => {
  test('lasts as long as it is used', async () => {
    const { access_token: token = '' } = await logIn(simulated);
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

  test('cannot be guessed, and a malformed header has its own error', async () => {
    const guessed = await call(simulated, 'guessed', 'GET', '/limits');
    const malformed = await call(simulated, '', 'GET', '/limits', undefined, { authorization: 'nonsense' });

    expect(guessed.body[0].errorCode).toBe('INVALID_SESSION_ID');
    expect([malformed.status, malformed.body[0].errorCode]).toEqual([401, 'INVALID_AUTH_HEADER']);
  });
});

describe('who the user is', () => {
  test.each(['/services/oauth2/userinfo', '/id/00D000000000001/005000000000001'])(
    'is refused at %s in a bare word',
    async (path) => {
      const url = simulated.origin + path;
      const headers = { authorization: 'Bearer gone' };

      const [bad, missing] = [await read(await fetch(url, { headers })), await read(await fetch(url))];

      expect([bad.status, bad.body]).toEqual([403, 'Bad_OAuth_Token']);
      expect([missing.status, missing.body]).toEqual([403, 'Missing_OAuth_Token']);
      expect(bad.headers.has('sforce-limit-info')).toBe(false);
    },
  );
});
