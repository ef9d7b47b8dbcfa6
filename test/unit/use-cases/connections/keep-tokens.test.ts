import { describe, expect, test } from '@jest/globals';
import { isTokenIdle, MOST_IDLE_MS } from '../../../../shared/sync/model/token-age.ts';
import { type KeepTokensPorts, keepTokens } from '../../../../shared/use-cases/connections/keep-tokens.ts';
import type { StoredConnection } from '../../../../shared/use-cases/ports/connection-store.ts';
import { CONNECTION_ID as ID } from '../../../builders/a-connection.ts';
import { anAuthorizedOrg, TENANT } from '../../../builders/an-authorized-org.ts';

const STORED_AT = '2026-01-01T00:00:00.000Z';
const STATUSES = ['active', 'paused', 'reauthorization-required', 'revoked'] as const;

const aConnection = async (changes: Partial<StoredConnection> = {}) => {
  const org = await anAuthorizedOrg({ tokensAt: STORED_AT, ...changes });
  const { connections, stored: first } = org;
  const add = (more: Partial<StoredConnection>) => {
    const connection = { ...first, ...more };
    connections.stored.set(connection.connectionId, connection);
  };
  let remainingMs = 120_000;
  const ports: KeepTokensPorts = { ...org.ports, remainingMs: () => remainingMs };
  const stored = () => connections.stored.get(ID);
  const hasLittleTime = () => {
    remainingMs = 30_000;
  };
  return { ...org, ports, add, stored, hasLittleTime };
};

describe('a refresh token is idle', () => {
  test.each([
    ['active', true],
    ['paused', true],
    ['reauthorization-required', false],
    ['revoked', false],
  ] as const)('after a week, %s: %s', (status, isIdle) => {
    const connection = { status, createdAt: '2025-01-01T00:00:00.000Z', tokensAt: STORED_AT };
    const due = Date.parse(STORED_AT) + MOST_IDLE_MS;

    expect(isTokenIdle(connection, due)).toBe(isIdle);
    expect(isTokenIdle(connection, due - 1)).toBe(false);
  });

  test('as soon as its connection is a week old, where nobody noted when it was stored', () => {
    const due = Date.parse(STORED_AT) + MOST_IDLE_MS;

    expect(isTokenIdle({ status: 'paused', createdAt: STORED_AT }, due)).toBe(true);
    expect(isTokenIdle({ status: 'paused', createdAt: STORED_AT }, due - 1)).toBe(false);
  });
});

describe('keeping tokens alive', () => {
  test.each(['active', 'paused'] as const)(
    'uses an idle token once, and not again for a week (%s)',
    async (status) => {
      const { clock, ports, server, stored, vault } = await aConnection({ status });
      clock.advance(MOST_IDLE_MS);

      const first = await keepTokens(ports);
      const second = await keepTokens(ports);

      expect([first, second]).toEqual([
        { keptTokens: 1, unkeptTokens: [] },
        { keptTokens: 0, unkeptTokens: [] },
      ]);
      expect([server.requests, server.reuses]).toEqual([1, 0]);
      expect(stored()).toMatchObject({ status, tokenVersion: 2, tokensAt: clock.now() });
      const { sealedTokens } = stored() ?? {};
      if (!sealedTokens) throw new Error('no tokens');
      expect(await vault.open(sealedTokens, TENANT)).toEqual(server.current);
      clock.advance(MOST_IDLE_MS);
      expect(await keepTokens(ports)).toEqual({ keptTokens: 1, unkeptTokens: [] });
    },
  );

  test('goes by the tokens, not by what else was changed of the connection', async () => {
    const { clock, connections, ports, server } = await aConnection();
    clock.advance(MOST_IDLE_MS - 1);
    await connections.setStatus(ID, 'paused', clock.now());
    expect((await keepTokens(ports)).keptTokens).toBe(0);
    clock.advance(1);

    expect((await keepTokens(ports)).keptTokens).toBe(1);
    expect(server.requests).toBe(1);
  });

  test.each(STATUSES)('a refusal asks for another authorisation, with its event: %s', async (status) => {
    const { clock, events, ports, server, stored } = await aConnection({ status });
    server.revokeAll();
    clock.advance(MOST_IDLE_MS);

    const kept = await keepTokens(ports);
    await keepTokens(ports);

    const isAsked = status === 'active' || status === 'paused';
    expect(kept.keptTokens).toBe(0);
    expect(kept.unkeptTokens).toEqual(
      isAsked ? [{ connectionId: ID, code: 'CONNECTION_REAUTHORIZATION_REQUIRED' }] : [],
    );
    expect(stored()?.status).toBe(isAsked ? 'reauthorization-required' : status);
    expect(events.published).toHaveLength(isAsked ? 1 : 0);
    expect(server.requests).toBe(isAsked ? 1 : 0);
  });

  test('a lost answer is not asked for again while its lease lasts', async () => {
    const { clock, ports, server } = await aConnection({ status: 'paused' });
    server.lostAnswers = 1;
    clock.advance(MOST_IDLE_MS);

    const kept = await keepTokens(ports);
    await keepTokens(ports);

    expect(kept.unkeptTokens).toEqual([{ connectionId: ID, code: 'TOKEN_REFRESH_UNSETTLED' }]);
    expect(server.requests).toBe(1);
  });

  test('one of any number of runs at once sends the request', async () => {
    const { clock, ports, server } = await aConnection({ status: 'paused' });
    clock.advance(MOST_IDLE_MS);

    const kept = await Promise.all([keepTokens(ports), keepTokens(ports), keepTokens(ports)]);

    expect(kept.reduce((sum, { keptTokens }) => sum + keptTokens, 0)).toBe(1);
    expect([server.requests, server.reuses]).toEqual([1, 0]);
  });

  test('one that gives trouble holds up none of the others, on any page', async () => {
    const { clock, add, ports, server } = await aConnection({ tokensAt: STORED_AT });
    for (const id of ['c1', 'c2', 'c3', 'c4']) {
      // Sealed for another: these cannot be opened.
      add({ connectionId: id, orgId: `tenant-${id}`, tokensAt: STORED_AT });
    }
    clock.advance(MOST_IDLE_MS);

    const { keptTokens, unkeptTokens } = await keepTokens(ports);

    expect([keptTokens, unkeptTokens.map(({ connectionId }) => connectionId).sort()]).toEqual([
      1,
      ['c1', 'c2', 'c3', 'c4'],
    ]);
    expect(server.requests).toBe(1);
  });

  test('begins no refresh that might not come to its end', async () => {
    const { clock, hasLittleTime, ports, server } = await aConnection();
    clock.advance(MOST_IDLE_MS);
    hasLittleTime();

    expect(await keepTokens(ports)).toEqual({ keptTokens: 0, unkeptTokens: [] });
    expect(server.requests).toBe(0);
  });
});
