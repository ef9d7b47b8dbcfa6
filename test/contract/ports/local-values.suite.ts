import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Mapping } from '../../../shared/sync/model/mapping.ts';
import type { FieldValues } from '../../../shared/sync/model/values.ts';
import type { CommitOutcome, SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aField, aMapping } from '../../builders/sync.ts';

const KEY = '003000000000001AAA';

/** A store, and the local table `contacts` (key `id`) as its owner sees it. */
interface Harness {
  readonly store: SyncStore;
  put(item: Readonly<Record<string, unknown>> & { readonly id: string }): Promise<void>;
  get(id: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

/** How every SyncStore writes the values of an item that are no plain attributes. */
export const localValuesSuite = (start: () => Harness): void => {
  let harness: Harness | undefined;
  beforeEach(() => {
    harness = start();
  });
  const open = (): Harness => must(harness, 'each test has a harness');
  const aMappingOf = (fields: Mapping['fields'], change: Partial<Mapping> = {}): Mapping => {
    const { tenant: _, ...mapping } = aMapping();
    const connectionId = randomUUID();
    const tenantId = `tenant-${randomUUID()}`;
    const mappingId = `${connectionId}.contact`;
    return { ...mapping, connectionId, mappingId, tenantId, tenantField: 'tenant', fields, ...change };
  };
  const stored = async (mapping: Mapping, item: Record<string, unknown>): Promise<string> => {
    const id = randomUUID();
    await open().put({ id, tenant: mapping.tenantId, ...item });
    return id;
  };
  const read = async (mapping: Mapping, id: string) => {
    const { items, invalid } = await open().store.items(mapping, [id]);
    return invalid.get(id) ?? must(items.get(id), 'the item is there').values;
  };
  /** Writes over the item as it is, or as it was before `meanwhile`. */
  const write = async (
    mapping: Mapping,
    id: string,
    values: FieldValues,
    meanwhile: () => Promise<void> = async () => undefined,
  ): Promise<CommitOutcome | undefined> => {
    const { store } = open();
    const item = must((await store.items(mapping, [id])).items.get(id), 'the item is there');
    await meanwhile();
    const link = {
      mappingId: mapping.mappingId,
      localKey: id,
      state: 'linked',
      revision: 1,
      base: {},
    } as const;
    const outcomes = await store.commit([
      { mapping, link, expectedVersion: 0, item: { kind: 'update', read: item, values } },
    ]);
    return outcomes[0];
  };
  const create = async (mapping: Mapping, values: FieldValues): Promise<unknown> => {
    const id = randomUUID();
    const link = {
      mappingId: mapping.mappingId,
      localKey: id,
      state: 'linked',
      revision: 1,
      base: {},
    } as const;
    const item = { kind: 'create', values, sfId: KEY } as const;
    expect(await open().store.commit([{ mapping, link, expectedVersion: 0, item }])).toEqual(['committed']);
    const { id: _id, tenant: _tenant, ...attributes } = must(await open().get(id), 'the item was made');
    return attributes;
  };

  describe('attributes inside maps', () => {
    const mapping = aMappingOf([
      aField({ localField: 'name' }),
      aField({ localField: 'address.city' }),
      aField({ localField: 'address.geo.lat', type: 'number' }),
    ]);

    test('are read, and absent where a map is', async () => {
      const full = { name: 'Ann', address: { city: 'Rome', geo: { lat: 1.5 }, note: 'mine' } };
      expect(await read(mapping, await stored(mapping, full))).toEqual({
        name: 'Ann',
        'address.city': 'Rome',
        'address.geo.lat': 1.5,
      });
      for (const item of [{}, { address: null }, { address: {} }, { address: { geo: null } }]) {
        expect(await read(mapping, await stored(mapping, item))).toEqual({
          name: null,
          'address.city': null,
          'address.geo.lat': null,
        });
      }
    });

    test.each([['text'], [['a list']], [5]])('cannot be in %j', async (address) => {
      expect(await read(mapping, await stored(mapping, { address }))).toEqual([
        'address.city',
        'address.geo.lat',
      ]);
    });

    test('are made with the item', async () => {
      const values = { name: 'Ann', 'address.city': 'Rome', 'address.geo.lat': '1.2345678901234567891' };
      const made = (await create(mapping, values)) as { address: { city: string } };
      expect(made).toMatchObject({ name: 'Ann', address: { city: 'Rome' } });
      expect(await create(mapping, { name: 'Ann' })).toEqual({ name: 'Ann' });
    });

    test('change, and what else is in the map stays', async () => {
      const id = await stored(mapping, { address: { city: 'Rome', note: 'mine', geo: { lat: 1, lon: 2 } } });

      expect(await write(mapping, id, { 'address.city': 'Oslo', 'address.geo.lat': null })).toBe('committed');

      expect(await open().get(id)).toMatchObject({
        address: { city: 'Oslo', note: 'mine', geo: { lon: 2 } },
      });
      expect((await open().get(id))?.address).not.toHaveProperty('geo.lat');
    });

    test.each<[{ address?: object | null }]>([[{}], [{ address: null }], [{ address: { note: 'mine' } }]])(
      'are put into the maps that they need, where the item was %j',
      async (item) => {
        const id = await stored(mapping, item);

        expect(await write(mapping, id, { 'address.city': 'Oslo', 'address.geo.lat': 1 })).toBe('committed');

        expect((await open().get(id))?.address).toEqual({ ...item.address, city: 'Oslo', geo: { lat: 1 } });
      },
    );

    test('that are removed from where there is no map make none', async () => {
      const id = await stored(mapping, { name: 'Ann' });

      expect(await write(mapping, id, { 'address.city': null, name: 'Bea' })).toBe('committed');

      expect(await open().get(id)).toEqual({ id, tenant: mapping.tenantId, name: 'Bea' });
    });

    test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
      ['the value changed', { address: { city: 'Rome' } }, { address: { city: 'Bonn' } }],
      ['the map was made', {}, { address: { note: 'mine' } }],
      ['the map is gone', { address: { note: 'mine' } }, {}],
      ['the map became a text', { address: { note: 'mine' } }, { address: 'Rome' }],
    ])('are not written where %s meanwhile', async (_what, before, after) => {
      const id = await stored(mapping, before);

      const outcome = await write(mapping, id, { 'address.city': 'Oslo' }, () =>
        open().put({ id, tenant: mapping.tenantId, ...after }),
      );

      expect(outcome).toBe('lost-race');
      expect(await open().get(id)).toEqual({ id, tenant: mapping.tenantId, ...after });
    });

    test('leave alone what is not mapped, also where it changes meanwhile', async () => {
      const id = await stored(mapping, { address: { city: 'Rome', note: 'mine' } });

      const outcome = await write(mapping, id, { 'address.city': 'Oslo' }, () =>
        open().put({ id, tenant: mapping.tenantId, address: { city: 'Rome', note: 'yours' } }),
      );

      expect(outcome).toBe('committed');
      expect((await open().get(id))?.address).toEqual({ city: 'Oslo', note: 'yours' });
    });
  });

