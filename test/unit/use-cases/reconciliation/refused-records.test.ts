import { describe, expect, test } from '@jest/globals';
import { NewerData, StoreUnavailable, UnreadableItem } from '../../../../shared/aws/errors.ts';
import { type Next, SyncError } from '../../../../shared/contracts/next.ts';
import type {
  RecordUpdate,
  SalesforceOrg,
  WriteOutcome,
} from '../../../../shared/use-cases/ports/salesforce-org.ts';
import type { CommitOutcome, ItemWrite, SyncStore } from '../../../../shared/use-cases/ports/sync-store.ts';
import { aWorld, MAPPING_ID } from '../../../simulation/world.ts';

const LARGE = 'x'.repeat(395_000);

/** A world in which Ann is linked, and her item is nearly as large as DynamoDB takes. */
async function aWorldWithLargeAnn() {
  const world = aWorld();
  world.putItem('ann', { lastName: 'Lee' });
  world.putItem('bob', { lastName: 'Ray' });
  await world.handle(world.localHint('ann', 'bob'));
  world.putItem('ann', { note: LARGE });
  world.clock.advance(60_000);
  const sfIdOf = (key: string) => world.link(key)?.sfId ?? '';
  const rejections = () => world.journal.rejections(MAPPING_ID, 10);
  return { ...world, sfIdOf, rejections };
}

/** The store, with some of its methods replaced. */
const changed = (store: SyncStore, methods: Partial<SyncStore>): SyncStore => ({
  links: (...args) => store.links(...args),
  localKeysOf: (...args) => store.localKeysOf(...args),
  look: (...args) => store.look(...args),
  lookByIds: (...args) => store.lookByIds(...args),
  items: (...args) => store.items(...args),
  localKeysWith: (...args) => store.localKeysWith(...args),
  localKeysPage: (...args) => store.localKeysPage(...args),
  commit: (...args) => store.commit(...args),
  ...methods,
});

/** The store, which answers with this to every commit of Ann's item. */
/** Nothing is written that could be refused. */
const isCheck = (item: ItemWrite): boolean =>
  item.kind === 'update' && item.sfId === undefined && Object.keys(item.values).length === 0;

const refusing = (store: SyncStore, outcome: CommitOutcome, times = Number.POSITIVE_INFINITY): SyncStore => {
  let left = times;
  return changed(store, {
    commit: async (commits) => {
      const isRefused = commits.map(
        ({ link, item }) => link.localKey === 'ann' && item && !isCheck(item) && left-- > 0,
      );
      const others = await store.commit(commits.filter((_, index) => !isRefused[index]));
      const rest = others.values();
      return isRefused.map((refused) => (refused ? outcome : (rest.next().value ?? 'lost-race')));
    },
  });
};

