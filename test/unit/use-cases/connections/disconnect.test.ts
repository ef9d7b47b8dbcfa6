import { describe, expect, test } from '@jest/globals';
import {
  NewerData,
  Refused,
  StoreUnavailable,
  Throttled,
  UnreadableItem,
} from '../../../../shared/aws/errors.ts';
import { loginOutage, loginRefusal } from '../../../../shared/salesforce-client/oauth/oauth-refusals.ts';
import { disconnect } from '../../../../shared/use-cases/connections/disconnect.ts';
import { pauseConnection, resumeConnection } from '../../../../shared/use-cases/operations/connections.ts';
import { aStoredConnection, CONNECTION_ID as ID } from '../../../builders/a-connection.ts';
import { aSyncConfig } from '../../../builders/a-sync-config.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { InMemoryTokenVault } from '../../../in-memory/token-vault.ts';

const TENANT = { orgId: 'acme', sfOrgId: '00D000000000001EAA' };
const OUTAGE = loginOutage('revoke token', 503);
const REFUSAL = loginRefusal({ operation: 'revoke token', isRefresh: false, secrets: [] }, 400, {
  error: 'invalid_request',
});

const aConnected = async (change: Parameters<typeof aStoredConnection>[0] = {}) => {
  const clock = manualClock();
  const connections = new InMemoryConnections();
  const vault = new InMemoryTokenVault();
  const seal = (refreshToken: string) => vault.seal({ accessToken: 'a', refreshToken }, TENANT);
  connections.stored.set(ID, aStoredConnection({ sealedTokens: await seal('refresh-1'), ...change }));
  const revoked: string[] = [];
  const answers: (() => Promise<void>)[] = [];
  const revoker = {
    revoke: async ({ token }: { readonly token: string }) => {
      await (answers.shift() ?? (async () => undefined))();
      revoked.push(token);
    },
  };
  return { ports: { clock, connections, vault, revoker }, clock, connections, seal, revoked, answers };
};

const bound = (connections: InMemoryConnections) => ({
  get: connections.get.bind(connections),
  setStatus: connections.setStatus.bind(connections),
  eraseTokens: connections.eraseTokens.bind(connections),
});

const fail = (error: Error) => () => Promise.reject(error);

