import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable, UnreadableItem } from '../../../../../shared/aws/errors.ts';
import type { WireRecord } from '../../../../../shared/contracts/salesforce.ts';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import type { ParkedKey } from '../../../../../shared/sync/reconcile/parking.ts';
import type { RecordSelection } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import type { OpenMapping } from '../../../../../shared/use-cases/reconciliation/open-mapping.ts';
import {
  readLeft,
  withoutLeft,
} from '../../../../../shared/use-cases/reconciliation/records/left-records.ts';
import {
  linkedIds,
  mayBeOfParent,
  withParents,
} from '../../../../../shared/use-cases/reconciliation/records/parents.ts';
import { readFresh, type ToRead } from '../../../../../shared/use-cases/reconciliation/records/read-fresh.ts';
import {
  readByLocalKeys,
  readByValues,
  readLinked,
  readUnlinked,
} from '../../../../../shared/use-cases/reconciliation/records/read-remote.ts';
import { readReadable } from '../../../../../shared/use-cases/reconciliation/records/readable.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import {
  aField,
  aLink,
  aLocalItem,
  aMapping,
  aRemoteRecord,
  LOCAL_KEY,
  SF_ID,
} from '../../../../builders/sync.ts';

const OTHER_ID = '003000000000002AAA';
const NOW = '2026-01-01T00:00:00.000Z';

const row = (change: Partial<WireRecord> = {}): WireRecord => ({
  Id: SF_ID,
  External_Id__c: LOCAL_KEY,
  SystemModstamp: NOW,
  LastModifiedDate: NOW,
  IsDeleted: false,
  FirstName: 'Ann',
  LastName: 'Lee',
  Email: 'ann@example.com',
  ...change,
});

/** An org that answers each kind of query with these rows, in pages of one, and tells what it was asked. */
function anOpen(
  rows: Partial<Record<RecordSelection['where']['kind'], readonly WireRecord[]>> = {},
  change: Partial<Mapping> = {},
) {
  const asked: RecordSelection[] = [];
  let left: readonly WireRecord[] = [];
  const page = () => {
    const [first, ...others] = left;
    left = others;
    return { records: first ? [first] : [], readAt: NOW, ...(others.length > 0 && { next: 'more' }) };
  };
  const org = {
    select: async (selection: RecordSelection) => {
      asked.push(selection);
      left = rows[selection.where.kind] ?? [];
      return page();
    },
    nextPage: async () => page(),
  };
  const open = { mapping: aMapping({ filter: 'IsActive__c = true', ...change }), org };
  return { open: open as unknown as OpenMapping, asked };
}

describe('records are read', () => {
  const how = (
    { filter, includeDeleted }: RecordSelection = { sObject: '', fields: [], where: { kind: 'all' } },
  ) => ({
    filter,
    includeDeleted,
  });

  test('with or without the mapping’s filter, and deleted ones, as what is asked needs', async () => {
    const { open, asked } = anOpen();
    await readLinked(open, [SF_ID]);
    await readUnlinked(open, [SF_ID]);
    await readByLocalKeys(open, [LOCAL_KEY]);
    await readByLocalKeys(open, [LOCAL_KEY], true);
    await readByValues(open, [{ field: 'Email', values: ['a@b.c'] }]);

    expect(asked.map(how)).toEqual([
      { includeDeleted: true },
      { filter: 'IsActive__c = true', includeDeleted: false },
      { includeDeleted: false },
      { includeDeleted: true },
      { includeDeleted: false },
    ]);
  });

  test('by a selection that names no filter where the mapping has none', async () => {
    const { filter: _, ...mapping } = aMapping();
    const { open, asked } = anOpen();
    await readUnlinked({ ...open, mapping }, [SF_ID]);

    expect(asked[0]).not.toHaveProperty('filter');
  });

  test('page after page', async () => {
    const { open } = anOpen({
      ids: [row(), row({ Id: OTHER_ID }), row({ Id: '003000000000003AAA', Email: 5 })],
    });

    const { records, unreadable } = await readLinked(open, [SF_ID, OTHER_ID]);

    expect(records.map(({ sfId }) => sfId)).toEqual([SF_ID, OTHER_ID]);
    expect(unreadable).toMatchObject([{ field: 'Email' }]);
  });

  test('by no call where nothing is asked for, and none by a key that the object does not have', async () => {
    const { open, asked } = anOpen();
    const { externalIdField: _, ...mapping } = open.mapping;
    const none = { records: [], unreadable: [] };

    expect(await readLinked(open, [])).toEqual(none);
    expect(await readByLocalKeys(open, [])).toEqual(none);
    expect(await readByLocalKeys({ ...open, mapping }, [LOCAL_KEY])).toEqual(none);
    expect(asked).toEqual([]);
  });
});

