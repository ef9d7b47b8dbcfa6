import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Connection } from '../../../shared/sync/model/connection.ts';
import type { ConnectionStore, StoredConnection } from '../../../shared/use-cases/ports/connection-store.ts';

const aConnection = (changes: Partial<StoredConnection> = {}): StoredConnection => ({
  connectionId: randomUUID(),
  orgId: `tenant-${randomUUID()}`,
  sfOrgId: '00D000000000001EAA',
  sfUserId: '005000000000001AAA',
  instanceUrl: 'https://one.my.salesforce.com',
  loginUrl: 'https://login.salesforce.com',
  apiVersion: 'v59.0',
  status: 'active',
  tokenVersion: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  sealedTokens: { wrappedKey: 'a2V5', nonce: 'bm9uY2U=', ciphertext: 'b25l' },
  ...changes,
});

const otherTokens = { wrappedKey: 'a2V5Mg==', nonce: 'bm9uY2Uy', ciphertext: 'dHdv' };
const later = '2026-01-02T00:00:00.000Z';

const withoutTokens = ({ sealedTokens: _, ...connection }: StoredConnection): Connection => connection;

const save = async (
  store: ConnectionStore,
  connection: StoredConnection,
  begunAt = connection.updatedAt,
): Promise<StoredConnection> =>
  must(await store.saveAuthorization(connection, begunAt), 'nobody disconnected it');

const everything = async (store: ConnectionStore): Promise<Connection[]> => {
  const found: Connection[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(after);
    found.push(...page.connections);
    after = page.next;
  } while (after !== undefined);
  return found;
};

