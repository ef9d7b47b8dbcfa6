import { describe, expect, test } from '@jest/globals';
import {
  AWS_CALL_MS,
  TOKEN_LEASE_MS,
  TOKEN_REFRESH_MS,
  TOKEN_REQUEST_TIMEOUT_MS,
} from '../../../../shared/contracts/lifetimes.ts';
import {
  type AccessTokensPorts,
  type CachedTokens,
  makeAccessTokens,
  withFreshTokens,
} from '../../../../shared/use-cases/connections/access-tokens.ts';
import type { TokenPair } from '../../../../shared/use-cases/ports/connection-store.ts';
import type { SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { CONNECTION_ID as ID } from '../../../builders/a-connection.ts';
import { anAuthorizedOrg, TENANT } from '../../../builders/an-authorized-org.ts';
import type { InMemoryConnections } from '../../../in-memory/connections.ts';

/** One org with a token that just expired, and any number of functions that meet it. */
const anOrg = async () => {
  const org = await anAuthorizedOrg();
  const { clock, connections, vault, stored, ports } = org;
  const storedPair = async (): Promise<TokenPair> => {
    const connection = connections.stored.get(ID);
    if (!connection?.sealedTokens) throw new Error('no tokens');
    return vault.open(connection.sealedTokens, TENANT);
  };
  /** As somebody else, at another place, would: the store alone moves. */
  const storeElsewhere = async (pair: TokenPair) => {
    const fromVersion = connections.stored.get(ID)?.tokenVersion ?? 0;
    await connections.storeRefreshed(ID, {
      fromVersion,
      sealedTokens: await vault.seal(pair, TENANT),
      instanceUrl: stored.instanceUrl,
      at: clock.now(),
    });
  };
  const aFunction = (changes: Partial<AccessTokensPorts> = {}): CachedTokens =>
    makeAccessTokens({ ...ports, ...changes });
  return { ...org, aFunction, storedPair, storeElsewhere };
};

const statusIn = (connections: InMemoryConnections) => connections.stored.get(ID)?.status;

describe('the token in use', () => {
  test('is read and opened once for any number of callers of a warm function', async () => {
    const { aFunction, vault } = await anOrg();
    const tokens = aFunction();

    const all = await Promise.all(Array.from({ length: 10 }, () => tokens.current(ID)));
    await tokens.current(ID);

    expect(new Set(all.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-1']));
    expect(vault.opens).toBe(1);
  });

  test.each([
    ['paused', 'CONNECTION_PAUSED', 'reauthorize'],
    ['revoked', 'CONNECTION_REVOKED', 'drop'],
    ['reauthorization-required', 'CONNECTION_REAUTHORIZATION_REQUIRED', 'reauthorize'],
  ] as const)('is not given out while the connection is %s', async (status, code, next) => {
    const { aFunction, connections, server } = await anOrg();
    const tokens = aFunction();
    const stale = await tokens.current(ID);
    await connections.setStatus(ID, status, '2026-01-01T00:00:00.000Z');

    await expect(tokens.refreshed(ID, stale)).rejects.toMatchObject({
      code,
      next: { do: next },
    });

    await expect(tokens.current(ID)).rejects.toMatchObject({ code });
    expect(server.requests).toBe(0);
  });

  test('is read anew by a warm function whose caller has seen a newer version stored', async () => {
    const { aFunction, storeElsewhere, vault } = await anOrg();
    const tokens = aFunction();
    await tokens.current(ID);
    await storeElsewhere({ accessToken: 'of another user', refreshToken: 'r' });
    const opened: string[] = [];
    const orgs = withFreshTokens(
      {
        open: async (id) => {
          opened.push((await tokens.current(id)).accessToken);
          return {} as SalesforceOrg;
        },
      },
      tokens,
    );

    await orgs.open(ID, 1);
    await orgs.open(ID, 2);
    await orgs.open(ID, 2);
    await orgs.open(ID, 1);

    expect(opened).toEqual(['access-1', 'of another user', 'of another user', 'of another user']);
    expect(vault.opens).toBe(2);
  });

  test('of a connection that does not exist is an error that names it', async () => {
    const { aFunction } = await anOrg();

    await expect(aFunction().current('c-unknown')).rejects.toThrow('c-unknown');
  });
});

describe('an expired token', () => {
  test('is refreshed exactly once by fifty callers in ten functions', async () => {
    const { aFunction, server, storedPair, connections } = await anOrg();
    const functions = Array.from({ length: 10 }, () => aFunction());
    const stale = await Promise.all(functions.map((tokens) => tokens.current(ID)));

    const fresh = await Promise.all(
      functions.flatMap((tokens, n) => {
        const token = stale[n];
        return token ? Array.from({ length: 5 }, () => tokens.refreshed(ID, token)) : [];
      }),
    );

    expect(fresh).toHaveLength(50);
    expect(new Set(fresh.map(({ accessToken }) => accessToken))).toEqual(new Set(['access-2']));
    expect(server.requests).toBe(1);
    expect(await storedPair()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-2' });
    expect(connections.stored.get(ID)?.tokenVersion).toBe(2);
  });

  test('can expire again and again without the family being lost', async () => {
    const { aFunction, server } = await anOrg();
    const functions = [aFunction(), aFunction(), aFunction()];

    for (let round = 0; round < 5; round += 1) {
      const stale = await Promise.all(functions.map((tokens) => tokens.current(ID)));
      const fresh = await Promise.all(
        functions.map((tokens, n) => tokens.refreshed(ID, stale[n] ?? never())),
      );
      expect(fresh.every(({ accessToken }) => server.isValid(accessToken))).toBe(true);
    }

    expect(server.reuses).toBe(0);
    expect(server.refreshes).toBe(5);
  });

  test('costs no request where another function has stored a newer one', async () => {
    const { aFunction, server, storeElsewhere } = await anOrg();
    const tokens = aFunction();
    const stale = await tokens.current(ID);
    await storeElsewhere({ accessToken: 'access-elsewhere', refreshToken: 'refresh-elsewhere' });

    const fresh = await tokens.refreshed(ID, stale);

    expect(fresh).toMatchObject({ accessToken: 'access-elsewhere', tokenVersion: 2 });
    expect(server.requests).toBe(0);
  });

  test('is stored before anyone uses the new one', async () => {
    const { aFunction, connections, ports } = await anOrg();
    const order: string[] = [];
    const tokens = aFunction({
      connections: {
        get: (id) => connections.get(id),
        setStatus: (...args) => connections.setStatus(...args),
        takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
        storeRefreshed: async (...args) => {
          const isStored = await connections.storeRefreshed(...args);
          order.push('stored');
          return isStored;
        },
      },
    });
    const stale = await tokens.current(ID);

    await tokens.refreshed(ID, stale).then(() => order.push('used'));

    expect(order).toEqual(['stored', 'used']);
    expect(ports.connections).toBe(connections);
  });

  test('keeps its refresh token where Salesforce does not rotate', async () => {
    const { aFunction, server, storedPair, storeElsewhere, clock } = await anOrg();
    server.rotates = false;
    await storeElsewhere(server.current);
    const tokens = aFunction();

    const fresh = await tokens.refreshed(ID, await tokens.current(ID));

    expect(fresh.accessToken).toBe('access-2');
    expect(await storedPair()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-1' });
    expect(clock.sleeps).toEqual([300]);
  });

  test('follows the org to a new instance', async () => {
    const { aFunction, server, connections } = await anOrg();
    server.instanceUrl = 'https://acme-moved.my.salesforce.com';
    const tokens = aFunction();

    const fresh = await tokens.refreshed(ID, await tokens.current(ID));

    expect(fresh.instanceUrl).toBe('https://acme-moved.my.salesforce.com');
    expect(connections.stored.get(ID)?.instanceUrl).toBe('https://acme-moved.my.salesforce.com');
  });

  test('does not follow it to a host that is not Salesforce, and keeps the new pair all the same', async () => {
    const { aFunction, server, connections, storedPair } = await anOrg();
    server.instanceUrl = 'https://evil.example';
    const tokens = aFunction();
    const stale = await tokens.current(ID);

    await expect(tokens.refreshed(ID, stale)).rejects.toMatchObject({ code: 'UNTRUSTED_INSTANCE' });

    expect(connections.stored.get(ID)?.instanceUrl).toBe('https://acme.my.salesforce.com');
    expect(await storedPair()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });
});

describe('a refresh that goes wrong', () => {
  test('leaves the lease to end when the answer was lost, and never repeats the request within it', async () => {
    const { aFunction, server, clock } = await anOrg();
    server.lostAnswers = 1;
    const tokens = aFunction();
    const stale = await tokens.current(ID);
    const begun = clock.nowMs();

    const lost = tokens.refreshed(ID, stale);

    await expect(lost).rejects.toMatchObject({ code: 'TOKEN_REFRESH_UNSETTLED', next: { do: 'retry' } });
    expect(server.requests).toBe(1);
    await expect(aFunction().refreshed(ID, stale)).rejects.toMatchObject({ next: { do: 'reauthorize' } });
    expect(clock.nowMs()).toBeGreaterThanOrEqual(begun + TOKEN_LEASE_MS);
  });

  test('needs a person once a rotated pair was lost, says so once, and stops asking', async () => {
    const { aFunction, server, events, connections } = await anOrg();
    server.lostAnswers = 1;
    const functions = Array.from({ length: 5 }, () => aFunction());
    const stale = await Promise.all(functions.map((tokens) => tokens.current(ID)));
    await functions[0]?.refreshed(ID, stale[0] ?? never()).catch(() => undefined);

    const outcomes = await Promise.allSettled(
      functions.map((tokens, n) => tokens.refreshed(ID, stale[n] ?? never())),
    );

    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(statusIn(connections)).toBe('reauthorization-required');
    expect(events.published).toEqual([
      {
        type: 'Connection Requires Reauthorization',
        detail: { connectionId: ID, ...TENANT, reason: 'invalid_grant' },
      },
    ]);
    expect(server.requests).toBe(2);
    await expect(aFunction().current(ID)).rejects.toMatchObject({ next: { do: 'reauthorize' } });
  });

  test('survives a lost answer where Salesforce does not rotate', async () => {
    const { aFunction, server, storeElsewhere } = await anOrg();
    server.rotates = false;
    await storeElsewhere(server.current);
    server.lostAnswers = 1;
    const stale = await aFunction().current(ID);
    await aFunction()
      .refreshed(ID, stale)
      .catch(() => undefined);

    const fresh = await aFunction().refreshed(ID, stale);

    expect(fresh.accessToken).toBe('access-3');
    expect(server.reuses).toBe(0);
  });

  test('is no verdict while Salesforce is away: the connection stays active', async () => {
    const { aFunction, server, connections, events } = await anOrg();
    server.isUnavailable = true;
    const tokens = aFunction();

    await expect(tokens.refreshed(ID, await tokens.current(ID))).rejects.toMatchObject({
      next: { do: 'retry' },
    });

    expect(statusIn(connections)).toBe('active');
    expect(events.published).toEqual([]);
  });

  test('is no verdict while the app is misconfigured', async () => {
    const { aFunction, connections, server } = await anOrg();
    server.refusal = 'invalid_client';
    const tokens = aFunction();

    await expect(tokens.refreshed(ID, await tokens.current(ID))).rejects.toMatchObject({
      code: 'invalid_client',
    });

    expect(statusIn(connections)).toBe('active');
  });

  test('of a function that died after the request is taken over when its lease has ended', async () => {
    const { aFunction, connections, clock, server } = await anOrg();
    const stale = await aFunction().current(ID);
    const nowMs = clock.nowMs();
    await connections.takeRefreshLease(ID, 1, { owner: 'dead', until: nowMs + TOKEN_LEASE_MS }, nowMs);

    const fresh = await aFunction().refreshed(ID, stale);

    expect(fresh.accessToken).toBe('access-2');
    expect(clock.nowMs()).toBeGreaterThanOrEqual(nowMs + TOKEN_LEASE_MS);
    expect(server.requests).toBe(1);
  });

  test('is waited for while its holder lives, and what the holder stores is used', async () => {
    const { aFunction, connections, clock, server, storeElsewhere } = await anOrg();
    const stale = await aFunction().current(ID);
    const nowMs = clock.nowMs();
    await connections.takeRefreshLease(ID, 1, { owner: 'alive', until: nowMs + TOKEN_LEASE_MS }, nowMs);

    const [fresh] = await Promise.all([
      aFunction().refreshed(ID, stale),
      clock
        .sleep(2_000)
        .then(() => storeElsewhere({ accessToken: 'access-alive', refreshToken: 'refresh-alive' })),
    ]);

    expect(fresh.accessToken).toBe('access-alive');
    expect(server.requests).toBe(0);
  });

  test('is forgiven when somebody else stores a pair before the lease ends', async () => {
    const { aFunction, connections, events, server, storeElsewhere } = await anOrg();
    server.refusal = 'invalid_grant';
    const tokens = aFunction({
      oauth: {
        refresh: async (request) => {
          // The other's request was first; its pair is on the way into the store.
          setImmediate(() => storeElsewhere({ accessToken: 'access-first', refreshToken: 'refresh-first' }));
          return server.refresh(request);
        },
      },
    });

    const fresh = await tokens.refreshed(ID, await tokens.current(ID));

    expect(fresh.accessToken).toBe('access-first');
    expect(statusIn(connections)).toBe('active');
    expect(events.published).toEqual([]);
    expect(server.requests).toBe(1);
  });

  test('is forgiven even if that pair arrives between the last look and the verdict', async () => {
    const { aFunction, connections, events, server, storeElsewhere } = await anOrg();
    server.refusal = 'invalid_grant';
    const tokens = aFunction({
      connections: {
        get: (id) => connections.get(id),
        takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
        storeRefreshed: (...args) => connections.storeRefreshed(...args),
        setStatus: async (...args) => {
          await storeElsewhere({ accessToken: 'access-late', refreshToken: 'refresh-late' });
          return connections.setStatus(...args);
        },
      },
    });

    const fresh = await tokens.refreshed(ID, await tokens.current(ID));

    expect(fresh.accessToken).toBe('access-late');
    expect(statusIn(connections)).toBe('active');
    expect(events.published).toEqual([]);
  });

  test.each(['revoked', 'paused'] as const)(
    'leaves a connection as it is that becomes %s in the moment of the verdict',
    async (status) => {
      const { aFunction, connections, events, server, clock } = await anOrg();
      server.refusal = 'invalid_grant';
      const tokens = aFunction({
        connections: {
          get: (id) => connections.get(id),
          takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
          storeRefreshed: (...args) => connections.storeRefreshed(...args),
          setStatus: async (...args) => {
            await connections.setStatus(ID, status, clock.now());
            return connections.setStatus(...args);
          },
        },
      });

      await expect(tokens.refreshed(ID, await tokens.current(ID))).rejects.toMatchObject({
        name: 'ReauthorizationRequired',
      });

      expect(statusIn(connections)).toBe(status);
      expect(events.published).toEqual([]);
    },
  );

  test('that was merely slow still stores its pair after its lease has ended', async () => {
    const { aFunction, server, storedPair, clock } = await anOrg();
    server.answerMs = TOKEN_LEASE_MS + 5_000;
    const tokens = aFunction();
    const stale = await tokens.current(ID);

    const fresh = await tokens.refreshed(ID, stale);

    expect(fresh.accessToken).toBe('access-2');
    expect(await storedPair()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-2' });
    expect(clock.sleeps).toEqual([server.answerMs]);
  });

  test('tries to store a fresh pair more than once, and asks Salesforce only once', async () => {
    const { aFunction, server, connections, storedPair } = await anOrg();
    let failures = 2;
    const tokens = aFunction({
      connections: {
        get: (id) => connections.get(id),
        setStatus: (...args) => connections.setStatus(...args),
        takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
        storeRefreshed: async (...args) => {
          failures -= 1;
          if (failures >= 0) throw new Error('the table is away');
          return connections.storeRefreshed(...args);
        },
      },
    });

    const fresh = await tokens.refreshed(ID, await tokens.current(ID));

    expect(server.requests).toBe(1);
    expect((await storedPair()).accessToken).toBe(fresh.accessToken);
  });

  test('is not begun when taking the lease has used up its time', async () => {
    const { aFunction, server, connections, clock } = await anOrg();
    const stale = await aFunction().current(ID);
    const slow = aFunction({
      connections: {
        get: (id) => connections.get(id),
        setStatus: (...args) => connections.setStatus(...args),
        storeRefreshed: (...args) => connections.storeRefreshed(...args),
        takeRefreshLease: async (...args) => {
          clock.advance(TOKEN_LEASE_MS - TOKEN_REFRESH_MS + 1);
          return connections.takeRefreshLease(...args);
        },
      },
    });

    await expect(slow.refreshed(ID, stale)).rejects.toMatchObject({ code: 'TOKEN_REFRESH_UNSETTLED' });

    expect(server.requests).toBe(0);
  });

  test('opens the tokens before it takes the lease, whose time is for the request and for storing', async () => {
    const { aFunction, server, vault, clock } = await anOrg();
    const stale = await aFunction().current(ID);
    const slow = aFunction({
      vault: {
        seal: (...args) => vault.seal(...args),
        open: async (...args) => {
          clock.advance(TOKEN_LEASE_MS);
          return vault.open(...args);
        },
      },
    });

    expect(await slow.refreshed(ID, stale)).toMatchObject({ accessToken: 'access-2' });

    expect(server.requests).toBe(1);
  });

  test('keeps its pair through a hang of sealing and one of storing, and nobody asks with the old token meanwhile', async () => {
    const { aFunction, server, vault, connections, clock, storedPair } = await anOrg();
    const stale = await aFunction().current(ID);
    server.answerMs = TOKEN_REQUEST_TIMEOUT_MS;
    const hung = aFunction({
      vault: {
        open: (...args) => vault.open(...args),
        seal: async (...args) => {
          await clock.sleep(AWS_CALL_MS);
          return vault.seal(...args);
        },
      },
      connections: {
        get: (id) => connections.get(id),
        setStatus: (...args) => connections.setStatus(...args),
        takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
        storeRefreshed: async (...args) => {
          await clock.sleep(AWS_CALL_MS);
          return connections.storeRefreshed(...args);
        },
      },
    });

    const [first, second] = await Promise.all([
      hung.refreshed(ID, stale),
      clock.sleep(1).then(() => aFunction().refreshed(ID, stale)),
    ]);

    expect([first.accessToken, second.accessToken]).toEqual(['access-2', 'access-2']);
    expect(server).toMatchObject({ requests: 1, reuses: 0 });
    expect(await storedPair()).toEqual({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  });

  test('seals a fresh pair once, however often storing it is tried', async () => {
    const { aFunction, vault, connections } = await anOrg();
    let failures = 3;
    const tokens = aFunction({
      connections: {
        get: (id) => connections.get(id),
        setStatus: (...args) => connections.setStatus(...args),
        takeRefreshLease: (...args) => connections.takeRefreshLease(...args),
        storeRefreshed: async (...args) => {
          failures -= 1;
          if (failures >= 0) throw new Error('the table is away');
          return connections.storeRefreshed(...args);
        },
      },
    });
    const sealedBefore = vault.seals;

    await tokens.refreshed(ID, await tokens.current(ID));

    expect(vault.seals).toBe(sealedBefore + 1);
  });
});

const never = (): never => {
  throw new Error('the test expects a token here');
};