describe('of the records that a look needs', () => {
  const store = { localKeysOf: async () => new Map(), links: async () => new Map() };
  const passOf = (open: OpenMapping) =>
    ({ open, owner: 'w', ports: { syncStore: store } }) as unknown as Pass;
  const toRead = (localKey: string, change: Partial<ToRead> = {}): ToRead => ({
    candidate: { localKey, asked: { key: localKey } },
    link: undefined,
    local: aLocalItem({ localKey }),
    ...change,
  });
  const externalIds = 'external-ids';

  const { sfId: _id, ...unborn } = aLink({ state: 'creating' });

  test('deleted ones are looked for by key as soon as one of them was announced', async () => {
    const creating = toRead('a', { link: unborn });
    const told = async (...entries: ToRead[]) => {
      const { open, asked } = anOpen();
      await readFresh(passOf(open), entries);
      return asked.map(({ includeDeleted }) => includeDeleted);
    };

    expect(await told(creating, toRead('b'))).toEqual([true]);
    expect(await told(toRead('b'), creating)).toEqual([true]);
    expect(await told(toRead('a'), toRead('b'))).toEqual([false]);
  });

  test('each key is looked for that has no record, and no other', async () => {
    const { open, asked } = anOpen();
    const linked = toRead('linked', { link: aLink({ localKey: 'linked' }) });
    const seen = { localKey: 'seen', snapshot: aRemoteRecord({ sfId: OTHER_ID }), asked: { key: 'seen' } };

    await readFresh(passOf(open), [toRead('a'), linked, toRead('seen', { candidate: seen })]);

    expect(asked.map(({ where }) => where)).toEqual([
      { kind: 'ids', ids: [SF_ID, OTHER_ID] },
      { kind: 'external-ids', field: 'External_Id__c', values: ['a'] },
    ]);
  });

  test('a living one comes before deleted ones, and of those the one that was deleted last, in any order', async () => {
    const living = row({ Id: '003000000000001AAA', SystemModstamp: '2026-01-01T00:00:00.000Z' });
    const old = row({
      Id: '003000000000002AAA',
      IsDeleted: true,
      SystemModstamp: '2026-01-02T00:00:00.000Z',
    });
    const late = row({
      Id: '003000000000003AAA',
      IsDeleted: true,
      SystemModstamp: '2026-01-03T00:00:00.000Z',
    });
    const first = async (...rows: WireRecord[]) => {
      const { records } = await readFresh(passOf(anOpen({ [externalIds]: rows }).open), [toRead(LOCAL_KEY)]);
      return records.get(LOCAL_KEY)?.sfId;
    };

    for (const rows of [
      [living, old, late],
      [late, living, old],
      [old, late, living],
    ])
      expect(await first(...rows)).toBe(living.Id);
    expect(await first(old, late)).toBe(late.Id);
    expect(await first(late, old)).toBe(late.Id);
  });

  test('one that spells the key otherwise is met where none spells it alike, and one without a key never', async () => {
    const alike = row({ Id: SF_ID });
    const other = row({ Id: OTHER_ID, External_Id__c: LOCAL_KEY.toUpperCase() });
    const none = row({ Id: '003000000000003AAA', External_Id__c: null });
    const found = async (...rows: WireRecord[]) => {
      const { records } = await readFresh(passOf(anOpen({ [externalIds]: rows }).open), [toRead(LOCAL_KEY)]);
      return [...records].map(([key, { sfId }]) => [key, sfId]);
    };

    expect(await found(other, none)).toEqual([[LOCAL_KEY, OTHER_ID]]);
    for (const rows of [
      [alike, other],
      [other, alike],
    ])
      expect(await found(...rows)).toEqual([[LOCAL_KEY, SF_ID]]);
    expect(await found(none)).toEqual([]);
    expect(await found(row({ External_Id__c: 'somebody' }))).toEqual([]);
  });

  test('of two that spell it alike the living one is met, though the deleted one is later', async () => {
    const gone = row({ Id: OTHER_ID, IsDeleted: true, SystemModstamp: '2026-01-09T00:00:00.000Z' });
    const { open } = anOpen({ [externalIds]: [row(), gone] });

    const { records } = await readFresh(passOf(open), [toRead(LOCAL_KEY)]);

    expect(records.get(LOCAL_KEY)?.sfId).toBe(SF_ID);
  });

  test('one that an item names is met by it, and is no other key’s', async () => {
    const matchers = [{ kind: 'salesforce-id', isIndexed: false }, { kind: 'external-id' }] as const;
    const { open } = anOpen({ ids: [row({ Id: OTHER_ID, External_Id__c: null })] }, { matchers });

    const { records, matches } = await readFresh(passOf(open), [
      toRead('a', { local: aLocalItem({ localKey: 'a', sfId: OTHER_ID }) }),
      toRead('b', { local: 'missing' }),
    ]);

    expect([...records]).toEqual([]);
    expect([...matches]).toMatchObject([
      ['a', { kind: 'record', record: { sfId: OTHER_ID }, isMatched: true }],
    ]);
  });

  test('one that cannot be read is told of by the keys that it may belong to, and by no others', async () => {
    const matchers = [{ kind: 'salesforce-id', isIndexed: false }, { kind: 'external-id' }] as const;
    const { open } = anOpen(
      {
        ids: [row({ Email: 5 }), row({ Id: OTHER_ID, Email: 5 })],
        [externalIds]: [row({ Id: '003000000000003AAA', External_Id__c: 'C', Email: 5 })],
      },
      { matchers },
    );

    const { unreadable, matches } = await readFresh(passOf(open), [
      toRead('linked', { link: aLink({ localKey: 'linked' }) }),
      toRead('named', { local: aLocalItem({ localKey: 'named', sfId: OTHER_ID }) }),
      toRead('c'),
      toRead('d'),
    ]);

    expect([...unreadable.keys()].filter((key) => key !== '').toSorted()).toEqual(['c', 'linked', 'named']);
    expect([...matches]).toEqual([]);
  });

  test('none is found by its fields for an item whose own cannot be read: that one may be its record', async () => {
    const matchers = [
      { kind: 'salesforce-id', isIndexed: false },
      { kind: 'fields', fields: ['email'] },
    ] as const;
    const { open } = anOpen(
      { ids: [row({ Id: OTHER_ID, Email: 5 })], values: [row({ External_Id__c: null })] },
      { matchers },
    );
    const named = toRead('named', { local: aLocalItem({ localKey: 'named', sfId: OTHER_ID }) });

    expect([...(await readFresh(passOf(open), [named])).matches]).toEqual([]);
    expect([...(await readFresh(passOf(open), [toRead('other')])).matches.keys()]).toEqual(['other']);
  });

  test('none is looked for by an id where every item and every link is without one', async () => {
    const { open, asked } = anOpen();

    await readFresh(passOf(open), [toRead('a'), toRead('b', { local: 'missing' })]);

    expect(asked.map(({ where }) => where)).toEqual([
      { kind: 'external-ids', field: 'External_Id__c', values: ['a', 'b'] },
    ]);
  });
});

