import { expect, test } from '@jest/globals';
import { dropOpenConflicts } from '../../../../shared/use-cases/schedules/drop-open-conflicts.ts';
import { aLink, aMapping } from '../../../builders/sync.ts';
import { InMemoryOpenConflicts } from '../../../in-memory/open-conflicts.ts';
import { InMemorySyncStore } from '../../../in-memory/sync-store.ts';

const mapping = aMapping();
const { mappingId } = mapping;
const HELD = {
  ...{ field: 'email', local: 'ours', remote: 'theirs' },
  ...{ since: '2026-01-01T00:00:00.000Z', version: 1 },
};
const anEntry = (localKey: string) => ({
  ...{ ...HELD, mappingId, localKey, sfId: '003000000000001AAA', base: null },
  remoteChangedAt: HELD.since,
});

const aStore = async (keys: readonly string[]) => {
  const store = new InMemorySyncStore();
  for (const [n, localKey] of keys.entries()) {
    const { version: _, ...link } = aLink({ localKey, held: [HELD], sfId: `00300000000${1000 + n}AAA` });
    await store.commit([
      { mapping, link, expectedVersion: 0, openConflicts: { put: [anEntry(localKey)], remove: [] } },
    ]);
  }
  return { store, openConflicts: new InMemoryOpenConflicts(store) };
};

test('drops what is held from the list and from the links, and nothing else of them', async () => {
  const { store, openConflicts } = await aStore(['k1', 'k2']);

  await dropOpenConflicts({ syncStore: store, openConflicts }, mappingId);

  expect(store.openConflicts.stored.size).toBe(0);
  const links = [...store.storedLinks.values()];
  expect(links.map(({ held }) => held)).toEqual([undefined, undefined]);
  expect(links).toMatchObject([{ base: aLink().base, version: 2 }, { version: 2 }]);
});

test('drops entries that no link knows of', async () => {
  const { store, openConflicts } = await aStore([]);
  store.openConflicts.apply(mappingId, 'gone', { put: [anEntry('gone')], remove: [] });

  await dropOpenConflicts({ syncStore: store, openConflicts }, mappingId);

  expect(store.openConflicts.stored.size).toBe(0);
});

test('goes on the next time with a link that somebody changed meanwhile', async () => {
  const { store, openConflicts } = await aStore(['k1']);
  const links: InMemorySyncStore['links'] = async (...asked) => {
    const found = await store.links(...asked);
    const link = found.get('k1');
    if (link) store.replaceLink(link, link.version);
    return found;
  };

  await dropOpenConflicts({ syncStore: { links }, openConflicts }, mappingId);
  expect(store.openConflicts.stored.size).toBe(1);

  await dropOpenConflicts({ syncStore: store, openConflicts }, mappingId);
  expect(store.openConflicts.stored.size).toBe(0);
});
