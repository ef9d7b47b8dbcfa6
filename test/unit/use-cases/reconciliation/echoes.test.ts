import { describe, expect, test } from '@jest/globals';
import type { Hint } from '../../../../shared/contracts/hints.ts';
import { lookForEchoes, RecentMappings } from '../../../../shared/use-cases/reconciliation/echoes.ts';
import {
  type HandleHintsPorts,
  handleHints,
} from '../../../../shared/use-cases/reconciliation/handle-hints.ts';
import type { OpenMapping } from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import { InMemoryOrgSlots } from '../../../in-memory/org-slots.ts';
import { manualTimers } from '../../../in-memory/timers.ts';
import { loadedWorld } from '../../../simulation/world.ts';

/** A worker that has just looked at Ann, who is in step; `reads` are those of the stores since. */
async function aWarmWorker() {
  const world = await loadedWorld();
  const { clock, syncStore, connections, mappingStates } = world;
  const reads: string[] = [];
  /** The store, whose calls of these methods are noted. */
  const noting = <T extends object>(store: T, ...names: string[]): T =>
    new Proxy(store, {
      get: (_, name) => {
        const value: unknown = Reflect.get(store, name, store);
        if (typeof value !== 'function') return value;
        if (names.includes(String(name)))
          return (...args: unknown[]) => {
            reads.push(String(name));
            return value.apply(store, args);
          };
        return value.bind(store);
      },
    });
  const ports: HandleHintsPorts = {
    ...world.ports,
    connections: noting(connections, 'get'),
    mappingStates: noting(mappingStates, 'get', 'listOfConnection'),
    syncStore: noting(syncStore, 'look', 'items'),
    echoes: {
      recentMappings: new RecentMappings(clock),
      store: noting(syncStore, 'lookWithRevision'),
    },
    slots: new InMemoryOrgSlots(),
    timers: manualTimers(),
  };
  const batch = (...hints: readonly Hint[]) =>
    handleHints(
      ports,
      hints.map((hint) => ({ hint, receives: 1 })),
    );
  await batch(world.localHint(world.key));
  reads.length = 0;
  world.org.calls.length = 0;
  return { ...world, ports, batch, reads };
}

describe('an echo', () => {
  test('costs two reads and no call while its mapping is remembered', async () => {
    const { batch, reads, key, localHint, org } = await aWarmWorker();

    expect(await batch(localHint(key))).toMatchObject([
      { kind: 'done', counts: { read: 1, unchanged: 1, calls: 0 } },
    ]);

    expect(reads).toEqual(['lookWithRevision', 'items']);
    expect(org.calls).toEqual([]);
  });

  test('opens its mapping when that was opened more than ten seconds ago', async () => {
    const { batch, reads, key, localHint, clock } = await aWarmWorker();
    clock.advance(10_001);

    await batch(localHint(key));

    expect(reads.sort()).toEqual(['get', 'get', 'items', 'look']);
  });
});