describe('the parents of records', () => {
  const { sfId: _id, ...unborn } = aLink({ state: 'creating' });
  const reference = { targets: [{ mappingId: 'conn1.account', prefix: '' }] };
  const mapping = aMapping({
    fields: [aField({ localField: 'account', sfField: 'AccountId', reference } as never)],
  });
  const store = (links: readonly Link[] = []) => {
    const asked: (readonly string[])[] = [];
    return {
      asked,
      links: async (_mappingId: string, keys: readonly string[]) => {
        asked.push(keys);
        return new Map(links.map((one) => [one.localKey, one]));
      },
      localKeysOf: async (_mappingId: string, ids: readonly string[]) => {
        asked.push(ids);
        return new Map([['001000000000001AAA', 'acme']]);
      },
    };
  };

  test('are nobody’s where there is no record, and where there is no lookup', async () => {
    const noStore = store();
    const records = [aRemoteRecord()];

    expect(await withParents(noStore, aMapping(), records)).toBe(records);
    expect(await withParents(noStore, mapping, [])).toEqual([]);
    expect(noStore.asked).toEqual([]);
  });

  test('are named by their keys, each asked for once', async () => {
    const one = store();
    const child = (account: string | null) => aRemoteRecord({ values: { account } });

    const named = await withParents(one, mapping, [
      child('001000000000001AAA'),
      child('001000000000001AAA'),
      child('001000000000002AAA'),
      child(null),
    ]);

    expect(named.map(({ values }) => values.account)).toEqual(['acme', 'acme', ' 001000000000002AAA', null]);
    expect(one.asked).toEqual([['001000000000001AAA', '001000000000002AAA']]);
  });

  test('have an id as long as their pair is linked', async () => {
    const mappingId = 'conn1.account';
    const one = store([
      aLink({ localKey: 'linked' }),
      aLink({ localKey: 'gone', sfId: OTHER_ID, state: 'remote-deleted' }),
      { ...unborn, localKey: 'new' },
    ]);
    const named = ['linked', 'gone', 'new', 'linked'].map((key) => ({ mappingId, key }));

    const ids = await linkedIds(one, named);

    expect([...(ids.get(mappingId) ?? [])]).toEqual([['linked', SF_ID]]);
    expect(one.asked).toEqual([['linked', 'gone', 'new']]);
  });

  test('may be why Salesforce refuses a record of a mapping that has lookups', () => {
    for (const code of ['INVALID_CROSS_REFERENCE_KEY', 'ENTITY_IS_DELETED']) {
      expect(mayBeOfParent(mapping, code)).toBe(true);
      expect(mayBeOfParent(aMapping(), code)).toBe(false);
    }
    expect(mayBeOfParent(mapping, 'REQUIRED_FIELD_MISSING')).toBe(false);
  });
});

