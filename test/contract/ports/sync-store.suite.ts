import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import { imageFor } from '../../../shared/sync/mapping/item-image.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../shared/sync/model/mapping.ts';
import type { LocalItem } from '../../../shared/sync/model/record.ts';
import type { FieldValues } from '../../../shared/sync/model/values.ts';
import type { Conflict, Journal } from '../../../shared/use-cases/ports/journal.ts';
import type { ParkedKeys } from '../../../shared/use-cases/ports/parked-keys.ts';
import type { Commit, SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aField, aMapping } from '../../builders/sync.ts';
import { localValuesSuite } from './local-values.suite.ts';

/** A store, and the local table `contacts` (key `id`) as its owner sees it. */
export interface SyncStoreHarness {
  readonly store: SyncStore;
  /** On the same tables. */
  readonly parkedKeys: ParkedKeys;
  readonly journal: Journal;
  put(item: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<void>;
  get(id: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** A mapping that no other test uses, of a tenant that no other test uses. */
const someMapping = (change: Partial<Mapping> = {}): Mapping => {
  const { tenant: _, ...mapping } = aMapping();
  const connectionId = randomUUID();
  return {
    ...mapping,
    connectionId,
    mappingId: `${connectionId}.contact`,
    tenantId: `tenant-${randomUUID()}`,
    tenantField: 'tenant',
    localIdField: 'salesforceId',
    fields: [
      aField({ localField: 'name' }),
      aField({ localField: 'size', type: 'number' }),
      aField({ localField: 'vip', type: 'boolean' }),
    ],
    ...change,
  };
};

const newId = (): string => randomUUID();
const SF = '003000000000001AAA';

const linkTo = (mapping: Mapping, localKey: string, change: Partial<Link> = {}): Omit<Link, 'version'> => {
  const { version: _, ...rest } = change;
  return { mappingId: mapping.mappingId, localKey, state: 'linked', revision: 1, base: {}, ...rest };
};

const aCommit = (mapping: Mapping, localKey: string, change: Partial<Commit> = {}): Commit => ({
  mapping,
  link: linkTo(mapping, localKey),
  expectedVersion: 0,
  ...change,
});

const linkOf = async (store: SyncStore, mapping: Mapping, key: string): Promise<Link | undefined> =>
  (await store.links(mapping.mappingId, [key])).get(key);

const itemOf = async (store: SyncStore, mapping: Mapping, key: string): Promise<LocalItem> =>
  must((await store.items(mapping, [key])).items.get(key), 'the item is there');

/*
 * What the store refuses are DynamoDB's limits, nearly all of which the emulator has too. It does not count the
 * operators of an expression, of which DynamoDB takes 300: a mapping with so many fields meets the limit of 4 KB of
 * text here, and either limit there. The outcome is the same, since both are a `ValidationException`. Nor does it
 * measure the projection of a batch of reads: that more attributes are refused than fit into one is a guard of ours.
 */

/** As many mapped attributes as it takes to fill an expression. */
const manyFields = (count: number) =>
  Array.from({ length: count }, (_, index) => aField({ localField: `field${index}` }));

/** A key of more bytes than DynamoDB holds, and of fewer characters. */
const TOO_LONG = 'é'.repeat(1_100);

/** What every SyncStore does. */
export const syncStoreSuite = (open: () => SyncStoreHarness): void => {
  localValuesSuite(open);

  describe('a look', () => {
    const waiting = { reason: 'LEASE_HELD', waitUntil: '2026-01-01T00:00:00.000Z' };

    test('brings links with what is parked under the same keys, and under no others', async () => {
      const { store, parkedKeys } = open();
      const [mapping, other] = [someMapping(), someMapping()];
      const { mappingId } = mapping;
      await store.commit([aCommit(mapping, 'linked'), aCommit(mapping, 'both'), aCommit(mapping, 'unasked')]);
      const local = { kind: 'local' as const, side: 'local' as const, ...waiting };
      await parkedKeys.park([
        { ...local, mappingId, key: 'both' },
        { ...local, mappingId, key: 'parked' },
        { ...local, mappingId, key: 'unasked' },
        { ...local, mappingId: other.mappingId, key: 'linked' },
        { ...local, mappingId, kind: 'record', key: 'linked' },
      ]);

      const { found, parked } = await store.look(mappingId, ['linked', 'both', 'parked', 'nothing', 'both']);

      expect([...found.keys()].sort()).toEqual(['both', 'linked']);
      expect([...parked.keys()].sort()).toEqual(['both', 'parked']);
      expect(parked.get('both')).toMatchObject({ key: 'both', version: 1, local: { reason: 'LEASE_HELD' } });
    });

    test('by Salesforce ids brings local keys with what is parked under the ids', async () => {
      const { store, parkedKeys } = open();
      const mapping = someMapping();
      const { mappingId } = mapping;
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: SF }) })]);
      const record = { kind: 'record' as const, side: 'remote' as const, ...waiting };
      await parkedKeys.park([
        { ...record, mappingId, key: SF },
        { ...record, mappingId, kind: 'local', key: '003000000000002AAA' },
      ]);

      const { found, parked } = await store.lookByIds(mappingId, [SF, '003000000000002AAA', SF]);

      expect(found).toEqual(new Map([[SF, 'a']]));
      expect([...parked.keys()]).toEqual([SF]);
    });
  });

  describe('a conflict', () => {
    const conflict = (mapping: Mapping, field: string): Conflict => ({
      ...{ mappingId: mapping.mappingId, localKey: 'a', sfId: SF, field, at: '2026-01-01T00:00:00.000Z' },
      ...{ base: 'x', local: 'y', remote: 'z', policy: 'last-write-wins', winner: 'local', reason: 'later' },
      linkVersion: 0,
    });

    test('is recorded with the commit that carries it out', async () => {
      const { store, journal } = open();
      const mapping = someMapping();
      const conflicts = ['name', 'size'].map((field) => conflict(mapping, field));

      expect(await store.commit([aCommit(mapping, 'a', { conflicts })])).toEqual(['committed']);

      const recorded = await journal.conflicts(mapping.mappingId, 10);
      expect(recorded.map(({ field }) => field).sort()).toEqual(['name', 'size']);
    });

    test('is not recorded where the commit lost its race', async () => {
      const { store, journal } = open();
      const mapping = someMapping();
      await store.commit([aCommit(mapping, 'a')]);

      const conflicts = [conflict(mapping, 'name')];
      expect(await store.commit([aCommit(mapping, 'a', { conflicts })])).toEqual(['lost-race']);

      expect(await journal.conflicts(mapping.mappingId, 10)).toEqual([]);
    });
  });

  test('takes a commit that wants no item only where there is none', async () => {
    const { store, put, get } = open();
    const mapping = someMapping();
    const [there, gone] = [newId(), newId()];
    await put({ id: there, tenant: mapping.tenantId });
    const absent = { item: { kind: 'absent' as const } };

    const outcomes = await store.commit([aCommit(mapping, there, absent), aCommit(mapping, gone, absent)]);

    expect(outcomes).toEqual(['lost-race', 'committed']);
    expect(await get(gone)).toBeUndefined();
    expect(await linkOf(store, mapping, there)).toBeUndefined();
  });

  describe('a commit that deletes its item', () => {
    const read = async (store: SyncStore, mapping: Mapping, id: string) => ({
      item: { kind: 'delete' as const, read: await itemOf(store, mapping, id) },
    });

    test('takes it whole, with the link', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: 'Ann', other: 'not mapped' });

      const link = linkTo(mapping, id, { state: 'both-deleted', sfId: SF });
      const outcomes = await store.commit([
        aCommit(mapping, id, { link, ...(await read(store, mapping, id)) }),
      ]);

      expect(outcomes).toEqual(['committed']);
      expect(await get(id)).toBeUndefined();
      expect(await linkOf(store, mapping, id)).toEqual({ ...link, version: 1 });
    });

    test('leaves everything where a mapped attribute has changed, or the item is gone or another tenant’s', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const other = someMapping();
      const [changed, foreign, gone] = [newId(), newId(), newId()];
      for (const id of [changed, foreign]) await put({ id, tenant: mapping.tenantId, name: 'Ann' });
      const commits = [
        aCommit(mapping, changed, await read(store, mapping, changed)),
        aCommit(mapping, foreign, await read(store, mapping, foreign)),
        aCommit(mapping, gone, await read(store, mapping, changed)),
      ];
      await put({ id: changed, tenant: mapping.tenantId, name: 'Anna' });
      await put({ id: foreign, tenant: other.tenantId, name: 'Ann' });

      expect(await store.commit(commits)).toEqual(['lost-race', 'lost-race', 'lost-race']);

      expect(await get(changed)).toMatchObject({ name: 'Anna' });
      expect(await get(foreign)).toMatchObject({ tenant: other.tenantId });
      expect(await linkOf(store, mapping, changed)).toBeUndefined();
    });
  });

  describe('links', () => {
    test('come back as they were committed, with their version', async () => {
      const { store } = open();
      const mapping = someMapping();
      const link = linkTo(mapping, 'a', {
        sfId: SF,
        state: 'linked',
        base: { name: 'Ann', size: 1.5, vip: false, note: null, big: 1e21 },
        pending: { name: 'Bea' },
        adoptions: { count: 2, at: '2026-01-01T00:00:00.000Z' },
        run: { by: 'load', runId: 'load-1', at: '2026-01-01T00:00:00.000Z' },
        revision: 3,
        sfModstamp: '2026-01-01T00:00:00.000Z',
        sfReadAt: '2026-01-01T00:00:01.000Z',
        localChangedAt: '2026-01-01T00:00:02.000Z',
        lease: { owner: 'worker', until: 1_767_225_600_000 },
      });

      expect(await store.commit([{ mapping, link, expectedVersion: 0 }])).toEqual(['committed']);

      expect(await linkOf(store, mapping, 'a')).toEqual({ ...link, version: 1 });
    });

    test('are found among keys that have none, even if asked for twice', async () => {
      const { store } = open();
      const mapping = someMapping();
      const keys = Array.from({ length: 130 }, (_, index) => `key-${index}`);
      await store.commit(keys.slice(0, 120).map((key) => aCommit(mapping, key)));

      const found = await store.links(mapping.mappingId, [...keys, 'key-0']);

      expect([...found.keys()].sort()).toEqual(keys.slice(0, 120).sort());
    });

    test('of one mapping are not those of another', async () => {
      const { store } = open();
      const [mapping, other] = [someMapping(), someMapping()];
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: SF }) })]);

      expect(await linkOf(store, other, 'a')).toBeUndefined();
      expect((await store.localKeysOf(other.mappingId, [SF])).size).toBe(0);
    });

    test('change only from the version that was read', async () => {
      const { store } = open();
      const mapping = someMapping();
      await store.commit([aCommit(mapping, 'a')]);
      const next = linkTo(mapping, 'a', { base: { name: 'Ann' } });

      expect(await store.commit([{ mapping, link: next, expectedVersion: 0 }])).toEqual(['lost-race']);
      expect(await store.commit([{ mapping, link: next, expectedVersion: 2 }])).toEqual(['lost-race']);
      expect(await store.commit([{ mapping, link: next, expectedVersion: 1 }])).toEqual(['committed']);
      expect(await linkOf(store, mapping, 'a')).toEqual({ ...next, version: 2 });
    });

    test('that are larger than the store takes are refused, and the others of the call are not', async () => {
      const { store } = open();
      const mapping = someMapping();
      const base = { name: 'é'.repeat(130_000), note: 'é'.repeat(80_000) };

      const outcomes = await store.commit([
        aCommit(mapping, 'a'),
        aCommit(mapping, 'large', { link: linkTo(mapping, 'large', { sfId: SF, base }) }),
        aCommit(mapping, 'b'),
      ]);

      expect(outcomes).toEqual(['committed', 'too-large', 'committed']);
      expect(await linkOf(store, mapping, 'large')).toBeUndefined();
      expect((await store.localKeysOf(mapping.mappingId, [SF])).size).toBe(0);
    });

    test('whose item would be larger than the store takes are refused, and the others of the call are not', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const large = newId();
      await put({ id: large, tenant: mapping.tenantId, name: 'Ann', note: 'x'.repeat(399_000) });
      const read = await itemOf(store, mapping, large);
      const item = { kind: 'update', read, values: { name: 'é'.repeat(6_000) } } as const;

      const outcomes = await store.commit([
        aCommit(mapping, 'a'),
        aCommit(mapping, large, { item }),
        aCommit(mapping, 'b'),
      ]);

      expect(outcomes).toEqual(['committed', 'too-large', 'committed']);
      expect(await linkOf(store, mapping, large)).toBeUndefined();
      expect(await get(large)).toMatchObject({ name: 'Ann' });
    });

    test('of a key that the store cannot hold are refused, and the others of the call are not', async () => {
      const { store } = open();
      const mapping = someMapping();

      const outcomes = await store.commit([
        aCommit(mapping, 'a'),
        aCommit(mapping, TOO_LONG),
        aCommit(mapping, 'b', { link: linkTo(mapping, 'b', { sfId: TOO_LONG }) }),
        aCommit(mapping, 'c'),
      ]);

      expect(outcomes).toEqual(['committed', 'refused', 'refused', 'committed']);
      expect([...(await store.links(mapping.mappingId, ['a', 'b', 'c'])).keys()].sort()).toEqual(['a', 'c']);
    });

    test('cannot be looked for by a key that the store cannot hold', async () => {
      const { store } = open();
      const { mappingId } = someMapping();

      await expect(store.links(mappingId, ['a', TOO_LONG])).rejects.toMatchObject({ name: 'Refused' });
      await expect(store.localKeysOf(mappingId, ['a', TOO_LONG])).rejects.toMatchObject({ name: 'Refused' });
    });

    test('lose what is left out', async () => {
      const { store } = open();
      const mapping = someMapping();
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { pending: { name: 'x' } }) })]);

      await store.commit([aCommit(mapping, 'a', { expectedVersion: 1 })]);

      expect(await linkOf(store, mapping, 'a')).toEqual({ ...linkTo(mapping, 'a'), version: 2 });
    });

    test('are taken by one of many who commit from the same version at once', async () => {
      const { store } = open();
      const mapping = someMapping();

      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { base: { size: index } }) })]),
        ),
      );

      expect(outcomes.flat().filter((outcome) => outcome === 'committed')).toHaveLength(1);
      expect(outcomes.flat().filter((outcome) => outcome === 'lost-race')).toHaveLength(5);
    });
  });

  describe('a Salesforce id', () => {
    test('leads to its local key, also one that the link got later', async () => {
      const { store } = open();
      const mapping = someMapping();
      const creating = linkTo(mapping, 'a', { state: 'creating' });
      await store.commit([{ mapping, link: creating, expectedVersion: 0 }]);
      expect((await store.localKeysOf(mapping.mappingId, [SF])).size).toBe(0);

      const linked = linkTo(mapping, 'a', { sfId: SF });
      expect(await store.commit([{ mapping, link: linked, expectedVersion: 1 }])).toEqual(['committed']);

      const found = await store.localKeysOf(mapping.mappingId, [SF, '003000000000002AAA', SF]);
      expect([...found]).toEqual([[SF, 'a']]);
    });

    test('is found among any number of others, even if asked for twice', async () => {
      const { store } = open();
      const mapping = someMapping();
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: SF }) })]);
      const others = Array.from(
        { length: 130 },
        (_, index) => `00300000000${String(index).padStart(4, '0')}AAA`,
      );

      const found = await store.localKeysOf(mapping.mappingId, [...others, SF, SF]);

      expect([...found]).toEqual([[SF, 'a']]);
    });

    test('is never linked to a second local key', async () => {
      const { store } = open();
      const mapping = someMapping();
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: SF }) })]);

      const twin = aCommit(mapping, 'b', { link: linkTo(mapping, 'b', { sfId: SF }) });
      expect(await store.commit([twin])).toEqual(['sf-id-taken']);

      expect(await linkOf(store, mapping, 'b')).toBeUndefined();
      expect([...(await store.localKeysOf(mapping.mappingId, [SF]))]).toEqual([[SF, 'a']]);
    });

    test('goes to the first of two keys that claim it in the same call', async () => {
      const { store } = open();
      const mapping = someMapping();
      const claim = (key: string) => aCommit(mapping, key, { link: linkTo(mapping, key, { sfId: SF }) });

      expect(await store.commit([claim('a'), claim('b')])).toEqual(['committed', 'sf-id-taken']);
    });

    test('stays with its link from version to version', async () => {
      const { store } = open();
      const mapping = someMapping();
      const link = linkTo(mapping, 'a', { sfId: SF });
      for (let version = 0; version < 3; version += 1) {
        expect(await store.commit([{ mapping, link, expectedVersion: version }])).toEqual(['committed']);
      }
      await store.links(mapping.mappingId, ['a']);

      const outcome = await store.commit([{ mapping, link, expectedVersion: 3 }]);

      expect(outcome).toEqual(['committed']);
      expect([...(await store.localKeysOf(mapping.mappingId, [SF]))]).toEqual([[SF, 'a']]);
    });

    test('may change on a link, and the new one leads to it too', async () => {
      const { store } = open();
      const mapping = someMapping();
      const moved = '003000000000009AAA';
      await store.commit([aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: SF }) })]);

      await store.commit([
        aCommit(mapping, 'a', { link: linkTo(mapping, 'a', { sfId: moved }), expectedVersion: 1 }),
      ]);

      expect((await store.localKeysOf(mapping.mappingId, [moved])).get(moved)).toBe('a');
    });
  });

  describe('local items', () => {
    test('are read as the mapping sees them', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: 'Ann', size: 3, salesforceId: SF, other: [1] });

      const item = await itemOf(store, mapping, id);

      expect(item).toMatchObject({ localKey: id, sfId: SF, values: { name: 'Ann', size: 3, vip: null } });
    });

    test('have the image that the stream tells of them', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const id = newId();
      const told = imageFor(mapping, { name: { S: 'Ann' }, size: { N: '1.5' }, vip: { NULL: true } });
      await put({ id, tenant: mapping.tenantId, name: 'Ann', size: 1.5, vip: null, other: 'x' });
      expect((await itemOf(store, mapping, id)).image).toBe(told);

      await put({ id, tenant: mapping.tenantId, name: 'Anna', size: 1.5, vip: null });
      expect((await itemOf(store, mapping, id)).image).not.toBe(told);
    });

    test('of another tenant or of none are foreign, and of a wrong type invalid', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const [theirs, nobodys, wrong, missing] = [newId(), newId(), newId(), newId()];
      await put({ id: theirs, tenant: 'somebody-else', name: 'Ann' });
      await put({ id: nobodys, name: 'Ann' });
      await put({ id: wrong, tenant: mapping.tenantId, name: 7, size: 'large' });

      const { items, foreign, invalid } = await store.items(mapping, [
        theirs,
        nobodys,
        wrong,
        missing,
        wrong,
      ]);

      expect(items.size).toBe(0);
      expect(foreign).toEqual(new Set([theirs, nobodys]));
      expect(invalid).toEqual(new Map([[wrong, ['name', 'size']]]));
    });

    test('of a table with one tenant all belong to that one', async () => {
      const { store, put } = open();
      const { tenantField: _, ...mapping } = someMapping();
      const ours = { ...mapping, tenant: mapping.tenantId };
      const id = newId();
      await put({ id, name: 'Ann' });

      expect((await store.items(ours, [id])).items.size).toBe(1);
      expect((await store.items({ ...mapping, tenant: 'another' }, [id])).foreign).toEqual(new Set([id]));
    });

    test('are found among any number of keys, even if asked for twice', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const ids = Array.from({ length: 130 }, newId);
      for (const id of ids.slice(0, 110)) await put({ id, tenant: mapping.tenantId });

      const { items } = await store.items(mapping, [...ids, must(ids[0], 'an id')]);

      expect([...items.keys()].sort()).toEqual(ids.slice(0, 110).sort());
    });

    test.each([
      ['is empty', ''],
      ['is too long', TOO_LONG],
    ])('cannot be read by a key that %s', async (_, key) => {
      const { store } = open();

      await expect(store.items(someMapping(), [newId(), key])).rejects.toMatchObject({
        name: 'Refused',
        message: 'reading local items was refused (ValidationException)',
      });
    });

    test('cannot be read with more mapped attributes than fit into a request', async () => {
      const { store } = open();
      const mapping = someMapping({ fields: manyFields(1000) });

      await expect(store.items(mapping, [newId()])).rejects.toMatchObject({ name: 'Refused' });
      expect((await store.items(mapping, [])).items.size).toBe(0);
    });

    test('of a table of another tenant are not looked for', async () => {
      const { store, put } = open();
      await put({ id: newId() });
      const { tenantField: _, ...untenanted } = someMapping();

      expect(await store.localKeysPage({ ...untenanted, tenant: 'another' })).toEqual({ keys: [] });
    });

    test('are listed by their tenant, page by page, and no other tenant’s among them', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const ours = [newId(), newId(), newId()];
      for (const id of ours) await put({ id, tenant: mapping.tenantId });
      await put({ id: newId(), tenant: 'somebody-else' });

      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.localKeysPage(mapping, after);
        found.push(...page.keys);
        after = page.next;
      } while (after !== undefined);

      expect(found.sort()).toEqual(ours.sort());
    });
  });

  describe('creating an item', () => {
    const created = (mapping: Mapping, id: string, values: FieldValues, sfId: string | null = SF): Commit =>
      aCommit(mapping, id, {
        link: linkTo(mapping, id, { ...(sfId !== null && { sfId }) }),
        item: { kind: 'create', values, sfId },
      });

    test('writes the mapped values, the tenant and the Salesforce id, and leaves out what is null', async () => {
      const { store, get } = open();
      const mapping = someMapping();
      const id = newId();

      const outcome = await store.commit([created(mapping, id, { name: 'Ann', size: 2.5, vip: null })]);

      expect(outcome).toEqual(['committed']);
      expect(await get(id)).toEqual({
        id,
        tenant: mapping.tenantId,
        name: 'Ann',
        size: 2.5,
        salesforceId: SF,
      });
    });

    test.each([
      ['an empty key', '', { name: 'Ann' }, 'refused'],
      ['a key that is too long', TOO_LONG, { name: 'Ann' }, 'refused'],
      ['a number that no number of the store holds', newId(), { size: 1e200 }, 'refused'],
      ['more than the store takes', newId(), { name: 'é'.repeat(210_000) }, 'too-large'],
    ])('with %s is refused', async (_, id, values, outcome) => {
      const { store } = open();
      const mapping = someMapping();

      expect(await store.commit([created(mapping, id, values)])).toEqual([outcome]);
      expect(await store.commit([created(mapping, newId(), {}, null)])).toEqual(['committed']);
    });

    test('in a table of another tenant is a mistake, and nothing of the call is written', async () => {
      const { store, get } = open();
      const { tenantField: _, ...untenanted } = someMapping();
      const theirs = { ...untenanted, tenant: 'another' };
      const [ours, id] = [newId(), newId()];

      const both = [created(someMapping(), ours, {}, null), created(theirs, id, {}, null)];

      await expect(store.commit(both)).rejects.toThrow('only items of its own tenant');
      expect([await get(ours), await get(id)]).toEqual([undefined, undefined]);
    });

    test('loses to an item that is there, and then writes no link either', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: 'somebody-else', name: 'Theirs' });

      expect(await store.commit([created(mapping, id, { name: 'Ours' })])).toEqual(['lost-race']);

      expect(await get(id)).toEqual({ id, tenant: 'somebody-else', name: 'Theirs' });
      expect(await linkOf(store, mapping, id)).toBeUndefined();
      expect((await store.localKeysOf(mapping.mappingId, [SF])).size).toBe(0);
    });
  });

  describe('updating an item', () => {
    const updated = (mapping: Mapping, read: LocalItem, values: FieldValues, sfId?: string): Commit =>
      aCommit(mapping, read.localKey, {
        item: { kind: 'update', read, values, ...(sfId !== undefined && { sfId }) },
      });

    test('writes what is given, removes what is null, and leaves everything else alone', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      const other = { deep: [1, { x: 'y' }], list: ['a'] };
      await put({ id, tenant: mapping.tenantId, name: 'Ann', size: 3, ...other });
      const read = await itemOf(store, mapping, id);

      const outcome = await store.commit([updated(mapping, read, { name: 'Bea', size: null }, SF)]);

      expect(outcome).toEqual(['committed']);
      expect(await get(id)).toEqual({
        id,
        tenant: mapping.tenantId,
        name: 'Bea',
        salesforceId: SF,
        ...other,
      });
    });

    test('sets the mark of a deleted record, and takes it back', async () => {
      const { store, put, get } = open();
      const mapping = someMapping({
        deletePolicy: { fromSalesforce: { mark: 'goneAt' }, toSalesforce: 'ignore' },
      });
      const item = { id: newId(), tenant: mapping.tenantId, name: 'Ann' };
      await put(item);
      const read = await itemOf(store, mapping, item.id);
      const marking = (mark: string | null, version: number): Commit =>
        aCommit(mapping, item.id, {
          item: { kind: 'update', read, values: {}, mark },
          link: linkTo(mapping, item.id, { state: 'remote-deleted', ...(mark && { marked: 'item' }) }),
          expectedVersion: version,
        });

      expect(await store.commit([marking('2026-01-01T00:00:00.000Z', 0)])).toEqual(['committed']);
      expect(await get(item.id)).toEqual({ ...item, goneAt: '2026-01-01T00:00:00.000Z' });
      expect(await linkOf(store, mapping, item.id)).toMatchObject({ marked: 'item' });

      expect(await store.commit([marking(null, 1)])).toEqual(['committed']);
      expect(await get(item.id)).toEqual(item);
      expect(await linkOf(store, mapping, item.id)).not.toHaveProperty('marked');
    });

    test.each([
      ['a mapped attribute changed', { name: 'Changed', size: 3 }],
      ['a mapped attribute appeared', { name: 'Ann', size: 3, vip: true }],
      ['a mapped attribute went', { name: 'Ann' }],
      ['the Salesforce id changed', { name: 'Ann', size: 3, salesforceId: SF }],
      ['another tenant took it', { name: 'Ann', size: 3, tenant: 'somebody-else' }],
    ])('loses when %s since it was read', async (_, now) => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: 'Ann', size: 3 });
      const read = await itemOf(store, mapping, id);
      const changed = { id, tenant: mapping.tenantId, ...now };
      await put(changed);

      expect(await store.commit([updated(mapping, read, { name: 'Bea' })])).toEqual(['lost-race']);

      expect(await get(id)).toEqual(changed);
      expect(await linkOf(store, mapping, id)).toBeUndefined();
    });

    test('wins when only something unmapped changed, and keeps that', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: 'Ann' });
      const read = await itemOf(store, mapping, id);
      await put({ id, tenant: mapping.tenantId, name: 'Ann', note: 'new' });

      expect(await store.commit([updated(mapping, read, { name: 'Bea' })])).toEqual(['committed']);

      expect(await get(id)).toEqual({ id, tenant: mapping.tenantId, name: 'Bea', note: 'new' });
    });

    test('takes an attribute that was stored as null for what it is', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: null, size: 1 });
      const read = await itemOf(store, mapping, id);

      expect(await store.commit([updated(mapping, read, { name: 'Ann' })])).toEqual(['committed']);

      expect(await get(id)).toEqual({ id, tenant: mapping.tenantId, name: 'Ann', size: 1 });
    });

    test('with more mapped attributes than fit into a condition is refused', async () => {
      const { store, put, get } = open();
      const mapping = someMapping({ fields: manyFields(200) });
      const id = newId();
      await put({ id, tenant: mapping.tenantId, field0: 'Ann' });
      const read = await itemOf(store, mapping, id);

      const outcomes = await store.commit([
        updated(mapping, read, { field0: 'Bea' }),
        aCommit(mapping, newId()),
      ]);

      expect(outcomes).toEqual(['refused', 'committed']);
      expect(await get(id)).toMatchObject({ field0: 'Ann' });
    });

    test('only checks where there is nothing to change', async () => {
      const { store, put, get } = open();
      const mapping = someMapping();
      const id = newId();
      await put({ id, tenant: mapping.tenantId, name: 'Ann' });
      const read = await itemOf(store, mapping, id);

      expect(await store.commit([updated(mapping, read, {})])).toEqual(['committed']);
      await put({ id, tenant: mapping.tenantId, name: 'Changed' });
      const second = { ...updated(mapping, read, {}), expectedVersion: 1 };
      expect(await store.commit([second])).toEqual(['lost-race']);

      expect(await get(id)).toEqual({ id, tenant: mapping.tenantId, name: 'Changed' });
    });
  });

  describe('many commits in one call', () => {
    test('each have their own outcome, in their order', async () => {
      const { store, put } = open();
      const mapping = someMapping();
      const ids = Array.from({ length: 120 }, newId);
      const sfIdOf = (index: number) => `0030000000${String(index).padStart(5, '0')}AAA`;
      const create = (index: number): Commit => {
        const id = must(ids[index], 'an id');
        const link = linkTo(mapping, id, { sfId: sfIdOf(index) });
        const item = { kind: 'create', values: { name: `n${index}` }, sfId: sfIdOf(index) } as const;
        return { mapping, link, expectedVersion: 0, item };
      };
      // 7: the item is there. 40: the id is another's. 90: the link is there.
      await put({ id: must(ids[7], 'an id'), name: 'there' });
      await store.commit([
        aCommit(mapping, newId(), { link: linkTo(mapping, newId(), { sfId: sfIdOf(40) }) }),
      ]);
      await store.commit([aCommit(mapping, must(ids[90], 'an id'))]);

      const outcomes = await store.commit(ids.map((_, index) => create(index)));

      const odd: Record<number, string> = { 7: 'lost-race', 40: 'sf-id-taken', 90: 'lost-race' };
      expect(outcomes).toEqual(ids.map((_, index) => odd[index] ?? 'committed'));
      const links = await store.links(mapping.mappingId, ids);
      expect(links.size).toBe(118);
    });

    test('of the same key go one after the other', async () => {
      const { store } = open();
      const mapping = someMapping();

      const outcomes = await store.commit([
        aCommit(mapping, 'a'),
        aCommit(mapping, 'a', { expectedVersion: 1 }),
        aCommit(mapping, 'a', { expectedVersion: 1 }),
      ]);

      expect(outcomes).toEqual(['committed', 'committed', 'lost-race']);
    });

    test('go one after the other wherever they share a key, and however many are between them', async () => {
      const { store } = open();
      const mapping = someMapping();
      const many = (name: string) =>
        Array.from({ length: 150 }, (_, index) => aCommit(mapping, `${name}-${index}`));
      const claim = (key: string, expectedVersion = 0) =>
        aCommit(mapping, key, { link: linkTo(mapping, key, { sfId: SF }), expectedVersion });

      const outcomes = await store.commit([
        claim('a'),
        ...many('x'),
        claim('b'),
        ...many('y'),
        claim('a', 1),
        ...many('z'),
        claim('a', 2),
      ]);

      expect(outcomes.filter((outcome) => outcome !== 'committed')).toEqual(['sf-id-taken']);
      expect(await linkOf(store, mapping, 'a')).toMatchObject({ version: 3 });
    });

    test('may be more together than one transaction takes', async () => {
      const { store } = open();
      const mapping = someMapping();
      const base = { name: 'x'.repeat(390_000) };
      const keys = Array.from({ length: 15 }, (_, index) => `key-${index}`);

      const outcomes = await store.commit(
        keys.map((key) => aCommit(mapping, key, { link: linkTo(mapping, key, { base }) })),
      );

      expect(outcomes).toEqual(keys.map(() => 'committed'));
      expect((await store.links(mapping.mappingId, keys)).size).toBe(15);
    });

    test('may be none', async () => {
      const { store } = open();

      expect(await store.commit([])).toEqual([]);
      expect((await store.links('nobody.nothing', [])).size).toBe(0);
    });
  });
};