describe('no echo is', () => {
  test('an edit, which costs no read more than without the question', async () => {
    const { batch, reads, key, localHint, org, putItem } = await aWarmWorker();
    putItem(key, { title: 'CEO' });

    await batch(localHint(key));

    expect(org.alive()).toMatchObject([{ fields: { Title: 'CEO' } }]);
    expect(reads.sort()).toEqual(['get', 'get', 'items', 'lookWithRevision']);
  });

  test('a new item, or one that somebody deleted', async () => {
    const { batch, key, localHint, org, putItem, tables, clock, link } = await aWarmWorker();
    putItem('bob', { lastName: 'Bob' });
    await batch(localHint('bob'));
    expect(org.withKey('bob')?.fields.LastName).toBe('Bob');

    tables.delete('contacts', key);
    const deleted = { key, changedAt: clock.now(), isDeleted: true as const };
    await batch({ kind: 'local-keys', mappingId: 'c1.contact', keys: [deleted] });

    expect(link(key)?.state).toBe('local-deleted');
  });

  test('a key of which anything waits', async () => {
    const { batch, key, localHint, org, sfId, parkedKeys, item, clock } = await aWarmWorker();
    org.edit(sfId, { Title: 'CEO' });
    await parkedKeys.park([
      {
        mappingId: 'c1.contact',
        kind: 'local',
        key,
        side: 'remote',
        reason: 'LEASE_HELD',
        waitUntil: clock.now(),
      },
    ]);

    await batch(localHint(key));

    expect(item(key)).toMatchObject({ title: 'CEO' });
    expect(parkedKeys.parked.size).toBe(0);
  });

  test('a key whose write is still open', async () => {
    const { batch, key, localHint, syncStore, link } = await aWarmWorker();
    const stored = link(key);
    if (!stored) throw new Error('no link');
    syncStore.storedLinks.set(`c1.contact#${key}`, { ...stored, pending: { lastName: 'Lee' } });

    await batch(localHint(key));

    expect(link(key)?.pending).toBeUndefined();
  });

  test('an item that cannot be used', async () => {
    const { batch, key, localHint, putItem, journal } = await aWarmWorker();
    putItem(key, { lastName: ['Lee'] });

    await batch(localHint(key));

    expect(await journal.rejections('c1.contact', 9)).toMatchObject([{ key, code: 'INVALID_ATTRIBUTE' }]);
  });

  test('a record that changed, whose hint comes with that of an echo', async () => {
    const { batch, key, localHint, remoteHint, org, sfId, item } = await aWarmWorker();
    org.edit(sfId, { Title: 'CEO' });

    await batch(localHint(key), remoteHint(sfId));

    expect(item(key)).toMatchObject({ title: 'CEO' });
  });

  test('one of many that are: the look is for all of them', async () => {
    const { batch, key, localHint, org, putItem } = await aWarmWorker();
    putItem('bob', { lastName: 'Bob' });

    await batch(localHint(key, 'bob'));

    expect(org.withKey('bob')?.fields.LastName).toBe('Bob');
  });

  test('what an old worker takes for one after a deployment: the mapping has another revision', async () => {
    const { batch, key, localHint, ports, mappingStates, putItem, link, parkedKeys } = await aWarmWorker();
    const template = ports.config.mappings.contact;
    const state = mappingStates.states.get('c1.contact');
    if (!template || !state?.revision) throw new Error('no revision');
    // The new code has mapped the attribute `phone` too; the link is still of before.
    const { revision } = state.revision;
    state.replaced = { template: state.revision.template, at: new Date(ports.clock.nowMs()).toISOString() };
    state.revision = { ...state.revision, revision: revision + 1, template: 'new' };
    putItem(key, { phone: '1' });
    expect(link(key)?.revision).toBe(revision);

    await batch(localHint(key));

    // For the new code.
    expect([...parkedKeys.parked.values()]).toMatchObject([{ key, local: { reason: 'MAPPING_CHANGED' } }]);
  });

  test('what is of a later revision of the fields than is remembered', async () => {
    const { batch, key, localHint, syncStore, link, parkedKeys } = await aWarmWorker();
    const stored = link(key);
    if (!stored) throw new Error('no link');
    syncStore.storedLinks.set(`c1.contact#${key}`, { ...stored, revision: stored.revision + 1 });

    await batch(localHint(key));

    expect([...parkedKeys.parked.values()]).toMatchObject([{ key, local: { reason: 'LATER_REVISION' } }]);
  });
});

test('what was read for the question is given to the look once: one that lost a race reads again', async () => {
  const { batch, key, localHint, org, putItem, syncStore, link, parkedKeys } = await aWarmWorker();
  putItem(key, { title: 'first' });
  let races = 1;
  org.before = () => {
    const stored = link(key);
    if (!stored || races-- <= 0) return;
    syncStore.storedLinks.set(`c1.contact#${key}`, { ...stored, version: stored.version + 1 });
    putItem(key, { title: 'second' });
  };

  await batch(localHint(key));

  expect(org.alive()).toMatchObject([{ fields: { Title: 'second' } }]);
  expect(parkedKeys.parked.size).toBe(0);
});

test('what was read for the question is given for the same keys and the same mapping alone', async () => {
  const { ports, key, reads, putItem, clock } = await aWarmWorker();
  const { mapping } = ports.echoes?.recentMappings.find('c1.contact') ?? {};
  if (!mapping) throw new Error('not remembered');
  putItem(key, { title: 'CEO' });
  const asked = { mappingId: 'c1.contact', localKeys: [{ key, changedAt: clock.now() }], sfIds: [] };
  const ask = async () => {
    const looked = await lookForEchoes(ports, asked);
    if (looked.kind === 'echo') throw new Error('an echo');
    reads.length = 0;
    return looked.syncStore;
  };

  await (await ask()).look('c1.contact', ['other']);
  expect(reads).toEqual(['look']);
  await (await ask()).items(mapping, ['other']);
  expect(reads).toEqual(['items']);
  await (await ask()).items({ ...mapping, localIdField: 'another' }, [key]);
  expect(reads).toEqual(['items']);
  await (await ask()).items({ ...mapping }, [key]);
  expect(reads).toEqual([]);
});

test('a question that cannot be answered is asked by the look itself', async () => {
  const { batch, key, localHint, syncStore } = await aWarmWorker();
  syncStore.lookWithRevision = () => Promise.reject(new Error('away'));

  expect(await batch(localHint(key))).toMatchObject([{ kind: 'done', counts: { unchanged: 1 } }]);
});

