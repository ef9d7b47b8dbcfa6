import { describe, expect, test } from '@jest/globals';
import { pageOf } from '../../../../functions/oauth-callback/pages.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import { beginAuthorization } from '../../../../shared/use-cases/connections/begin-authorization.ts';
import { codeChallengeOf, codeVerifierOf } from '../../../../shared/use-cases/connections/browser-binding.ts';
import {
  completeAuthorization,
  connectionIdOf,
} from '../../../../shared/use-cases/connections/complete-authorization.ts';
import { disconnect } from '../../../../shared/use-cases/connections/disconnect.ts';
import { anAuthorization, aSignedResponse, SF_ORG, SF_USER } from './an-authorization.ts';

const failing = (code: string, next: SyncError['next']) => async () => {
  throw new SyncError('SalesforceAuthError', code, 'refused', next);
};

describe('completing an authorisation', () => {
  test('stores the connection with its tokens sealed, enrols its mappings and says so', async () => {
    const { ports, aBrowser } = anAuthorization();

    const completed = await completeAuthorization(ports, await aBrowser());

    const connectionId = connectionIdOf('acme', SF_ORG);
    const facts = { connectionId, sfOrgId: SF_ORG, reconnected: false };
    const usual = { isPaused: false, replacesUser: false };
    expect(completed).toEqual({ kind: 'connected', ...facts, tenantId: 'acme', ...usual });
    const stored = ports.connections.stored.get(connectionId);
    expect(stored).toMatchObject({
      status: 'active',
      tokenVersion: 1,
      sfUserId: SF_USER,
      instanceUrl: 'https://acme.my.salesforce.com',
      loginUrl: 'https://login.salesforce.com',
    });
    expect(JSON.stringify(stored)).not.toContain('the-refresh-token');
    expect([...ports.mappingStates.states.keys()]).toEqual([
      `${connectionId}.contacts`,
      `${connectionId}.accounts`,
    ]);
    expect(ports.events.published).toEqual([
      { type: 'Connection Established', detail: { ...facts, orgId: 'acme' } },
    ]);
  });

  test('proves with PKCE that it is the same who began', async () => {
    const { ports, aBrowser, exchanged } = anAuthorization();
    const browser = await aBrowser();

    await completeAuthorization(ports, browser);

    expect(exchanged).toHaveLength(1);
    const { codeVerifier = '' } = exchanged[0] ?? {};
    expect(codeVerifier).toMatch(/^[\w-]{43}$/);
    expect(codeChallengeOf(codeVerifier)).toBe(browser.codeChallenge);
  });

  test.each([
    ['signing key', ['other-key', 'state', 'browser']],
    ['state', ['key', 'other-state', 'browser']],
    ['browser', ['key', 'state', 'other-browser']],
    ['split between the two', ['key', 'stat', 'ebrowser']],
  ] as [string, [string, string, string]][])('has another verifier for another %s', (_what, parts) => {
    expect(codeVerifierOf(...parts)).not.toBe(codeVerifierOf('key', 'state', 'browser'));
  });

  test('of the same tenant and org again keeps the connection and has all of it swept', async () => {
    const { ports, clock, aBrowser, answers } = anAuthorization();
    await completeAuthorization(ports, await aBrowser());
    const connectionId = connectionIdOf('acme', SF_ORG);
    await ports.connections.setStatus(connectionId, 'reauthorization-required', clock.now());
    for (const state of ports.mappingStates.states.values()) state.nextRunAt = '2026-02-01T00:00:00.000Z';
    clock.advance(5_000);
    answers.exchangeCode = async () => aSignedResponse({ instanceUrl: 'https://moved.my.salesforce.com' });

    const again = await completeAuthorization(ports, await aBrowser());

    expect(again).toMatchObject({ kind: 'connected', connectionId, reconnected: true });
    expect(ports.connections.stored.size).toBe(1);
    expect(ports.connections.stored.get(connectionId)).toMatchObject({
      status: 'active',
      tokenVersion: 2,
      instanceUrl: 'https://moved.my.salesforce.com',
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    const dueAt = [...ports.mappingStates.states.values()].map(({ nextRunAt }) => nextRunAt);
    expect(dueAt).toEqual([clock.now(), clock.now()]);
  });

  test('says whether another user connected it before, whose token lives on in Salesforce', async () => {
    const { ports, aBrowser, answers } = anAuthorization();
    await completeAuthorization(ports, await aBrowser());

    expect(await completeAuthorization(ports, await aBrowser())).toMatchObject({ replacesUser: false });
    const id = 'https://login.salesforce.com/id/00D000000000001/005000000000002';
    answers.exchangeCode = async () => aSignedResponse({ id });
    expect(await completeAuthorization(ports, await aBrowser())).toMatchObject({ replacesUser: true });
  });

  test('warns of the fifth approval of one user, since the sixth ends the first', async () => {
    const { ports, aBrowser, answers } = anAuthorization();
    for (let approval = 1; approval < 5; approval += 1)
      expect(await completeAuthorization(ports, await aBrowser())).not.toHaveProperty('warning');

    const fifth = await completeAuthorization(ports, await aBrowser());
    expect(fifth).toMatchObject({ kind: 'connected', warning: 'FIFTH_APPROVAL' });
    expect(pageOf(fifth).paragraphs.join(' ')).toContain('five times');
    const id = 'https://login.salesforce.com/id/00D000000000001/005000000000002';
    answers.exchangeCode = async () => aSignedResponse({ id });
    expect(await completeAuthorization(ports, await aBrowser())).not.toHaveProperty('warning');
  });

  test('counts the approvals of each user, whoever approves in between', async () => {
    const { ports, aBrowser, answers } = anAuthorization();
    const own = answers.exchangeCode;
    for (let approval = 1; approval < 5; approval += 1) await completeAuthorization(ports, await aBrowser());
    for (let other = 10; other < 40; other += 1) {
      const id = `https://login.salesforce.com/id/00D000000000001/0050000000000${other}`;
      answers.exchangeCode = async () => aSignedResponse({ id });
      expect(await completeAuthorization(ports, await aBrowser())).not.toHaveProperty('warning');
    }

    answers.exchangeCode = own;
    expect(await completeAuthorization(ports, await aBrowser())).toMatchObject({ warning: 'FIFTH_APPROVAL' });
    const { approvalsByUser = {} } = (await ports.connections.get(connectionIdOf('acme', SF_ORG))) ?? {};
    expect(Object.keys(approvalsByUser).length).toBeLessThanOrEqual(21);
  });

  test('leaves a connection paused that an operator paused, with the new tokens', async () => {
    const { ports, clock, aBrowser } = anAuthorization();
    await completeAuthorization(ports, await aBrowser());
    const connectionId = connectionIdOf('acme', SF_ORG);
    await ports.connections.setStatus(connectionId, 'paused', clock.now());

    const again = await completeAuthorization(ports, await aBrowser());

    expect(again).toMatchObject({ kind: 'connected', reconnected: true, isPaused: true });
    expect(ports.connections.stored.get(connectionId)).toMatchObject({ status: 'paused', tokenVersion: 2 });
  });

  test('takes a disconnected connection up again, and has everything compared on both sides', async () => {
    const { ports, clock, aBrowser } = anAuthorization();
    await completeAuthorization(ports, await aBrowser());
    const connectionId = connectionIdOf('acme', SF_ORG);
    const seen = { watermark: clock.now(), followedUntil: clock.now() };
    for (const state of ports.mappingStates.states.values()) {
      expect(await ports.mappingStates.finishPass(structuredClone(state), seen, clock.now())).toBe(true);
    }
    await ports.connections.eraseTokens(connectionId, 1, clock.now());

    const again = await completeAuthorization(ports, await aBrowser());

    expect(again).toMatchObject({ kind: 'connected', reconnected: true, isPaused: false });
    expect(ports.connections.stored.get(connectionId)).toMatchObject({
      status: 'active',
      tokenVersion: 3,
      sealedTokens: expect.anything(),
    });
    const states = [...ports.mappingStates.states.values()];
    expect(states.map(({ watermark, nextRunAt }) => [watermark, nextRunAt])).toEqual([
      [undefined, clock.now()],
      [undefined, clock.now()],
    ]);
  });

  test('of a second tenant with the same org is a connection of its own', async () => {
    const { ports, aBrowser } = anAuthorization();

    await completeAuthorization(ports, await aBrowser('acme'));
    await completeAuthorization(ports, await aBrowser('other'));

    expect([...ports.connections.stored.keys()].sort()).toEqual(
      [connectionIdOf('acme', SF_ORG), connectionIdOf('other', SF_ORG)].sort(),
    );
  });

  test('gives ids that parts of different names cannot share', () => {
    expect(connectionIdOf('acme', SF_ORG)).toMatch(/^c[0-9a-f]{24}$/);
    expect(connectionIdOf('a', 'bc')).not.toBe(connectionIdOf('ab', 'c'));
  });
});

describe('a connection that is disconnected', () => {
  const connected = async () => {
    const world = anAuthorization();
    await completeAuthorization(world.ports, await world.aBrowser());
    const connectionId = connectionIdOf('acme', SF_ORG);
    const end = async () => {
      world.clock.advance(1);
      await disconnect(world.ports, { connectionId });
      world.clock.advance(1);
    };
    return { ...world, connectionId, end };
  };

  test('is not brought back by a state that began before, and the token that came of it is ended', async () => {
    const { ports, aBrowser, end, connectionId, revoked, answers } = await connected();
    const browser = await aBrowser();
    await end();
    answers.exchangeCode = async () => aSignedResponse({ refreshToken: 'too-late' });

    expect(await completeAuthorization(ports, browser)).toEqual({ kind: 'disconnected-since' });

    expect(ports.connections.stored.get(connectionId)).toMatchObject({ status: 'revoked' });
    expect(ports.connections.stored.get(connectionId)).not.toHaveProperty('sealedTokens');
    expect(revoked).toEqual(['the-refresh-token', 'too-late']);
  });

  test('is not brought back by a ticket from before, opened afterwards', async () => {
    const { ports, aTicket, end, connectionId } = await connected();
    const ticket = await aTicket();
    await end();
    const begun = await beginAuthorization(ports, { ticket });
    if (begun.kind !== 'begun') throw new Error(begun.kind);
    const state = new URL(begun.location).searchParams.get('state') ?? '';

    const { browserSecret } = begun;
    const completed = await completeAuthorization(ports, { state, code: 'the-code', browserSecret });

    expect(completed).toEqual({ kind: 'disconnected-since' });
    expect(ports.connections.stored.get(connectionId)).toMatchObject({ status: 'revoked' });
  });

  test('is brought back by a link from afterwards', async () => {
    const { ports, aBrowser, end } = await connected();
    await end();

    expect(await completeAuthorization(ports, await aBrowser())).toMatchObject({ kind: 'connected' });
  });

  test('stays so where the token that came too late cannot be ended', async () => {
    const { ports, aBrowser, end } = await connected();
    const browser = await aBrowser();
    await end();
    const revoker = { revoke: failing('UNAVAILABLE', { do: 'retry', afterMs: 1 }) };

    expect(await completeAuthorization({ ...ports, revoker }, browser)).toEqual({
      kind: 'disconnected-since',
    });
  });
});

describe('a function that dies', () => {
  /** Dies before or after the call of a port of this number. */
  const dyingAt = <P extends object>(ports: P, death: number) => {
    let calls = 0;
    const step = () => {
      calls += 1;
      if (calls === death) throw new Error('killed');
    };
    const wrapped = Object.entries(ports).map(([name, port]) => [
      name,
      ['authorizations', 'connections', 'mappingStates', 'vault', 'events'].includes(name)
        ? new Proxy(port as object, {
            get:
              (target, method) =>
              async (...args: unknown[]) => {
                step();
                const answer: unknown = await Reflect.apply(
                  Reflect.get(target, method) as () => void,
                  target,
                  args,
                );
                step();
                return answer;
              },
          })
        : port,
    ]);
    return { ports: Object.fromEntries(wrapped) as P, calls: () => calls };
  };

  test.each(['at the first authorisation', 'when it is disconnected', 'when it must be authorised again'])(
    'at whichever call, %s, leaves no active connection without its mappings',
    async (when) => {
      let died = 0;
      for (let death = 1; ; death += 1) {
        const { ports, clock, aBrowser } = anAuthorization();
        const connectionId = connectionIdOf('acme', SF_ORG);
        const isFirst = when === 'at the first authorisation';
        if (!isFirst) {
          await completeAuthorization(ports, await aBrowser());
          const seen = { watermark: clock.now(), followedUntil: clock.now() };
          for (const state of ports.mappingStates.states.values())
            await ports.mappingStates.finishPass(structuredClone(state), seen, clock.now());
          clock.advance(1);
          if (when === 'when it is disconnected') await disconnect(ports, { connectionId });
          else await ports.connections.setStatus(connectionId, 'reauthorization-required', clock.now());
          clock.advance(1);
        }
        const browser = await aBrowser();
        const dying = dyingAt(ports, death);

        const outcome = await completeAuthorization(dying.ports, browser).catch(() => 'killed');

        if (ports.connections.stored.get(connectionId)?.status === 'active') {
          const states = [...ports.mappingStates.states.values()];
          expect(states.map(({ name }) => name)).toEqual(['contacts', 'accounts']);
          if (!isFirst) expect(states.every(({ pushDueSince }) => pushDueSince)).toBe(true);
          if (when === 'when it is disconnected')
            expect(states.every(({ watermark }) => watermark === undefined)).toBe(true);
        }
        if (outcome !== 'killed') break;
        died += 1;
      }
      expect(died).toBeGreaterThan(10);
    },
  );
});

describe('a callback that is not believed', () => {
  test('is one whose state was used before', async () => {
    const { ports, aBrowser } = anAuthorization();
    const browser = await aBrowser();
    await completeAuthorization(ports, browser);

    expect(await completeAuthorization(ports, browser)).toEqual({ kind: 'stale-state' });
  });

  test('is one whose state is older than ten minutes', async () => {
    const { ports, clock, aBrowser } = anAuthorization();
    const browser = await aBrowser();
    clock.advance(10 * 60_000);

    expect(await completeAuthorization(ports, browser)).toEqual({ kind: 'stale-state' });
  });

  test.each([undefined, '', 'never-given-out'])('is one with the state %j', async (state) => {
    const { ports, aBrowser } = anAuthorization();

    expect(await completeAuthorization(ports, { ...(await aBrowser()), state })).toEqual({
      kind: 'stale-state',
    });
  });

  test.each([undefined, '', 'another-secret'])(
    'is one from a browser with the cookie %j, and spends the state',
    async (browserSecret) => {
      const { ports, exchanged, aBrowser } = anAuthorization();
      const browser = await aBrowser();

      expect(await completeAuthorization(ports, { ...browser, browserSecret })).toEqual({
        kind: 'other-browser',
      });
      expect(await completeAuthorization(ports, browser)).toEqual({ kind: 'stale-state' });
      expect(exchanged).toEqual([]);
    },
  );

  test.each([
    ['has no signature', { signature: '' }],
    ['is signed with another secret', { signature: 'c29tZXRoaW5nIGVsc2U=' }],
    ['has no time', { issuedAt: '' }],
  ])('is one whose identity %s', async (_what, change) => {
    const { ports, answers, aBrowser } = anAuthorization();
    answers.exchangeCode = async () => ({ ...aSignedResponse(), ...change });

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({ kind: 'unverified-identity' });
    expect(ports.connections.stored.size).toBe(0);
  });

  test('is one whose identity was changed after it was signed', async () => {
    const { ports, answers, aBrowser } = anAuthorization();
    const id = 'https://login.salesforce.com/id/00D000000000002EAA/005000000000001AAA';
    answers.exchangeCode = async () => ({ ...aSignedResponse(), id });

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({ kind: 'unverified-identity' });
  });

  test.each([
    'https://evil.example',
    'http://acme.my.salesforce.com',
    'https://acme.my.salesforce.com.evil.example',
  ])('is one that names the instance %s', async (instanceUrl) => {
    const { ports, answers, aBrowser } = anAuthorization();
    answers.exchangeCode = async () => aSignedResponse({ instanceUrl });

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({ kind: 'untrusted-instance' });
    expect(ports.connections.stored.size).toBe(0);
  });

  test('is one without a refresh token', async () => {
    const { ports, answers, aBrowser } = anAuthorization();
    const { refreshToken: _, ...response } = aSignedResponse();
    answers.exchangeCode = async () => response;

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({ kind: 'no-refresh-token' });
    expect(ports.connections.stored.size).toBe(0);
  });
});

describe('a refusal', () => {
  test.each(['access_denied', 'access-denied'])('by the user (%s) spends the state', async (error) => {
    const { ports, aBrowser } = anAuthorization();
    const { state, browserSecret, code } = await aBrowser();

    expect(await completeAuthorization(ports, { state, browserSecret, error })).toEqual({
      kind: 'refused-by-user',
    });
    expect(await completeAuthorization(ports, { state, browserSecret, code })).toEqual({
      kind: 'stale-state',
    });
  });

  test.each([
    ['invalid_scope', 'invalid_scope'],
    ['OAUTH_APP_BLOCKED', 'OAUTH_APP_BLOCKED'],
    ['<script>alert(1)</script>', 'unknown'],
    ['a'.repeat(65), 'unknown'],
    ['', 'unknown'],
  ])('with the error %j has the reason %j', async (error, reason) => {
    const { ports, aBrowser } = anAuthorization();

    expect(await completeAuthorization(ports, { ...(await aBrowser()), error })).toEqual({
      kind: 'exchange-failed',
      reason,
    });
  });

  test('of the code has the reason that Salesforce gave', async () => {
    const { ports, answers, aBrowser } = anAuthorization();
    answers.exchangeCode = failing('invalid_grant', { do: 'reauthorize' });

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({
      kind: 'exchange-failed',
      reason: 'invalid_grant',
    });
  });

  test('is told apart from an outage', async () => {
    const { ports, answers, aBrowser } = anAuthorization();
    answers.exchangeCode = failing('UNAVAILABLE', { do: 'retry', afterMs: 1 });

    expect(await completeAuthorization(ports, await aBrowser())).toEqual({ kind: 'salesforce-unavailable' });
  });

  test('is told apart from a missing code and an empty secret', async () => {
    const { ports, aBrowser } = anAuthorization();

    const withoutCode = { ...(await aBrowser()), code: undefined };
    expect(await completeAuthorization(ports, withoutCode)).toEqual({
      kind: 'exchange-failed',
      reason: 'no-code',
    });
    const browser = await aBrowser();
    ports.secrets.appCredentials = undefined;
    expect(await completeAuthorization(ports, browser)).toEqual({ kind: 'not-configured' });
  });

  test('of our own store is thrown', async () => {
    const { ports, aBrowser } = anAuthorization();
    const seal = () =>
      Promise.reject(new SyncError('StoreError', 'THROTTLED', 'away', { do: 'retry', afterMs: 1 }));

    await expect(completeAuthorization({ ...ports, vault: { seal } }, await aBrowser())).rejects.toThrow(
      'away',
    );
  });
});
