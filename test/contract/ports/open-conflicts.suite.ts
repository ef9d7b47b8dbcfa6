import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { HeldField, Link } from '../../../shared/sync/model/link.ts';
import {
  InvalidPlace,
  type OpenConflict,
  type OpenConflictQuery,
  type OpenConflicts,
} from '../../../shared/use-cases/ports/open-conflicts.ts';
import type { ParkedKeys } from '../../../shared/use-cases/ports/parked-keys.ts';
import type { Commit, SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';

export interface OpenConflictsHarness {
  readonly conflicts: OpenConflicts;
  /** On the same tables. */
  readonly store: Pick<SyncStore, 'links' | 'look' | 'commit'>;
  readonly parkedKeys: Pick<ParkedKeys, 'park'>;
}

const t = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const SF = '003000000000001AAA';

const aHeld = (change: Partial<HeldField> = {}): HeldField => ({
  field: 'title',
  local: 'ours',
  remote: 'theirs',
  since: t(5),
  version: 1,
  ...change,
});

/** What every OpenConflicts does, with the store that makes and closes them. */
export const openConflictsSuite = (open: () => OpenConflictsHarness): void => {
  const someMapping = () => {
    const connectionId = randomUUID();
    return aMapping({ connectionId, mappingId: `${connectionId}.contact` });
  };
  const anEntry = (mappingId: string, localKey: string, held: HeldField): OpenConflict => ({
    ...held,
    mappingId,
    localKey,
    sfId: SF,
    base: 'CEO',
    remoteChangedAt: t(3),
  });
  const aCommit = (
    mapping: ReturnType<typeof someMapping>,
    localKey: string,
    held: readonly HeldField[],
    change: Partial<Commit> = {},
  ): Commit => ({
    mapping,
    link: {
      mappingId: mapping.mappingId,
      localKey,
      state: 'linked',
      revision: 1,
      base: { title: 'CEO' },
      ...(held.length > 0 && { held }),
    },
    expectedVersion: 0,
    openConflicts: { put: held.map((one) => anEntry(mapping.mappingId, localKey, one)), remove: [] },
    ...change,
  });
  /** Listings come within a second. */
  const listed = async (
    conflicts: OpenConflicts,
    query: Pick<OpenConflictQuery, 'mappingId'> & Partial<OpenConflictQuery>,
    expected: number,
  ) => {
    for (let tries = 0; ; tries += 1) {
      const found: OpenConflict[] = [];
      let after: string | undefined;
      do {
        const page = await conflicts.list({ limit: 10, ...query, ...(after !== undefined && { after }) });
        expect(page.conflicts.length).toBeLessThanOrEqual(query.limit ?? 10);
        found.push(...page.conflicts);
        after = page.next;
      } while (after !== undefined);
      if (found.length === expected || tries === 50) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  const linkOf = async (
    store: OpenConflictsHarness['store'],
    mappingId: string,
    key: string,
  ): Promise<Link> => must((await store.links(mappingId, [key])).get(key), 'the link is there');

  test('has what a commit holds, whole, and the link has it too', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const held = aHeld({
      resolution: { take: 'value', value: null, at: t(6) },
      dropped: { take: 'local', at: t(4) },
    });
    const entry: OpenConflict = {
      ...anEntry(mapping.mappingId, 'k1', held),
      localChangedAt: t(2),
      remoteChangedBy: '005000000000001AAA',
    };
    const commit = aCommit(mapping, 'k1', [held], { openConflicts: { put: [entry], remove: [] } });

    expect(await store.commit([commit])).toEqual(['committed']);

    expect(await conflicts.find(mapping.mappingId, 'k1', 'title')).toEqual(entry);
    expect(await listed(conflicts, { mappingId: mapping.mappingId }, 1)).toEqual([entry]);
    expect(await linkOf(store, mapping.mappingId, 'k1')).toMatchObject({ held: [held], version: 1 });
  });

  test('has nothing of a commit that lost its race', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();

    expect(await store.commit([aCommit(mapping, 'k1', [aHeld()], { expectedVersion: 7 })])).toEqual([
      'lost-race',
    ]);

    expect(await conflicts.find(mapping.mappingId, 'k1', 'title')).toBeUndefined();
  });

  test('loses what a commit closes, and keeps the other fields of the pair', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const both = [aHeld(), aHeld({ field: 'constructor', base: null } as Partial<HeldField>)];
    await store.commit([aCommit(mapping, 'k1', both)]);
    await store.commit([
      aCommit(mapping, 'k1', [aHeld()], {
        expectedVersion: 1,
        openConflicts: { put: [], remove: ['constructor'] },
      }),
    ]);

    expect(await listed(conflicts, { mappingId: mapping.mappingId }, 1)).toMatchObject([{ field: 'title' }]);
  });

  test('lists those of one mapping a page at a time, oldest first, by field and by age', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await store.commit([
      aCommit(mapping, 'k3', [aHeld({ since: t(30) })]),
      aCommit(mapping, 'k1', [aHeld({ since: t(1) }), aHeld({ since: t(2), field: 'name' })]),
      aCommit(mapping, 'k2', [aHeld({ since: t(7) })]),
      aCommit(someMapping(), 'k9', [aHeld()]),
    ]);
    const names = (found: readonly OpenConflict[]) =>
      found.map(({ localKey, field }) => `${localKey} ${field}`);

    const all = ['k1 title', 'k1 name', 'k2 title', 'k3 title'];
    expect(names(await listed(conflicts, { mappingId }, 4))).toEqual(all);
    expect(names(await listed(conflicts, { mappingId, limit: 1 }, 4))).toEqual(all);
    expect(names(await listed(conflicts, { mappingId, field: 'title', limit: 2 }, 3))).toEqual([
      'k1 title',
      'k2 title',
      'k3 title',
    ]);
    expect(names(await listed(conflicts, { mappingId, before: t(7) }, 2))).toEqual(['k1 title', 'k1 name']);
    expect(names(await listed(conflicts, { mappingId, before: t(8), field: 'title' }, 2))).toEqual([
      'k1 title',
      'k2 title',
    ]);
  });

  test('refuses a place that is none', async () => {
    const { conflicts } = open();
    const { mappingId } = someMapping();

    await expect(conflicts.list({ mappingId, limit: 1, after: 'nowhere' })).rejects.toThrow(InvalidPlace);
  });

  test('changes link, list and parked key together', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await store.commit([aCommit(mapping, 'k1', [aHeld()])]);
    const { version, ...link } = await linkOf(store, mappingId, 'k1');
    const held = aHeld({ resolution: { take: 'local', at: t(9) } });

    const isDone = await conflicts.change({
      link: { ...link, held: [held] },
      expectedVersion: version,
      openConflicts: { put: [anEntry(mappingId, 'k1', held)], remove: [] },
      parking: {
        ...{ mappingId, kind: 'local', side: 'local', key: 'k1' },
        ...{ reason: 'CONFLICT_RESOLVED', waitUntil: t(10) },
      },
    });

    expect(isDone).toBe(true);
    expect(await conflicts.find(mappingId, 'k1', 'title')).toMatchObject({ resolution: { take: 'local' } });
    const { found, parked } = await store.look(mappingId, ['k1']);
    expect(found.get('k1')).toMatchObject({ version: 2, held: [held] });
    expect(parked.get('k1')).toMatchObject({ local: { reason: 'CONFLICT_RESOLVED' }, waitUntil: t(10) });
  });

  test('changes nothing of a link that is another one by now', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await store.commit([aCommit(mapping, 'k1', [aHeld()])]);
    const { version: _, ...link } = await linkOf(store, mappingId, 'k1');

    const isDone = await conflicts.change({
      link,
      expectedVersion: 7,
      openConflicts: { put: [], remove: ['title'] },
      parking: { mappingId, kind: 'local', side: 'local', key: 'k1', reason: 'CONFLICT_RESOLVED' },
    });

    expect(isDone).toBe(false);
    expect(await conflicts.find(mappingId, 'k1', 'title')).toBeDefined();
    expect((await store.look(mappingId, ['k1'])).parked.size).toBe(0);
  });

  test('adds to what is parked already', async () => {
    const { conflicts, store, parkedKeys } = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await store.commit([aCommit(mapping, 'k1', [aHeld()])]);
    await parkedKeys.park([{ mappingId, kind: 'local', side: 'remote', key: 'k1', reason: 'LEASE_HELD' }]);
    const { version, ...link } = await linkOf(store, mappingId, 'k1');

    await conflicts.change({
      link,
      expectedVersion: version,
      openConflicts: { put: [], remove: [] },
      parking: { mappingId, kind: 'local', side: 'local', key: 'k1', reason: 'CONFLICT_RESOLVED' },
    });

    expect((await store.look(mappingId, ['k1'])).parked.get('k1')).toMatchObject({
      local: { reason: 'CONFLICT_RESOLVED' },
      remote: { reason: 'LEASE_HELD' },
      version: 2,
    });
  });

  test('discards entries, those that are gone among them', async () => {
    const { conflicts, store } = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await store.commit([aCommit(mapping, 'k1', [aHeld()])]);

    await conflicts.discard([anEntry(mappingId, 'k1', aHeld()), anEntry(mappingId, 'k2', aHeld())]);
    await conflicts.discard([]);

    expect(await conflicts.find(mappingId, 'k1', 'title')).toBeUndefined();
  });
};
