import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
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

      const saved = await store.saveAuthorization(connection);

      expect(saved).toEqual(connection);
      expect(await store.get(connection.connectionId)).toEqual(connection);
    });

    test('keeps id, creation time and outbound secret of the same tenant and org, and counts the version up', async () => {
      const store = open();
      const first = await store.saveAuthorization(aConnection());
      await store.setOutboundSecretHash(first.connectionId, 'hash', later);
      await store.setStatus(first.connectionId, 'reauthorization-required', later);
      await store.takeRefreshLease(first.connectionId, 1, { owner: 'x', until: 10 }, 5);

      const again = await store.saveAuthorization(
        aConnection({ orgId: first.orgId, createdAt: later, updatedAt: later, sealedTokens: otherTokens }),
      );

      expect(again).toEqual({
        ...first,
        outboundSecretHash: 'hash',
        updatedAt: later,
        tokenVersion: 2,
        sealedTokens: otherTokens,
      });
      expect(await store.get(first.connectionId)).toEqual(again);
    });

    test('leaves a paused connection paused, with the new tokens', async () => {
      const store = open();
      const first = await store.saveAuthorization(aConnection());
      await store.setStatus(first.connectionId, 'paused', later);

      const again = await store.saveAuthorization(
        aConnection({ orgId: first.orgId, sealedTokens: otherTokens }),
      );

      expect(again).toMatchObject({ status: 'paused', tokenVersion: 2, sealedTokens: otherTokens });
      expect(await store.get(first.connectionId)).toEqual(again);
    });

    test('makes one connection of two first authorisations at once', async () => {
      const store = open();
      const one = aConnection();
      const two = { ...one, connectionId: randomUUID() };

      const saved = await Promise.all([store.saveAuthorization(one), store.saveAuthorization(two)]);

      expect(new Set(saved.map((connection) => connection.connectionId)).size).toBe(1);
      expect(saved.map((connection) => connection.tokenVersion).sort()).toEqual([1, 2]);
      expect(await store.listOfTenant(one.orgId)).toHaveLength(1);
    });

    test('gives a second tenant with the same org a connection of its own', async () => {
      const store = open();
      const one = await store.saveAuthorization(aConnection());
      const two = await store.saveAuthorization(aConnection());

      expect(await store.listOfTenant(one.orgId)).toEqual([withoutTokens(one)]);
      expect(await store.listOfTenant(two.orgId)).toEqual([withoutTokens(two)]);
    });
  });

  describe('the right to refresh', () => {
    test('goes to one of many who ask at once', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection());

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
      const { connectionId } = await store.saveAuthorization(aConnection());
      const lease = { owner: 'a', until: 2000 };
      await store.takeRefreshLease(connectionId, 1, lease, 1000);

      expect(await store.takeRefreshLease(connectionId, 1, lease, 1001)).toBe(true);
      expect(await store.takeRefreshLease(connectionId, 1, { ...lease, owner: 'b' }, 1001)).toBe(false);
    });

    test('is free again when its time has come', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection());
      await store.takeRefreshLease(connectionId, 1, { owner: 'dead', until: 2000 }, 1000);

      expect(await store.takeRefreshLease(connectionId, 1, { owner: 'b', until: 9000 }, 1999)).toBe(false);
      expect(await store.takeRefreshLease(connectionId, 1, { owner: 'b', until: 9000 }, 2000)).toBe(true);
    });

    test('is not given for a version that has passed, nor for a connection that is not there', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection({ tokenVersion: 4 }));
      const lease = { owner: 'a', until: 2000 };

      expect(await store.takeRefreshLease(connectionId, 3, lease, 1000)).toBe(false);
      expect(await store.takeRefreshLease(randomUUID(), 1, lease, 1000)).toBe(false);
    });
  });

  describe('erasing tokens', () => {
    test('takes tokens, lease and outbound secret away, for good', async () => {
      const store = open();
      const first = await store.saveAuthorization(aConnection());
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
      const { connectionId } = await store.saveAuthorization(aConnection({ tokenVersion: 4 }));

      expect(await store.eraseTokens(connectionId, 3, later)).toBe(false);
      expect(await store.eraseTokens(randomUUID(), 1, later)).toBe(false);
      expect(await store.get(connectionId)).toHaveProperty('sealedTokens');
    });

    test('leaves a connection that can be authorised again', async () => {
      const store = open();
      const first = await store.saveAuthorization(aConnection());
      await store.eraseTokens(first.connectionId, 1, later);

      const again = await store.saveAuthorization(
        aConnection({ orgId: first.orgId, sealedTokens: otherTokens }),
      );

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
      const connection = await store.saveAuthorization(aConnection());
      await store.takeRefreshLease(connection.connectionId, 1, { owner: 'another', until: 2000 }, 1000);

      expect(await store.storeRefreshed(connection.connectionId, refreshed)).toBe(true);

      expect(await store.get(connection.connectionId)).toEqual({
        ...connection,
        sealedTokens: otherTokens,
        instanceUrl: 'https://two.my.salesforce.com',
        tokenVersion: 2,
        updatedAt: later,
      });
    });

    test('does nothing when somebody else has moved the version on', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection({ tokenVersion: 2 }));

      expect(await store.storeRefreshed(connectionId, refreshed)).toBe(false);
      expect((await store.get(connectionId))?.sealedTokens).not.toEqual(otherTokens);
    });
  });

  describe('the status', () => {
    test('changes without a condition', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection());

      expect(await store.setStatus(connectionId, 'paused', later)).toBe(true);
      expect(await store.get(connectionId)).toMatchObject({ status: 'paused', updatedAt: later });
      expect(await store.setStatus(randomUUID(), 'paused', later)).toBe(false);
    });

    test('changes on the condition of a version only while it is that one', async () => {
      const store = open();
      const { connectionId } = await store.saveAuthorization(aConnection({ tokenVersion: 7 }));

      expect(await store.setStatus(connectionId, 'reauthorization-required', later, 6)).toBe(false);
      expect((await store.get(connectionId))?.status).toBe('active');
      expect(await store.setStatus(connectionId, 'reauthorization-required', later, 7)).toBe(true);
    });
  });

  test('lists every connection once, without tokens', async () => {
    const store = open();
    const saved: StoredConnection[] = [];
    for (let count = 0; count < 12; count += 1) saved.push(await store.saveAuthorization(aConnection()));

    const listed = await everything(store);

    const ids = new Set(saved.map((connection) => connection.connectionId));
    const ours = listed.filter((connection) => ids.has(connection.connectionId));
    expect(ours).toHaveLength(12);
    expect(ours).toEqual(expect.arrayContaining(saved.map(withoutTokens)));
  });

  test('records use and the time of it', async () => {
    const store = open();
    const { connectionId } = await store.saveAuthorization(aConnection());

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
      await expect(store.saveAuthorization(aConnection({ orgId }))).rejects.toThrow('no "#"');
    },
  );

  test('names the connections of a tenant that were not revoked', async () => {
    const store = open();
    const { orgId, connectionId } = await store.saveAuthorization(aConnection());
    const paused = await store.saveAuthorization(aConnection({ orgId, sfOrgId: '00D000000000002EAA' }));
    const revoked = await store.saveAuthorization(aConnection({ orgId, sfOrgId: '00D000000000003EAA' }));
    await store.saveAuthorization(aConnection());
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
      () => store.saveAuthorization(aConnection({ sfOrgId: '' })),
      () => store.saveAuthorization(aConnection({ sfOrgId: 'é'.repeat(600) })),
      () => store.saveAuthorization(aConnection({ sealedTokens })),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
    }
  });

  test('knows nothing of a connection that is not there', async () => {
    const store = open();

    expect(await store.get(randomUUID())).toBeUndefined();
    expect(await store.listOfTenant(`tenant-${randomUUID()}`)).toEqual([]);
    await expect(store.setOutboundSecretHash(randomUUID(), 'hash', later)).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(store.recordUsage(randomUUID(), { used: 1, max: 2, at: later })).rejects.toMatchObject({
      name: 'NotFound',
    });
  });
};
