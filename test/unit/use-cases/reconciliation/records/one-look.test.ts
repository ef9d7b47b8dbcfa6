import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable, UnreadableItem } from '../../../../../shared/aws/errors.ts';
import { LINK_LEASE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { decodeRemotes, fieldsToRead } from '../../../../../shared/sync/mapping/decode.ts';
import type { RemoteRecord } from '../../../../../shared/sync/model/record.ts';
import type { OpenMapping } from '../../../../../shared/use-cases/reconciliation/open-mapping.ts';
import {
  type ReconcileInput,
  reconcileRecords,
} from '../../../../../shared/use-cases/reconciliation/reconcile-records.ts';
import { aConfig, aSettledStack, loseRaces, MAPPING_ID, misread } from '../schedules/a-stack.ts';

/** Ann at rest, no sweep that would mend anything, and looks at whatever a test names. */
async function aLook(config = aConfig()) {
  const stack = await aSettledStack({ config });
  await stack.withoutSweeps();
  stack.org.calls.length = 0;
  const look = async (input: ReconcileInput, change: Partial<OpenMapping> = {}) =>
    reconcileRecords(stack.ports, { ...(await stack.opened()), ...change }, input);
  /** The rows as they are now, to be used at some later time. */
  const rows = async (...sfIds: string[]): Promise<RemoteRecord[]> => {
    const { mapping } = await stack.opened();
    const page = await stack.org.select({
      sObject: 'Contact',
      fields: fieldsToRead(mapping),
      where: { kind: 'ids', ids: sfIds },
      includeDeleted: true,
    });
    stack.org.calls.length = 0;
    const { records } = decodeRemotes(mapping, page.records, page.readAt);
    return sfIds.map((sfId) =>
      must(
        records.find((one) => one.sfId === sfId),
        'a row',
      ),
    );
  };
  return { ...stack, look, rows };
}

describe('an item that gives a picklist a name which Salesforce does not have', () => {
  test.each([
    ['of a pair', 'old', { createdInSalesforce: 1, updatedInSalesforce: 1 }, 'CEO'],
    ['that is new', 'new', { createdInSalesforce: 2, updatedInSalesforce: 0 }, undefined],
  ])('%s goes without that field, and its neighbours go as they are', async (_what, which, sent, title) => {
    const stack = await aLook();
    const { mapping } = await stack.opened();
    const names = { Chief: 'The chief', CEO: 'CEO' };
    const fields = mapping.fields.map((one) => (one.localField === 'title' ? { ...one, names } : one));
    const key = which === 'old' ? stack.key : 'bob';
    stack.putItem(key, { lastName: 'Bob', title: 'nobody' });
    stack.putItem('cyd', { lastName: 'Cyd', title: 'The chief' });

    const { counts } = await stack.look(
      { localKeys: [{ key }, { key: 'cyd' }] },
      { mapping: { ...mapping, fields } },
    );

    expect(counts).toMatchObject({ ...sent, rejections: 1 });
    const record = must(stack.org.records.get(stack.link(key)?.sfId ?? ''), 'a record');
    expect(record.fields).toMatchObject({ LastName: 'Bob' });
    expect(record.fields.Title ?? undefined).toBe(title);
    expect(stack.org.withKey('cyd')?.fields.Title).toBe('Chief');
    expect(await stack.journal.rejections(MAPPING_ID, 9)).toMatchObject([
      { key, code: 'UNKNOWN_NAME', fields: ['title'] },
    ]);
    expect(stack.parked()).toMatchObject([
      { key, waitUntil: new Date(stack.clock.nowMs() + 3_600_000).toISOString() },
    ]);
  });
});

describe('of several rows', () => {
  test('of one record the one that was read last counts, whichever comes first', async () => {
    for (const isNewFirst of [true, false]) {
      const stack = await aLook();
      const [old] = await stack.rows(stack.sfId);
      stack.clock.advance(60_000);
      stack.org.edit(stack.sfId, { Title: 'CTO' });
      const [recent] = await stack.rows(stack.sfId);
      const remotes = [must(recent, 'a row'), must(old, 'a row')];

      const { counts } = await stack.look({ remotes: isNewFirst ? remotes : remotes.toReversed() });

      expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
      expect(counts).toMatchObject({ read: 2, updatedLocally: 1 });
      expect(stack.org.calls).toEqual([]);
      expect(await stack.rejections()).toEqual([]);
    }
  });

  test('that claim one key the linked one has it, whichever comes first, and the other is told of', async () => {
    for (const isLinkedFirst of [true, false]) {
      const stack = await aLook();
      stack.putItem('bob', { lastName: 'Bob' });
      await stack.look({ localKeys: [{ key: 'bob' }] });
      const bob = must(stack.link('bob')?.sfId, 'a record');
      stack.org.edit(bob, { Title: 'linked' });
      const other = stack.org.insert({ LastName: 'Other', Title: 'other' });
      const [linked, row] = await stack.rows(bob, other);
      const claimer = { ...must(row, 'a row'), externalId: 'bob' };
      const remotes = [must(linked, 'a row'), claimer];

      await stack.look({ remotes: isLinkedFirst ? remotes : remotes.toReversed() });

      expect(stack.item('bob')).toMatchObject({ title: 'linked' });
      expect(stack.link('bob')?.sfId).toBe(bob);
      expect(await stack.rejections()).toEqual([{ key: other, code: 'KEY_TAKEN' }]);
      expect(stack.parked()).toMatchObject([
        { kind: 'record', key: other, waitUntil: new Date(stack.clock.nowMs() + 3_600_000).toISOString() },
      ]);
    }
  });

  test('that claim one key which nobody has, the first has it, and a deleted one has no claim', async () => {
    const stack = await aLook();
    const ids = ['first', 'second', 'third'].map((LastName) => stack.org.insert({ LastName }));
    const [first, second, third] = (await stack.rows(...ids)).map((row) => ({ ...row, externalId: 'new' }));
    const gone = { ...must(third, 'a row'), isDeleted: true };

    await stack.look({ remotes: [gone, must(first, 'a row'), must(second, 'a row')] });

    expect(stack.item('new')).toMatchObject({ lastName: 'first' });
    expect(await stack.rejections()).toEqual([{ key: ids[1], code: 'KEY_TAKEN' }]);
  });
});

test('what both sides called for is one look at the item and the record, with the stream’s time', async () => {
  const stack = await aLook();
  stack.org.edit(stack.sfId, { Title: 'theirs' });
  stack.clock.advance(5_000);
  stack.putItem(stack.key, { title: 'ours' });
  const { changedAt } = must(stack.stream.at(-1), 'a change');

  const { counts } = await stack.look({ localKeys: [{ key: stack.key, changedAt }], sfIds: [stack.sfId] });

  expect(counts).toMatchObject({ read: 2, updatedInSalesforce: 1, conflicts: 1 });
  expect(stack.conflicts()).toMatchObject([
    { winner: 'local', local: 'ours', remote: 'theirs', at: changedAt },
  ]);
  expect(stack.link(stack.key)).toMatchObject({ localChangedAt: changedAt });
});

describe('a write whose settling loses a race', () => {
  const isSettling =
    (stack: Awaited<ReturnType<typeof aLook>>) =>
    ({ link }: { link: { pending?: unknown } }) =>
      link.pending === undefined && stack.org.writes > 0;

  test.each([1, 5])('%d times is settled all the same, and written once', async (times) => {
    const stack = await aLook();
    stack.putItem(stack.key, { title: 'CTO' });
    loseRaces(stack, times, isSettling(stack));

    const { counts } = await stack.look({ localKeys: [{ key: stack.key }] });

    expect(counts).toMatchObject({ updatedInSalesforce: 1 });
    expect(stack.org.writes).toBe(1);
    expect(stack.link(stack.key)).toMatchObject({ base: { title: 'CTO' } });
    for (const name of ['pending', 'lease']) expect(stack.link(stack.key)).not.toHaveProperty(name);
    expect(stack.parked()).toEqual([]);
  });

  test('again and again is found out by the next look, and not repeated', async () => {
    const stack = await aLook();
    stack.putItem(stack.key, { title: 'CTO' });
    let commits = 0;
    loseRaces(stack, Number.POSITIVE_INFINITY, (one) => {
      const isMeant = isSettling(stack)(one);
      commits += isMeant ? 1 : 0;
      return isMeant && commits <= 6;
    });

    await stack.look({ localKeys: [{ key: stack.key }] });

    expect(stack.org.writes).toBe(1);
    expect(stack.link(stack.key)).toMatchObject({ base: { title: 'CTO' } });
    expect(stack.link(stack.key)).not.toHaveProperty('pending');
  });

  test('is left to whoever holds the link by now', async () => {
    const stack = await aLook();
    stack.putItem(stack.key, { title: 'CTO' });
    const id = `${MAPPING_ID}#${stack.key}`;
    loseRaces(stack, 1, (one) => {
      if (!isSettling(stack)(one)) return false;
      const link = must(stack.syncStore.storedLinks.get(id), 'a link');
      const lease = { owner: 'another', until: stack.clock.nowMs() + 9_000 };
      stack.syncStore.storedLinks.set(id, { ...link, lease, version: link.version + 1 });
      return true;
    });

    const { held } = await stack.look({ localKeys: [{ key: stack.key }] });

    expect(stack.link(stack.key)).toMatchObject({ pending: { title: 'CTO' }, lease: { owner: 'another' } });
    expect(held).toMatchObject([{ key: stack.key, leftMs: 9_000 }]);
  });
});

describe('a lease', () => {
  test('of another worker holds until its end, and not a moment longer; one of this look holds nothing', async () => {
    const stack = await aLook();
    stack.putItem(stack.key, { title: 'CTO' });
    const id = `${MAPPING_ID}#${stack.key}`;
    const link = must(stack.link(stack.key), 'a link');
    const until = stack.clock.nowMs() + 1;
    stack.syncStore.storedLinks.set(id, { ...link, lease: { owner: 'another', until } });

    expect(await stack.look({ localKeys: [{ key: stack.key }] })).toMatchObject({
      held: [{ key: stack.key, leftMs: 1 }],
    });
    stack.clock.advance(1);
    expect(await stack.look({ localKeys: [{ key: stack.key }] })).toMatchObject({
      held: [],
      counts: { updatedInSalesforce: 1 },
    });
  });

  test('keeps no row from being known for one that says nothing new', async () => {
    const stack = await aLook();
    const remotes = await stack.rows(stack.sfId);
    const link = must(stack.link(stack.key), 'a link');
    const lease = { owner: 'another', until: stack.clock.nowMs() + 9_000 };
    stack.syncStore.storedLinks.set(`${MAPPING_ID}#${stack.key}`, { ...link, lease });

    expect(await stack.look({ remotes })).toMatchObject({ held: [], counts: { unchanged: 1 } });
  });
});

test('a look at what is damaged releases what waited for the others of it', async () => {
  const stack = await aLook();
  stack.putItem('bob', { lastName: 'Bob' });
  await stack.look({ localKeys: [{ key: 'bob' }] });
  const about = { mappingId: MAPPING_ID, reason: 'LEASE_HELD' };
  await stack.parkedKeys.park([{ ...about, kind: 'local', key: 'bob', side: 'local' }]);
  const { look } = stack.syncStore;
  stack.syncStore.look = async (mappingId, keys) => {
    if (keys.includes(stack.key)) throw new UnreadableItem('links', 'base');
    return look.call(stack.syncStore, mappingId, keys);
  };

  await stack.look({ localKeys: [{ key: 'bob' }, { key: stack.key }] });

  expect(stack.parked()).toMatchObject([{ key: stack.key, local: { reason: 'STORED_ITEM_UNREADABLE' } }]);
});

describe('what the stream told of a deletion', () => {
  const config = aConfig({ contact: { deletePolicy: 'propagate' } });

  test('counts as long as no later change of the item is known', async () => {
    const stack = await aLook(config);
    const told = { key: stack.key, isDeleted: true } as const;
    const link = must(stack.link(stack.key), 'a link');
    const at = (ms: number) => new Date(stack.clock.nowMs() + ms).toISOString();
    const setKnown = (localChangedAt: string) =>
      stack.syncStore.storedLinks.set(`${MAPPING_ID}#${stack.key}`, { ...link, localChangedAt });
    stack.deleteItem(stack.key);

    setKnown(at(0));
    await stack.look({ localKeys: [{ ...told, changedAt: at(-1_000) }] });
    expect(stack.org.alive()).toHaveLength(1);
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'ITEM_VANISHED' }]);
    await stack.look({ localKeys: [{ ...told, changedAt: at(0) }] });

    expect(stack.org.alive()).toEqual([]);
    expect(await stack.rejections()).toEqual([]);
  });

  test('counts without a time too', async () => {
    const stack = await aLook(config);
    stack.deleteItem(stack.key);

    await stack.look({ localKeys: [{ key: stack.key, isDeleted: true }] });

    expect(stack.org.alive()).toEqual([]);
  });
});

