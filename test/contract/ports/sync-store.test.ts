import { DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DynamoHistory } from '../../../shared/aws/reconciliation/history.ts';
import { DynamoJournal } from '../../../shared/aws/reconciliation/journal.ts';
import { pointerItemKey, pointerItems } from '../../../shared/aws/reconciliation/link-items.ts';
import { DynamoLinkLists } from '../../../shared/aws/reconciliation/link-lists.ts';
import { DynamoLinkPages } from '../../../shared/aws/reconciliation/link-pages.ts';
import { DynamoMappingStates } from '../../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoOpenConflicts } from '../../../shared/aws/reconciliation/open-conflicts.ts';
import { DynamoOverlays } from '../../../shared/aws/reconciliation/overlays.ts';
import { DynamoParkedKeys } from '../../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoSyncStore } from '../../../shared/aws/reconciliation/sync-store.ts';
import { LOCAL_TENANT_INDEX } from '../../../shared/contracts/tables.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { must } from '../../../shared/sync/assert.ts';
import { aField, aMapping } from '../../builders/sync.ts';
import { InMemoryLinkLists } from '../../in-memory/link-lists.ts';
import { InMemoryLinkPages } from '../../in-memory/link-pages.ts';
import { InMemoryMappingStates } from '../../in-memory/mapping-states.ts';
import { InMemoryOpenConflicts } from '../../in-memory/open-conflicts.ts';
import { InMemorySyncStore } from '../../in-memory/sync-store.ts';
import { localTable, matchedLocalTable, sharedLocalTable, syncStateTable } from './aws-tables.ts';
import { describeOnAws, freshName, temporaryTables } from './emulated-aws.ts';
import { historySuite } from './history.suite.ts';
import { linkListsSuite } from './link-lists.suite.ts';
import { linkPagesSuite } from './link-pages.suite.ts';
import { localKeysWithSuite } from './local-keys-with.suite.ts';
import { openConflictsSuite } from './open-conflicts.suite.ts';
import { overlaysSuite } from './overlays.suite.ts';
import { revisedLooksSuite } from './revised-looks.suite.ts';
import { syncStoreSuite } from './sync-store.suite.ts';

/** So small that a scan of a few items has several pages. */
const PAGE_ITEMS = 2;

describe('the sync store in memory', () => {
  syncStoreSuite(() => {
    const store = new InMemorySyncStore({ pageItems: PAGE_ITEMS });
    return {
      store,
      parkedKeys: store.parkedKeys,
      journal: store.journal,
      put: async (item) => store.tables.put('contacts', item.id, item),
      get: async (id) => store.tables.get('contacts', id),
    };
  });
  localKeysWithSuite(() => {
    const store = new InMemorySyncStore();
    return { store, put: async (item) => store.tables.put('contacts', item.id, item) };
  });
  linkListsSuite(() => {
    const store = new InMemorySyncStore();
    return { store, lists: new InMemoryLinkLists(store, 3) };
  });
  revisedLooksSuite(() => {
    const mappingStates = new InMemoryMappingStates();
    const store = new InMemorySyncStore({ mappingStates });
    return { store, mappingStates, parkedKeys: store.parkedKeys };
  });
  describe('the history', () =>
    historySuite(() => {
      const store = new InMemorySyncStore();
      return { store, history: store.history };
    }));
  linkPagesSuite(() => {
    const store = new InMemorySyncStore();
    return {
      store,
      pages: new InMemoryLinkPages(store, 3),
      losePointer: async (mappingId, sfId) => void store.pointers.delete(`${mappingId}#${sfId}`),
      putPointer: async (mappingId, { sfId, localKey }) =>
        void store.pointers.set(`${mappingId}#${sfId}`, localKey),
    };
  });
  describe('overlays', () =>
    overlaysSuite(() => {
      const store = new InMemorySyncStore();
      return { store, overlays: store.overlays };
    }));
  describe('open conflicts', () =>
    openConflictsSuite(() => {
      const store = new InMemorySyncStore();
      return { store, parkedKeys: store.parkedKeys, conflicts: new InMemoryOpenConflicts(store) };
    }));
});