/** What every ConnectionStore does. The store may hold other connections. */
export const connectionStoreSuite = (open: () => ConnectionStore): void => {
  describe('saving an authorisation', () => {
    test('stores a new connection as it is given', async () => {
      const store = open();
      const connection = aConnection();

      const saved = await save(store, connection);

      expect(saved).toEqual(connection);
      expect(await store.get(connection.connectionId)).toEqual(connection);
    });

    test('keeps id, creation time and outbound secret of the same tenant and org, and counts the version up', async () => {
      const store = open();
      const first = await save(store, aConnection());
      await store.setOutboundSecretHash(first.connectionId, 'hash', later);
      await store.setStatus(first.connectionId, 'reauthorization-required', later);
      await store.takeRefreshLease(first.connectionId, 1, { owner: 'x', until: 10 }, 5);

      const again = await save(
        store,
        aConnection({
          orgId: first.orgId,
          createdAt: later,
          tokensAt: later,
          updatedAt: later,
          sealedTokens: otherTokens,
        }),
      );

      expect(again).toEqual({
        ...first,
        outboundSecretHash: 'hash',
        tokensAt: later,
        updatedAt: later,
        tokenVersion: 2,
        sealedTokens: otherTokens,
      });
      expect(await store.get(first.connectionId)).toEqual(again);
    });

    test('leaves a paused connection paused, with the new tokens', async () => {
      const store = open();
      const first = await save(store, aConnection());
      await store.setStatus(first.connectionId, 'paused', later);

      const again = await save(store, aConnection({ orgId: first.orgId, sealedTokens: otherTokens }));

      expect(again).toMatchObject({ status: 'paused', tokenVersion: 2, sealedTokens: otherTokens });
      expect(await store.get(first.connectionId)).toEqual(again);
    });

    test.each([
      ['before it was disconnected', '2026-01-01T23:59:59.999Z'],
      ['in the moment that it was', later],
    ])('brings nothing back that began %s', async (_, begunAt) => {
      const store = open();
      const first = await save(store, aConnection());
      await store.setStatus(first.connectionId, 'revoked', later);
      await store.eraseTokens(first.connectionId, 1, later);
      const again = aConnection({ orgId: first.orgId, sealedTokens: otherTokens });

      expect(await store.saveAuthorization(again, begunAt)).toBeUndefined();
      expect(await store.get(first.connectionId)).toMatchObject({ status: 'revoked', tokenVersion: 2 });
      expect(await store.get(first.connectionId)).not.toHaveProperty('sealedTokens');

      const fresh = await save(store, again, '2026-01-02T00:00:00.001Z');
      expect(fresh).toMatchObject({ status: 'active', tokenVersion: 3, sealedTokens: otherTokens });
    });

    test('makes one connection of two first authorisations at once', async () => {
      const store = open();
      const one = aConnection();
      const two = { ...one, connectionId: randomUUID() };

      const saved = await Promise.all([save(store, one), save(store, two)]);

      expect(new Set(saved.map((connection) => connection.connectionId)).size).toBe(1);
      expect(saved.map((connection) => connection.tokenVersion).sort()).toEqual([1, 2]);
      expect(await store.listOfTenant(one.orgId)).toHaveLength(1);
    });

    test('gives a second tenant with the same org a connection of its own', async () => {
      const store = open();
      const one = await save(store, aConnection());
      const two = await save(store, aConnection());

      expect(await store.listOfTenant(one.orgId)).toEqual([withoutTokens(one)]);
      expect(await store.listOfTenant(two.orgId)).toEqual([withoutTokens(two)]);
    });
  });

  describe('the right to refresh', () => {
    test('goes to one of many who ask at once', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());

      const owners = Array.from({ length: 10 }, (_, index) => `owner-${index}`);
      const taken = await Promise.all(
        owners.map((owner) => store.takeRefreshLease(connectionId, 1, { owner, until: 2000 }, 1000)),
      );

      expect(taken.filter(Boolean)).toHaveLength(1);
      const winner = owners[taken.indexOf(true)];
      expect((await store.get(connectionId))?.refreshLease).toEqual({ owner: winner, until: 2000 });
    });

    test('is the holder’s again when it asks again, since an answer can be lost', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());
      const lease = { owner: 'a', until: 2000 };
      await store.takeRefreshLease(connectionId, 1, lease, 1000);

      expect(await store.takeRefreshLease(connectionId, 1, lease, 1001)).toBe(true);
      expect(await store.takeRefreshLease(connectionId, 1, { ...lease, owner: 'b' }, 1001)).toBe(false);
    });

    test('is free again when its time has come', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());
      await store.takeRefreshLease(connectionId, 1, { owner: 'dead', until: 2000 }, 1000);

      expect(await store.takeRefreshLease(connectionId, 1, { owner: 'b', until: 9000 }, 1999)).toBe(false);
      expect(await store.takeRefreshLease(connectionId, 1, { owner: 'b', until: 9000 }, 2000)).toBe(true);
    });

    test('is not given for a version that has passed, nor for a connection that is not there', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection({ tokenVersion: 4 }));
      const lease = { owner: 'a', until: 2000 };

      expect(await store.takeRefreshLease(connectionId, 3, lease, 1000)).toBe(false);
      expect(await store.takeRefreshLease(randomUUID(), 1, lease, 1000)).toBe(false);
    });
  });

  describe('erasing tokens', () => {
    test('takes tokens, lease and outbound secret away, for good', async () => {
      const store = open();
      const first = await save(store, aConnection());
      const { connectionId } = first;
      await store.setOutboundSecretHash(connectionId, 'hash', later);
      await store.takeRefreshLease(connectionId, 1, { owner: 'x', until: 10 }, 5);

      expect(await store.eraseTokens(connectionId, 1, later)).toBe(true);

      const { sealedTokens: _, ...rest } = first;
      expect(await store.get(connectionId)).toEqual({
        ...rest,
        status: 'revoked',
        tokenVersion: 2,
        updatedAt: later,
      });
      const late = { fromVersion: 1, sealedTokens: otherTokens, instanceUrl: first.instanceUrl, at: later };
      expect(await store.storeRefreshed(connectionId, late)).toBe(false);
      expect(await store.takeRefreshLease(connectionId, 1, { owner: 'y', until: 20 }, 11)).toBe(false);
    });

    test('is refused for a version that has passed, and for a connection that is not there', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection({ tokenVersion: 4 }));

      expect(await store.eraseTokens(connectionId, 3, later)).toBe(false);
      expect(await store.eraseTokens(randomUUID(), 1, later)).toBe(false);
      expect(await store.get(connectionId)).toHaveProperty('sealedTokens');
    });

    test('takes whatever is there where no version is given', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection({ tokenVersion: 4 }));

      expect(await store.eraseTokens(connectionId, undefined, later)).toBe(true);

      expect(await store.get(connectionId)).toMatchObject({ status: 'revoked', tokenVersion: 5 });
      expect(await store.get(connectionId)).not.toHaveProperty('sealedTokens');
      expect(await store.eraseTokens(randomUUID(), undefined, later)).toBe(false);
    });

    test('leaves no way to give out an address', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());
      expect(await store.setOutboundSecretHash(connectionId, 'hash', later)).toBe(true);
      await store.eraseTokens(connectionId, 1, later);

      expect(await store.setOutboundSecretHash(connectionId, 'hash', later)).toBe(false);
      expect(await store.get(connectionId)).not.toHaveProperty('outboundSecretHash');
    });

    test('leaves a connection that can be authorised again', async () => {
      const store = open();
      const first = await save(store, aConnection());
      await store.eraseTokens(first.connectionId, 1, later);

      const again = await save(store, aConnection({ orgId: first.orgId, sealedTokens: otherTokens }));

      expect(again).toMatchObject({
        connectionId: first.connectionId,
        status: 'active',
        tokenVersion: 3,
        sealedTokens: otherTokens,
      });
    });
  });

  describe('storing a refreshed pair', () => {
    const refreshed = {
      fromVersion: 1,
      sealedTokens: otherTokens,
      instanceUrl: 'https://two.my.salesforce.com',
      at: later,
    };

    test('moves the version on and ends the lease, whoever holds it', async () => {
      const store = open();
      const connection = await save(store, aConnection());
      await store.takeRefreshLease(connection.connectionId, 1, { owner: 'another', until: 2000 }, 1000);

      expect(await store.storeRefreshed(connection.connectionId, refreshed)).toBe(true);

      expect(await store.get(connection.connectionId)).toEqual({
        ...connection,
        sealedTokens: otherTokens,
        instanceUrl: 'https://two.my.salesforce.com',
        tokenVersion: 2,
        tokensAt: later,
        updatedAt: later,
      });
    });

    test('does nothing when somebody else has moved the version on', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection({ tokenVersion: 2 }));

      expect(await store.storeRefreshed(connectionId, refreshed)).toBe(false);
      expect((await store.get(connectionId))?.sealedTokens).not.toEqual(otherTokens);
    });
  });

  describe('the status', () => {
    test('changes without a condition', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());

      expect(await store.setStatus(connectionId, 'paused', later)).toBe(true);
      expect(await store.get(connectionId)).toMatchObject({ status: 'paused', updatedAt: later });
      expect(await store.setStatus(randomUUID(), 'paused', later)).toBe(false);
    });

    test('changes on the condition of a status only while it is one of these', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection());
      const only = { status: ['active', 'paused'] } as const;

      expect(await store.setStatus(connectionId, 'paused', later, only)).toBe(true);
      expect(await store.setStatus(connectionId, 'revoked', later)).toBe(true);
      expect(await store.setStatus(connectionId, 'paused', later, only)).toBe(false);
      expect(await store.get(connectionId)).toMatchObject({ status: 'revoked', revokedAt: later });
    });

    test('changes on the condition of a version only while it is that one', async () => {
      const store = open();
      const { connectionId } = await save(store, aConnection({ tokenVersion: 7 }));

      expect(
        await store.setStatus(connectionId, 'reauthorization-required', later, { tokenVersion: 6 }),
      ).toBe(false);
      expect((await store.get(connectionId))?.status).toBe('active');
      expect(
        await store.setStatus(connectionId, 'reauthorization-required', later, { tokenVersion: 7 }),
      ).toBe(true);
    });
  });

  test('lists every connection once, without tokens', async () => {
    const store = open();
    const saved: StoredConnection[] = [];
    // In whichever shards they fall, one of the four has more of them than a page of these tests.
    const many = 21;
    for (let count = 0; count < many; count += 1) saved.push(await save(store, aConnection()));

    const listed = await everything(store);

    const ids = new Set(saved.map((connection) => connection.connectionId));
    const ours = listed.filter((connection) => ids.has(connection.connectionId));
    expect(ours).toHaveLength(many);
    expect(ours).toEqual(expect.arrayContaining(saved.map(withoutTokens)));
  });

  test('records use and the time of it', async () => {
    const store = open();
    const { connectionId } = await save(store, aConnection());

    await store.recordUsage(connectionId, { used: 12, max: 100, at: later });

    expect(await store.get(connectionId)).toMatchObject({
      apiUsage: { used: 12, max: 100 },
      lastSyncAt: later,
    });
  });

  test.each(['', 'connection#x'])(
    'refuses the tenant "%s", which could pass for another kind of item',
    async (orgId) => {
      const store = open();

      await expect(store.listOfTenant(orgId)).rejects.toThrow('no "#"');
      await expect(save(store, aConnection({ orgId }))).rejects.toThrow('no "#"');
    },
  );

  test('names the connections of a tenant that were not revoked', async () => {
    const store = open();
    const { orgId, connectionId } = await save(store, aConnection());
    const paused = await save(store, aConnection({ orgId, sfOrgId: '00D000000000002EAA' }));
    const revoked = await save(store, aConnection({ orgId, sfOrgId: '00D000000000003EAA' }));
    await save(store, aConnection());
    await store.setStatus(paused.connectionId, 'paused', later);
    await store.eraseTokens(revoked.connectionId, 1, later);

    expect([...(await store.idsOfTenant(orgId))].sort()).toEqual([connectionId, paused.connectionId].sort());
    expect(await store.idsOfTenant(`tenant-${randomUUID()}`)).toEqual([]);
    await expect(store.idsOfTenant('connection#x')).rejects.toThrow('no "#"');
  });

  test('refuses what it cannot hold', async () => {
    const store = open();
    const sealedTokens = { wrappedKey: 'a2V5', nonce: 'bm9uY2U=', ciphertext: 'x'.repeat(410_000) };

    for (const refused of [
      () => store.get('é'.repeat(1_100)),
      () => save(store, aConnection({ sfOrgId: '' })),
      () => save(store, aConnection({ sfOrgId: 'é'.repeat(600) })),
      () => save(store, aConnection({ sealedTokens })),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
    }
  });

  test('knows nothing of a connection that is not there', async () => {
    const store = open();

    expect(await store.get(randomUUID())).toBeUndefined();
    expect(await store.listOfTenant(`tenant-${randomUUID()}`)).toEqual([]);
    expect(await store.setOutboundSecretHash(randomUUID(), 'hash', later)).toBe(false);
    await expect(store.recordUsage(randomUUID(), { used: 1, max: 2, at: later })).rejects.toMatchObject({
      name: 'NotFound',
    });
  });
};