describe('stored items are looked up', () => {
  const parked = {
    mappingId: 'm',
    kind: 'local',
    key: 'a',
    rounds: 0,
    version: 1,
  } as const satisfies ParkedKey;
  const reading = (damaged: Readonly<Record<string, Error>>) => {
    const asked: (readonly string[])[] = [];
    const read = async (keys: readonly string[]) => {
      asked.push(keys);
      for (const key of keys) if (damaged[key]) throw damaged[key];
      return {
        found: new Map(keys.map((key) => [key, key.toUpperCase()])),
        parked: new Map(keys.map((key) => [key, { ...parked, key }])),
      };
    };
    return { read, asked };
  };

  test('together, and none where none is asked for', async () => {
    const { read, asked } = reading({});

    expect((await readReadable(['a', 'b'], read)).found).toEqual(
      new Map([
        ['a', 'A'],
        ['b', 'B'],
      ]),
    );
    expect(await readReadable([], read)).toEqual({
      found: new Map(),
      parked: new Map(),
      unreadable: new Set(),
    });
    expect(asked).toEqual([['a', 'b']]);
  });

  test('one by one where one is damaged, each once, and the others are found with what waits of them', async () => {
    const { read, asked } = reading({ b: new UnreadableItem('links', 'base') });

    expect(await readReadable(['a', 'b', 'a', 'c'], read)).toEqual({
      found: new Map([
        ['a', 'A'],
        ['c', 'C'],
      ]),
      parked: new Map([
        ['a', parked],
        ['c', { ...parked, key: 'c' }],
      ]),
      unreadable: new Set(['b']),
    });
    expect(asked).toEqual([['a', 'b', 'a', 'c'], ['a'], ['b'], ['c']]);
  });

  test('again later where the store is away, or a newer deployment wrote one', async () => {
    const later = new StoreUnavailable('reading');
    const away = reading({ a: later });
    await expect(readReadable(['a', 'b'], away.read)).rejects.toBe(later);
    expect(away.asked).toEqual([['a', 'b']]);
    let isFirst = true;
    const read = async () => {
      if (!isFirst) throw later;
      isFirst = false;
      throw new UnreadableItem('links', 'base');
    };
    await expect(readReadable(['a', 'b'], read)).rejects.toBe(later);
  });
});

describe('a record that its pair left', () => {
  const waits: ParkedKey = {
    mappingId: 'conn1.contact',
    kind: 'record',
    key: OTHER_ID,
    rounds: 0,
    version: 1,
  };
  const candidate = { localKey: LOCAL_KEY, sfId: OTHER_ID, record: waits, asked: { key: LOCAL_KEY } };

  test('is one whose pair is linked to another one', () => {
    expect(withoutLeft(candidate, aLink())).toEqual({
      found: { localKey: LOCAL_KEY, asked: { key: LOCAL_KEY } },
      left: [{ sfId: OTHER_ID, parked: waits }],
    });
    for (const link of [undefined, aLink({ sfId: OTHER_ID }), aLink({ state: 'remote-deleted' })])
      expect(withoutLeft(candidate, link)).toEqual({ found: candidate, left: [] });
  });

  test('is past where it is deleted, waits where it lives, and neither where it cannot be read', async () => {
    const ids = [SF_ID, OTHER_ID, '003000000000003AAA', '003000000000004AAA'];
    const { open } = anOpen({ ids: [row(), row({ Id: OTHER_ID, Email: 5 })] });
    const left = ids.map((sfId, index) => ({
      sfId,
      parked: index < 3 ? { ...waits, key: sfId } : undefined,
    }));

    const { waiting, past } = await readLeft({ open, owner: 'w', ports: {} } as unknown as Pass, left);

    expect(waiting).toMatchObject([
      {
        kind: 'record',
        asked: { key: SF_ID },
        parked: { key: SF_ID },
        reason: 'ALREADY_LINKED',
        waitMs: 3_600_000,
      },
    ]);
    expect(past.map(({ key }) => key)).toEqual([ids[2]]);
  });
});