describeOnAws('the sync store on DynamoDB', () => {
  const tables = temporaryTables();
  const syncState = freshName('sync-state');
  const contacts = freshName('contacts');
  const shared = freshName('shared-contacts');
  const matched = freshName('matched-contacts');
  beforeAll(async () => {
    await tables.create(syncStateTable(syncState));
    await tables.create(localTable(contacts, 'id'));
    await tables.create(sharedLocalTable(shared, 'id', 'tenant'));
    await tables.create(matchedLocalTable(matched, 'id', 'tenant', 'email'));
  });
  afterAll(() => tables.deleteAll());

  const openStore = () =>
    new DynamoSyncStore({
      client: tables.client(),
      syncStateTable: syncState,
      localTables: { contacts },
      pageItems: PAGE_ITEMS,
    });

  const itemsOf = (TableName: string) => ({
    async put(item: Readonly<Record<string, unknown>>) {
      await tables.client().send(new PutItemCommand({ TableName, Item: marshall(item) }));
    },
    async get(id: string) {
      const Key = { id: { S: id } };
      const { Item } = await tables.client().send(new GetItemCommand({ TableName, Key }));
      return Item && unmarshall(Item);
    },
  });

  const besides = () => ({
    parkedKeys: new DynamoParkedKeys({ client: tables.client(), name: syncState }, systemClock),
    journal: new DynamoJournal({ client: tables.client(), name: syncState }),
  });

  syncStoreSuite(() => ({ store: openStore(), ...besides(), ...itemsOf(contacts) }));
  linkListsSuite(() => ({
    store: openStore(),
    lists: new DynamoLinkLists({ client: tables.client(), name: syncState }, 3),
  }));
  revisedLooksSuite(() => ({
    store: openStore(),
    ...besides(),
    mappingStates: new DynamoMappingStates({ client: tables.client(), name: syncState }),
  }));

  describe('the history', () =>
    historySuite(() => ({
      store: openStore(),
      history: new DynamoHistory({ client: tables.client(), name: syncState }),
    })));

  linkPagesSuite(() => {
    const table = { client: tables.client(), name: syncState };
    return {
      store: openStore(),
      pages: new DynamoLinkPages({ ...table, pointersOfABucket: 1, linksOfAPage: 1 }),
      losePointer: async (mappingId, sfId) => {
        const Key = pointerItemKey(mappingId, sfId);
        await table.client.send(new DeleteItemCommand({ TableName: table.name, Key }));
      },
      putPointer: async (mappingId, pointer) => {
        const Item = { ...pointerItems.toItem(pointer), ...pointerItemKey(mappingId, pointer.sfId) };
        await table.client.send(new PutItemCommand({ TableName: table.name, Item }));
      },
    };
  });
  localKeysWithSuite(() => ({
    store: new DynamoSyncStore({
      client: tables.client(),
      syncStateTable: syncState,
      localTables: { contacts: matched },
      matchIndexes: { contacts: { email: 'by-email' } },
    }),
    put: itemsOf(matched).put,
  }));

  describe('overlays', () =>
    overlaysSuite(() => ({
      store: openStore(),
      overlays: new DynamoOverlays({ client: tables.client(), name: syncState }, 3),
    })));
  describe('open conflicts', () =>
    openConflictsSuite(() => ({
      store: openStore(),
      ...besides(),
      conflicts: new DynamoOpenConflicts({ client: tables.client(), name: syncState }, systemClock),
    })));

  describe('with an index by tenant', () => {
    syncStoreSuite(() => ({
      store: new DynamoSyncStore({
        client: tables.client(),
        syncStateTable: syncState,
        localTables: { contacts: shared },
        tenantIndexes: { contacts: LOCAL_TENANT_INDEX },
        pageItems: PAGE_ITEMS,
      }),
      ...besides(),
      ...itemsOf(shared),
    }));
  });

  describe('numbers that no double holds', () => {
    const mapping = {
      ...aMapping({ mappingId: 'numbers.contact' }),
      fields: [aField({ localField: 'size', type: 'number' }), aField({ localField: 'name' })],
    };
    const put = (id: string, size: string) =>
      tables
        .client()
        .send(new PutItemCommand({ TableName: contacts, Item: { id: { S: id }, size: { N: size } } }));
    const renamed = async (id: string, change: () => Promise<unknown>) => {
      const store = openStore();
      const read = must((await store.items(mapping, [id])).items.get(id), 'the item is there');
      await change();
      const link = {
        mappingId: mapping.mappingId,
        localKey: id,
        state: 'linked',
        revision: 1,
        base: {},
      } as const;
      const item = { kind: 'update', read, values: { name: 'Ann' } } as const;
      return store.commit([{ mapping, link, expectedVersion: 0, item }]);
    };

    test('are compared to the last digit when the item is written', async () => {
      await put('fraction', '0.10000000000000000000001');
      expect(await renamed('fraction', async () => undefined)).toEqual(['committed']);

      await put('fraction-2', '0.10000000000000000000001');
      const change = () => put('fraction-2', '0.10000000000000000000002');
      expect(await renamed('fraction-2', change)).toEqual(['lost-race']);
    });

    test('are read and written with every digit', async () => {
      await put('long', '12345678901234567890123');
      await put('long-but-exact', '9007199254740994');

      const store = openStore();
      const { items, invalid } = await store.items(mapping, ['long', 'long-but-exact']);

      expect(invalid).toEqual(new Map());
      expect(items.get('long')?.values.size).toBe('12345678901234567890123');
      expect(items.get('long-but-exact')?.values.size).toBe(9007199254740994);

      const link = { mappingId: mapping.mappingId, localKey: 'long', state: 'linked', revision: 1 } as const;
      const read = must(items.get('long'), 'the item is there');
      const values = { size: '-0.12345678901234567890123456789012345678' };
      const item = { kind: 'update', read, values } as const;
      const commit = { mapping, link: { ...link, base: values }, expectedVersion: 0, item };
      expect(await store.commit([commit])).toEqual(['committed']);
      expect((await store.items(mapping, ['long'])).items.get('long')?.values).toMatchObject(values);
      expect((await store.links(mapping.mappingId, ['long'])).get('long')?.base).toEqual(values);
    });
  });

  test('turns what DynamoDB refuses into an error of ours', async () => {
    const broken = new DynamoSyncStore({
      client: tables.client(),
      syncStateTable: freshName('missing'),
      localTables: { contacts },
    });

    await expect(broken.links('a.b', ['c'])).rejects.toMatchObject({
      name: 'Refused',
      next: { do: 'stop' },
      message: 'reading links was refused (ResourceNotFoundException)',
    });
  });
});