describe('disconnecting', () => {
  test.each(['active', 'paused', 'reauthorization-required'] as const)(
    'revokes the token of a connection that is %s, and erases what could be used',
    async (status) => {
      const { ports, connections, revoked } = await aConnected({ status });

      expect(await disconnect(ports, { connectionId: ID })).toMatchObject({
        status: 'revoked',
        atSalesforce: 'revoked',
      });

      expect(revoked).toEqual(['refresh-1']);
      const stored = connections.stored.get(ID);
      expect(stored).toMatchObject({ status: 'revoked', tokenVersion: 2 });
      expect(stored).not.toHaveProperty('sealedTokens');
      expect(stored).not.toHaveProperty('outboundSecretHash');
    },
  );

  test('twice finds nothing left to revoke', async () => {
    const { ports, revoked } = await aConnected();
    await disconnect(ports, { connectionId: ID });

    expect(await disconnect(ports, { connectionId: ID })).toMatchObject({
      status: 'revoked',
      atSalesforce: 'nothing-to-revoke',
    });
    expect(revoked).toHaveLength(1);
  });

  test('stops all work before it asks Salesforce', async () => {
    const { ports, connections, answers } = await aConnected();
    answers.push(async () => expect(connections.stored.get(ID)?.status).toBe('revoked'));

    await disconnect(ports, { connectionId: ID });

    expect.assertions(1);
  });

  test('asks again through a hiccup', async () => {
    const { ports, answers } = await aConnected();
    answers.push(fail(OUTAGE), fail(OUTAGE));

    expect(await disconnect(ports, { connectionId: ID })).toMatchObject({ atSalesforce: 'revoked' });
  });

  test.each([
    ['does not answer', [fail(OUTAGE), fail(OUTAGE), fail(OUTAGE)]],
    ['refuses', [fail(REFUSAL)]],
  ])(
    'erases everything here, and says that the token may live on, where Salesforce %s',
    async (_what, how) => {
      const { ports, connections, answers } = await aConnected();
      answers.push(...how);

      const disconnected = await disconnect(ports, { connectionId: ID });

      expect(disconnected).toMatchObject({
        atSalesforce: 'unknown',
        message: expect.stringContaining('may live on'),
      });
      expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
      expect(connections.stored.get(ID)?.status).toBe('revoked');
    },
  );

  test('erases everything, and tells of it, where it breaks down unexpectedly', async () => {
    const { ports, connections, answers } = await aConnected();
    answers.push(fail(new Error('broken')));

    await expect(disconnect(ports, { connectionId: ID })).rejects.toThrow('broken');

    expect(connections.stored.get(ID)?.status).toBe('revoked');
    expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
    expect(await disconnect(ports, { connectionId: ID })).toMatchObject({
      atSalesforce: 'nothing-to-revoke',
    });
  });

  test.each([
    ['KMS refuses', new Refused('opening tokens', 'AccessDeniedException')],
    ['KMS does not answer', new StoreUnavailable('opening tokens')],
    ['they are damaged', new Refused('opening tokens', 'they do not belong to this connection')],
  ])(
    'erases tokens that cannot be opened, since %s, and says that Salesforce was not told',
    async (_, error) => {
      const { ports, connections, revoked } = await aConnected();
      const vault = { open: () => Promise.reject(error) };

      const disconnected = await disconnect({ ...ports, vault }, { connectionId: ID });

      expect(disconnected).toMatchObject({ atSalesforce: 'unknown' });
      expect(revoked).toEqual([]);
      expect(connections.stored.get(ID)).toMatchObject({ status: 'revoked', tokenVersion: 2 });
      expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
      expect(connections.stored.get(ID)).not.toHaveProperty('outboundSecretHash');
    },
  );

  test('opens the tokens again after a hiccup of KMS', async () => {
    const { ports, revoked } = await aConnected();
    let hiccups = 2;
    const vault = {
      open: (...args: Parameters<typeof ports.vault.open>) => {
        hiccups -= 1;
        return hiccups < 0 ? ports.vault.open(...args) : Promise.reject(new Throttled('opening tokens'));
      },
    };

    expect(await disconnect({ ...ports, vault }, { connectionId: ID })).toMatchObject({
      atSalesforce: 'revoked',
    });
    expect(revoked).toEqual(['refresh-1']);
  });

  test('erases what a damaged item holds, without reading it', async () => {
    const { ports, connections } = await aConnected();
    const get = () => Promise.reject(new UnreadableItem('connections', 'sealedTokens'));
    const damaged = { ...bound(connections), get };

    const disconnected = await disconnect({ ...ports, connections: damaged }, { connectionId: ID });

    expect(disconnected).toMatchObject({ status: 'revoked', atSalesforce: 'unknown' });
    expect(connections.stored.get(ID)).toMatchObject({ status: 'revoked' });
    expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
  });

  test('leaves an item alone that newer code wrote', async () => {
    const { ports, connections } = await aConnected();
    const newer = { ...bound(connections), get: () => Promise.reject(new NewerData('connections', 2, 1)) };

    await expect(disconnect({ ...ports, connections: newer }, { connectionId: ID })).rejects.toMatchObject({
      code: 'STORED_BY_LATER_VERSION',
    });

    expect(connections.stored.get(ID)).toMatchObject({ status: 'active' });
  });

  test.each([
    ['pauses', pauseConnection],
    ['resumes', resumeConnection],
  ])('ends as revoked, at whichever call somebody %s', async (_, act) => {
    for (let moment = 1, isOver = false; !isOver; moment += 1) {
      const { ports, connections, answers } = await aConnected();
      const operator = {
        ...ports,
        config: aSyncConfig(),
        mappingStates: new InMemoryMappingStates(),
        newSecret: () => 'x',
        publicUrl: '',
      };
      let calls = 0;
      const step = async () => {
        calls += 1;
        if (calls === moment) await act(operator, { connectionId: ID }).catch(() => undefined);
      };
      const racing = {
        get: (id: string) => step().then(() => connections.get(id)),
        setStatus: (...args: Parameters<typeof connections.setStatus>) =>
          step().then(() => connections.setStatus(...args)),
        eraseTokens: (...args: Parameters<typeof connections.eraseTokens>) =>
          step().then(() => connections.eraseTokens(...args)),
      };
      answers.push(step);

      await disconnect({ ...ports, connections: racing }, { connectionId: ID });
      isOver = calls < moment;
      // Once more when all is over.
      moment = isOver ? calls + 1 : moment;
      await step();

      expect(connections.stored.get(ID)).toMatchObject({ status: 'revoked' });
      expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
    }
  });

  test('waits for a refresh that is under way, and revokes what came of it', async () => {
    const { ports, clock, connections, seal, revoked } = await aConnected();
    await connections.takeRefreshLease(
      ID,
      1,
      { owner: 'worker', until: clock.nowMs() + 20_000 },
      clock.nowMs(),
    );
    const sealedTokens = await seal('refresh-2');
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      await sleep(ms);
      await connections.storeRefreshed(ID, { fromVersion: 1, sealedTokens, instanceUrl: '', at: '' });
    };

    await disconnect(ports, { connectionId: ID });

    expect(revoked).toEqual(['refresh-2']);
    expect(connections.stored.get(ID)).not.toHaveProperty('sealedTokens');
  });

  test('revokes the newer pair too where one slipped in', async () => {
    const { ports, connections, seal, revoked, answers } = await aConnected();
    const sealedTokens = await seal('refresh-2');
    answers.push(async () => {
      await connections.storeRefreshed(ID, { fromVersion: 1, sealedTokens, instanceUrl: '', at: '' });
    });

    await disconnect(ports, { connectionId: ID });

    expect(revoked).toEqual(['refresh-1', 'refresh-2']);
  });

  test('leaves a connection alone that was authorised again meanwhile', async () => {
    const { ports, connections, seal, revoked, answers } = await aConnected();
    const sealedTokens = await seal('refresh-new');
    answers.push(async () => {
      const begunAt = '2026-01-01T00:00:00.001Z';
      await connections.saveAuthorization(aStoredConnection({ sealedTokens }), begunAt);
    });

    await expect(disconnect(ports, { connectionId: ID })).rejects.toMatchObject({
      code: 'CONNECTION_CHANGED',
    });

    expect(revoked).toEqual(['refresh-1']);
    expect(connections.stored.get(ID)).toMatchObject({ status: 'active', sealedTokens });
  });

  test('names a connection that does not exist', async () => {
    const { ports } = await aConnected();

    await expect(disconnect(ports, { connectionId: 'c9' })).rejects.toThrow('There is no connection c9.');
  });
});