describe('a record that the store does not take', () => {
  test('is a rejection that says what to do, and the others of the sweep come in', async () => {
    const { org, sweep, sfIdOf, item, rejections, mappingStates } = await aWorldWithLargeAnn();
    org.edit(sfIdOf('ann'), { Title: 'y'.repeat(20_000) });
    org.edit(sfIdOf('bob'), { Title: 'CEO' });

    expect(await sweep()).toMatchObject({ kind: 'done', counts: { rejections: 1, updatedLocally: 1 } });

    expect(item('bob')).toMatchObject({ title: 'CEO' });
    expect(item('ann')).not.toHaveProperty('title');
    expect(await rejections()).toMatchObject([
      { key: 'ann', by: 'local-rules', code: 'ITEM_TOO_LARGE', message: expect.stringContaining('400 KB') },
    ]);
    expect((await mappingStates.get(MAPPING_ID))?.watermark).toBeDefined();
  });

  test('is no rejection any more once it fits', async () => {
    const { org, sweep, sfIdOf, item, rejections, clock } = await aWorldWithLargeAnn();
    org.edit(sfIdOf('ann'), { Title: 'y'.repeat(20_000) });
    await sweep();
    clock.advance(60_000);

    org.edit(sfIdOf('ann'), { Title: 'CEO' });
    await sweep();

    expect(item('ann')).toMatchObject({ title: 'CEO' });
    expect(await rejections()).toEqual([]);
  });

  test('is not written to Salesforce either, where both sides were to be', async () => {
    const { org, handle, localHint, sfIdOf, putItem, rejections, link } = await aWorldWithLargeAnn();
    org.edit(sfIdOf('ann'), { Title: 'y'.repeat(20_000) });
    putItem('ann', { email: 'ann@example.com' });
    putItem('bob', { email: 'bob@example.com' });

    await handle(localHint('ann', 'bob'));

    expect(org.records.get(sfIdOf('bob'))?.fields.Email).toBe('bob@example.com');
    expect(org.records.get(sfIdOf('ann'))?.fields.Email).toBeNull();
    expect(await rejections()).toMatchObject([{ key: 'ann', code: 'ITEM_TOO_LARGE' }]);
    expect(link('ann')).not.toHaveProperty('pending');
  });

  test('though it was written to Salesforce is linked, and says why the item lacks its id', async () => {
    const world = aWorld();
    const { org, handle, localHint, putItem, link, journal, syncStore } = world;
    putItem('ann', { lastName: 'Lee' });
    putItem('bob', { lastName: 'Ray' });

    await handle(localHint('ann', 'bob'), { syncStore: refusing(syncStore, 'refused') });

    expect(link('ann')).toMatchObject({ state: 'linked', base: { lastName: 'Lee' } });
    expect(link('bob')).toMatchObject({ state: 'linked' });
    expect(org.alive()).toHaveLength(2);
    expect(await journal.rejections(MAPPING_ID, 10)).toMatchObject([
      { key: 'ann', code: 'REFUSED_BY_STORE', message: expect.stringContaining('index') },
    ]);
  });
});

describe('a link that cannot be read', () => {
  /** Ann, Bob and Cyd are linked, and each has a later edit on both sides; Ann's link, or its pointer, is damaged. */
  async function aWorldWithDamage(damaged: 'link' | 'pointer') {
    const world = aWorld();
    const keys = ['ann', 'bob', 'cyd'];
    for (const key of keys) world.putItem(key, { lastName: key });
    await world.handle(world.localHint(...keys));
    const sfIds = keys.map((key) => world.link(key)?.sfId ?? '');
    world.clock.advance(60_000);
    for (const [index, key] of keys.entries()) {
      world.putItem(key, { email: `${key}@example.com` });
      world.org.edit(sfIds[index] ?? '', { Title: `${key} the CEO` });
    }
    const { syncStore } = world;
    const damage = (isDamaged: boolean) => {
      if (isDamaged) throw new UnreadableItem('links', 'base');
    };
    const look: SyncStore['look'] = async (mappingId, some) => {
      damage(damaged === 'link' && some.includes('ann'));
      return syncStore.look(mappingId, some);
    };
    const lookByIds: SyncStore['lookByIds'] = async (mappingId, some) => {
      damage(damaged === 'pointer' && some.includes(sfIds[0] ?? ''));
      return syncStore.lookByIds(mappingId, some);
    };
    const ports = { syncStore: changed(syncStore, { look, lookByIds }) };
    const rejections = () => world.journal.rejections(MAPPING_ID, 10);
    return { ...world, ports, sfIds, rejections };
  }

  test('is a rejection, and the other records of the hint come in', async () => {
    const { handle, localHint, ports, item, org, sfIds, rejections } = await aWorldWithDamage('link');

    expect(await handle(localHint('ann', 'bob', 'cyd'), ports)).toMatchObject({ kind: 'done' });

    for (const [index, key] of ['bob', 'cyd'].entries()) {
      expect(item(key)).toMatchObject({ title: `${key} the CEO` });
      expect(org.records.get(sfIds[index + 1] ?? '')?.fields.Email).toBe(`${key}@example.com`);
    }
    expect(item('ann')).not.toHaveProperty('title');
    expect(org.records.get(sfIds[0] ?? '')?.fields.Email).toBeNull();
    expect(await rejections()).toMatchObject([{ key: 'ann', code: 'STORED_ITEM_UNREADABLE' }]);
  });

  test.each(['link', 'pointer'] as const)('ends no sweep: its %s', async (damaged) => {
    const { handle, ports, item, sfIds, rejections } = await aWorldWithDamage(damaged);

    const swept = await handle({ kind: 'sweep', mappingId: MAPPING_ID, runId: 'run-x' }, ports);

    expect(swept).toMatchObject({ kind: 'done', counts: { rejections: 1, updatedLocally: 2 } });
    expect(item('cyd')).toMatchObject({ title: 'cyd the CEO' });
    const key = damaged === 'link' ? 'ann' : sfIds[0];
    expect(await rejections()).toMatchObject([{ key, code: 'STORED_ITEM_UNREADABLE' }]);
  });

  test('ends no hint that names its record', async () => {
    const { handle, remoteHint, ports, item, sfIds, rejections } = await aWorldWithDamage('pointer');

    expect(await handle(remoteHint(...sfIds), ports)).toMatchObject({ kind: 'done' });

    expect(item('bob')).toMatchObject({ title: 'bob the CEO' });
    expect(item('ann')).not.toHaveProperty('title');
    expect(await rejections()).toMatchObject([{ key: sfIds[0], code: 'STORED_ITEM_UNREADABLE' }]);
  });

  test('is not a link of later code: its keys wait for that code', async () => {
    const { handle, localHint, ports, clock, rejections, parkedKeys } = await aWorldWithDamage('link');
    const look = () => Promise.reject(new NewerData('links', 2, 1, clock.nowMs()));

    await handle(localHint('ann', 'bob'), { syncStore: changed(ports.syncStore, { look }) });

    expect([...parkedKeys.parked.values()].map(({ key }) => key)).toEqual(['ann', 'bob']);
    expect(await rejections()).toEqual([]);
  });
});