describe('a remembered mapping', () => {
  const opened = (mappingId: string) => ({ mapping: { mappingId }, state: {} }) as unknown as OpenMapping;

  test('is remembered for ten seconds after it was last opened', () => {
    let nowMs = 0;
    const recent = new RecentMappings({ nowMs: () => nowMs });
    const isFoundAt = (ms: number) => {
      nowMs = ms;
      return recent.find('c1.contact') !== undefined;
    };
    recent.remember(opened('c1.contact'));

    expect([0, 10_000, 10_001].map(isFoundAt)).toEqual([true, true, false]);
    recent.remember(opened('c1.contact'));
    expect([20_001, 20_002].map(isFoundAt)).toEqual([true, false]);
  });

  test('gives way to others once there are a thousand, the one first that was opened longest ago', () => {
    const recent = new RecentMappings({ nowMs: () => 0 });
    for (let n = 0; n < 1_000; n++) recent.remember(opened(`c${n}.contact`));
    recent.remember(opened('c0.contact'));
    const known = () => ['c0', 'c1', 'c2'].map((id) => recent.find(`${id}.contact`) !== undefined);

    expect(known()).toEqual([true, true, true]);
    recent.remember(opened('new.contact'));
    expect(known()).toEqual([true, false, true]);
  });
});

describe('the question whether keys are echoes', () => {
  /** Ann and Bob, both in step, and a mapping that is remembered. */
  async function aQuestion() {
    const worker = await aWarmWorker();
    worker.putItem('bob', { lastName: 'Bob' });
    await worker.batch(worker.localHint('bob'));
    worker.reads.length = 0;
    const keys = [worker.key, 'bob'];
    const ask = (localKeys = keys.map((key) => ({ key }))) =>
      lookForEchoes(worker.ports, { mappingId: 'c1.contact', localKeys, sfIds: [] });
    const look = async (...asked: Parameters<typeof ask>) => {
      const answer = await ask(...asked);
      if (answer.kind !== 'look') throw new Error('they are echoes');
      return answer.syncStore;
    };
    const mapping = worker.ports.echoes?.recentMappings.find('c1.contact')?.mapping;
    if (!mapping) throw new Error('no mapping is remembered');
    return { ...worker, keys, ask, look, mapping };
  }

  test('is answered for all of them together: one that is none has all looked at, whichever it is', async () => {
    const { ask, keys, putItem, tables, item } = await aQuestion();
    expect(await ask()).toMatchObject({ kind: 'echo', counts: { read: 2, unchanged: 2 } });

    for (const key of keys) {
      const before = item(key);
      putItem(key, { title: 'CTO' });
      expect(await ask()).toMatchObject({ kind: 'look' });
      tables.delete('contacts', key);
      expect(await ask()).toMatchObject({ kind: 'look' });
      tables.put('contacts', key, { ...before });
    }
    expect(await ask()).toMatchObject({ kind: 'echo' });
    for (const key of ['new', ...keys])
      expect(await ask([{ key: 'new' }, { key }])).toMatchObject({ kind: 'look' });
  });

  test('hands on what it has read, once, and only to who asks for the very same', async () => {
    const { look, keys, putItem, mapping, reads, link } = await aQuestion();
    putItem('bob', { title: 'CTO' });
    const store = await look();
    reads.length = 0;

    expect((await store.look('c1.contact', keys)).found.get('bob')).toEqual(link('bob'));
    expect((await store.items(mapping, keys)).items.get('bob')?.values).toMatchObject({ title: 'CTO' });
    expect(reads).toEqual([]);
    await store.look('c1.contact', keys);
    await store.items(mapping, keys);
    expect(reads).toEqual(['look', 'items']);

    for (const others of [keys.slice(1), [...keys, 'cyd'], [keys[0] ?? '', 'cyd'], keys.toReversed()]) {
      const another = await look();
      reads.length = 0;
      await another.look('c1.contact', others);
      await another.items(mapping, others);
      expect(reads).toEqual(['look', 'items']);
    }
    const last = await look();
    reads.length = 0;
    await last.items({ ...mapping, fieldsRevision: 9 }, keys);
    expect(reads).toEqual(['items']);
  });

  test('leaves the store as it is in everything else', async () => {
    const { look, putItem, mapping, sfId, key, keys, syncStore, link, clock, parkedKeys } = await aQuestion();
    putItem('bob', { title: 'CTO' });
    const store = await look();
    const parking = {
      mappingId: 'c1.contact',
      kind: 'record',
      key: sfId,
      side: 'remote',
      reason: 'X',
    } as const;
    await parkedKeys.park([{ ...parking, waitUntil: clock.now() }]);

    expect(await store.links('c1.contact', keys)).toEqual(await syncStore.links('c1.contact', keys));
    expect(await store.localKeysOf('c1.contact', [sfId])).toEqual(new Map([[sfId, key]]));
    expect((await store.lookByIds('c1.contact', [sfId])).parked.get(sfId)).toMatchObject({ key: sfId });
    expect(await store.localKeysWith(mapping, 'lastName', ['Bob'])).toEqual(new Map([['Bob', ['bob']]]));
    expect(await store.localKeysPage(mapping, undefined)).toEqual({ keys: [...keys].sort() });
    const before = link('bob');
    if (!before) throw new Error('no link');
    expect(await store.commit([{ mapping, link: before, expectedVersion: before.version }])).toEqual([
      'committed',
    ]);
  });
});