describe('a row that was read before the look', () => {
  const config = aConfig({ contact: { deletePolicy: 'propagate' } });

  test('decides about no deletion by itself: the record is read once more, and what is so then counts', async () => {
    const stack = await aLook(config);
    stack.org.remove(stack.sfId);
    const remotes = await stack.rows(stack.sfId);
    stack.org.undelete(stack.sfId);

    await stack.look({ remotes });

    expect(stack.item(stack.key)).toBeDefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
    // The first asks whether it was merged into another one.
    expect(stack.org.calls).toEqual(['select', 'select']);
  });

  test('makes an item of a record without a link, and brings an edit in, without another read', async () => {
    const stack = await aLook();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    const sfId = stack.org.insert({ LastName: 'Bob' });
    const remotes = await stack.rows(stack.sfId, sfId);

    const { counts } = await stack.look({ remotes });

    expect(counts).toMatchObject({ createdLocally: 1, updatedLocally: 1 });
    expect(stack.org.calls).toEqual([]);
  });

  test('makes no item anew of a pair that is gone, before the record was read once more', async () => {
    const stack = await aLook(config);
    stack.deleteItem(stack.key);
    await stack.look({ localKeys: [{ key: stack.key, isDeleted: true }] });
    stack.org.undelete(stack.sfId);
    const remotes = await stack.rows(stack.sfId);
    stack.org.remove(stack.sfId);

    await stack.look({ remotes });

    expect(stack.item(stack.key)).toBeUndefined();
    expect(stack.org.calls).toEqual(['select']);
  });
});