test('a record that Salesforce took for another one keeps its rejection, though the write went through', async () => {
  const { handle, localHint, putItem, journal, syncStore } = aWorld();
  putItem('ann', { lastName: 'Lee' });

  await handle(localHint('ann'), { syncStore: refusing(syncStore, 'sf-id-taken') });

  expect(await journal.rejections(MAPPING_ID, 10)).toMatchObject([{ key: 'ann', code: 'ALREADY_LINKED' }]);
});

describe('a write of which only a part was answered', () => {
  const failure = (next: Next) =>
    new SyncError('SalesforceApiError', 'TROUBLE', 'Salesforce had trouble.', next);

  /** Three linked items, each with an edit, and an org that answers for Ann alone. */
  async function aWorldWithEdits(toOutcomes: (ann: WriteOutcome) => readonly WriteOutcome[]) {
    const world = aWorld();
    const keys = ['ann', 'bob', 'cyd'];
    for (const key of keys) world.putItem(key, { lastName: key });
    await world.handle(world.localHint(...keys));
    for (const key of keys) world.putItem(key, { lastName: `${key}2` });
    const update: SalesforceOrg['update'] = world.org.update.bind(world.org);
    world.org.update = async (sObject, records: readonly RecordUpdate[], readBack) => {
      const [ann] = await update(sObject, records.slice(0, 1), readBack);
      if (!ann) throw new Error('no outcome');
      return toOutcomes(ann);
    };
    const handle = (ports?: Parameters<typeof world.handle>[1]) =>
      world.handle(world.localHint(...keys), ports);
    return { ...world, handle };
  }

  test('keeps what was answered, and gives back what was surely not written', async () => {
    const { handle, link } = await aWorldWithEdits((ann) => [
      ann,
      { kind: 'failed', error: failure({ do: 'retry', afterMs: 3_000 }) },
      { kind: 'unsent', error: failure({ do: 'reread' }) },
    ]);

    expect(await handle()).toEqual({ kind: 'again', afterMs: 3_000, reason: 'TROUBLE' });

    expect(link('ann')).toMatchObject({ base: { lastName: 'ann2' } });
    expect(link('ann')).not.toHaveProperty('lease');
    for (const key of ['bob', 'cyd']) {
      expect(link(key)).toMatchObject({ base: { lastName: key } });
      expect(link(key)).not.toHaveProperty('lease');
      expect(link(key)).not.toHaveProperty('pending');
    }
  });

  test('leaves the announcement of a record whose outcome nobody knows', async () => {
    const { handle, link } = await aWorldWithEdits((ann) => [
      ann,
      { kind: 'failed', error: failure({ do: 'reread' }) },
      { kind: 'unsent', error: failure({ do: 'reread' }) },
    ]);

    expect(await handle()).toMatchObject({ kind: 'again' });

    expect(link('ann')).toMatchObject({ base: { lastName: 'ann2' } });
    expect(link('bob')).toMatchObject({ pending: { lastName: 'bob2' }, lease: {} });
    expect(link('cyd')).not.toHaveProperty('lease');
  });

  test('gives back what was surely not written also where the rest of the answer cannot be read', async () => {
    const { handle, link } = await aWorldWithEdits((ann) => [
      ann.kind === 'written' ? { ...ann, after: { Id: 'no id' } } : ann,
      { kind: 'unsent', error: failure({ do: 'retry', afterMs: 3_000 }) },
      { kind: 'unsent', error: failure({ do: 'retry', afterMs: 3_000 }) },
    ]);

    await handle();

    expect(link('ann')).toMatchObject({ pending: { lastName: 'ann2' }, lease: {} });
    for (const key of ['bob', 'cyd']) expect(link(key)).not.toHaveProperty('lease');
  });

  test('tells of its own error, also where giving back fails', async () => {
    const world = await aWorldWithEdits((ann) => [
      ann,
      { kind: 'failed', error: failure({ do: 'retry', afterMs: 3_000 }) },
      { kind: 'failed', error: failure({ do: 'retry', afterMs: 3_000 }) },
    ]);
    const { syncStore } = world;
    const commit: SyncStore['commit'] = (commits) => {
      const isRelease = commits.some(({ link }) => link.localKey === 'bob' && !link.lease);
      return isRelease ? Promise.reject(new StoreUnavailable('committing')) : syncStore.commit(commits);
    };

    const answer = await world.handle({ syncStore: changed(syncStore, { commit }) });

    expect(answer).toEqual({ kind: 'again', afterMs: 3_000, reason: 'TROUBLE' });
    expect(world.link('ann')).toMatchObject({ base: { lastName: 'ann2' } });
  });

  test('gives back the creates that were to follow updates that failed', async () => {
    const world = aWorld();
    world.putItem('ann', { lastName: 'ann' });
    await world.handle(world.localHint('ann'));
    world.putItem('ann', { lastName: 'ann2' });
    world.putItem('new', { lastName: 'new' });
    world.org.update = () => Promise.reject(failure({ do: 'reread' }));

    await world.handle(world.localHint('ann', 'new'));

    expect(world.link('ann')).toMatchObject({ pending: { lastName: 'ann2' }, lease: {} });
    expect(world.link('new')).not.toHaveProperty('lease');
    expect(world.org.alive()).toHaveLength(1);
  });

  test('leaves the announcements where an error that nobody expected hides what was written', async () => {
    const { handle, link } = await aWorldWithEdits(() => {
      throw new TypeError('a mistake of ours');
    });

    await expect(handle()).rejects.toThrow('a mistake of ours');

    for (const key of ['ann', 'bob', 'cyd'])
      expect(link(key)).toMatchObject({ pending: { lastName: `${key}2` }, lease: {} });
  });

  test('makes a rejection of a refusal that lasts, and of one that passes in an hour', async () => {
    const { handle, link, journal } = await aWorldWithEdits((ann) => [
      ann,
      { kind: 'refused', code: 'JSON_PARSER_ERROR', message: 'no date', fields: [] },
      { kind: 'refused', code: 'ENTITY_IS_LOCKED', message: 'approval', fields: [], retryAfterMs: 3_600_000 },
    ]);

    expect(await handle()).toMatchObject({ kind: 'done', counts: { updatedInSalesforce: 1, rejections: 2 } });

    const rejections = await journal.rejections(MAPPING_ID, 10);
    expect(rejections.map(({ key, code }) => [key, code]).sort()).toEqual([
      ['bob', 'JSON_PARSER_ERROR'],
      ['cyd', 'ENTITY_IS_LOCKED'],
    ]);
    expect(link('bob')).not.toHaveProperty('lease');
  });
});