  test('lists and sets are written as the mapping says', async () => {
    const mapping = aMappingOf([
      aField({ localField: 'list', type: 'options', as: 'list' }),
      aField({ localField: 'set', type: 'options', as: 'set' }),
      aField({ localField: 'text', type: 'options' }),
    ]);
    const values = { list: 'b;a', set: 'b;a', text: 'b;a' };

    expect(await create(mapping, values)).toEqual({
      list: ['b', 'a'],
      set: new Set(['b', 'a']),
      text: 'b;a',
    });

    const id = await stored(mapping, { list: new Set(['c']), set: ['c'], text: 'c' });
    expect(await read(mapping, id)).toEqual({ list: 'c', set: 'c', text: 'c' });
    expect(await write(mapping, id, values)).toBe('committed');
    expect(await read(mapping, id)).toEqual({
      list: 'b;a',
      set: expect.stringMatching(/^(a;b|b;a)$/),
      text: 'b;a',
    });
  });

  test('a new item gets the defaults of the mapping beside its values, and a changed one does not', async () => {
    const mapping = aMappingOf([aField({ localField: 'name' })], { defaults: { source: 'crm', level: 5 } });

    expect(await create(mapping, { name: 'Ann' })).toEqual({ name: 'Ann', source: 'crm', level: 5 });

    const id = await stored(mapping, { name: 'Ann' });
    expect(await write(mapping, id, { name: 'Bea' })).toBe('committed');
    expect(await open().get(id)).toEqual({ id, tenant: mapping.tenantId, name: 'Bea' });
  });
};