test('a look that changes nothing writes nothing and counts its keys as unchanged, however they are named', async () => {
  const stack = await aLook();
  const remotes = await stack.rows(stack.sfId);
  const before = stack.link(stack.key);

  for (const input of [
    { remotes },
    { sfIds: [stack.sfId] },
    { localKeys: [{ key: stack.key, isRemote: true }] },
  ])
    expect((await stack.look(input)).counts).toMatchObject({ read: 1, unchanged: 1, updatedLocally: 0 });

  expect(stack.link(stack.key)).toEqual(before);
  expect((await stack.look({ localKeys: [{ key: 'nobody' }] })).counts).toMatchObject({ unchanged: 1 });
});

describe('a write that Salesforce may have begun', () => {
  test('stays announced as long as its worker can live, and says by Salesforce’s clock when the record was known', async () => {
    const stack = await aLook();
    stack.org.advance(30_000);
    await stack.rows(stack.sfId);
    stack.putItem(stack.key, { title: 'CTO' });
    stack.putItem('bob', { lastName: 'Bob' });
    stack.org.failNext('update', 'unreached');
    stack.org.failNext('upsert', 'unavailable');

    await expect(stack.look({ localKeys: [{ key: stack.key }] })).rejects.toMatchObject({
      next: { do: 'retry' },
    });
    expect(stack.link(stack.key)).not.toHaveProperty('lease');
    await expect(stack.look({ localKeys: [{ key: 'bob' }] })).rejects.toMatchObject({
      next: { do: 'reread' },
    });

    const { lease, sfReadAt, state } = must(stack.link('bob'), 'a link');
    expect(state).toBe('creating');
    expect(must(lease, 'a lease').until - stack.clock.nowMs()).toBe(LINK_LEASE_MS);
    expect(Date.parse(must(sfReadAt, 'a time')) - stack.clock.nowMs()).toBe(30_000);
  });

  test('and whose lease cannot be given back tells of a mistake of ours, and of no store that is away', async () => {
    for (const [error, expected] of [
      [
        new StoreUnavailable('committing'),
        { next: { do: 'retry' }, name: expect.not.stringMatching('StoreUnavailable') },
      ],
      [new TypeError('a bug'), { message: 'a bug' }],
    ] as const) {
      const stack = await aLook();
      stack.putItem(stack.key, { title: 'CTO' });
      stack.org.failNext('update', 'unreached');
      const { commit } = stack.syncStore;
      let commits = 0;
      stack.syncStore.commit = async (some) => {
        commits += 1;
        if (commits > 2) throw error;
        return commit.call(stack.syncStore, some);
      };

      await expect(stack.look({ localKeys: [{ key: stack.key }] })).rejects.toMatchObject(expected);
    }
  });

  test('of a new record is made of a mapping that leaves a field to a person too', async () => {
    const stack = await aLook(aConfig({ contact: { conflictPolicy: 'manual' } }));
    stack.putItem('bob', { lastName: 'Bob', title: 'CEO' });

    await stack.look({ localKeys: [{ key: 'bob' }] });

    expect(stack.org.withKey('bob')?.fields.Title).toBe('CEO');
  });
});

test('a record without a link that cannot be read waits for a minute, and one that claims a taken key for an hour', async () => {
  const stack = await aLook();
  const bad = stack.org.insert({ LastName: 'Bad' });
  misread(stack.org, bad);
  const reserved = stack.org.insert({ LastName: 'Reserved', External_Id__c: 'sf-of-somebody' });

  await stack.look({ sfIds: [bad, reserved] });

  const at = (ms: number) => new Date(stack.clock.nowMs() + ms).toISOString();
  expect(stack.parked().map(({ key, waitUntil }) => [key, waitUntil])).toEqual([
    [bad, at(60_000)],
    [reserved, undefined],
  ]);
});
