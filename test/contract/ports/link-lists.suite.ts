import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import type { LinkLists } from '../../../shared/use-cases/ports/link-lists.ts';
import type { SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';

export interface LinkListsHarness {
  /** Pages of three links. */
  readonly lists: LinkLists;
  readonly store: SyncStore;
}

const sfIdOf = (index: number): string => `003${String(index).padStart(12, '0')}AAA`;

/** What every LinkLists does. */
export const linkListsSuite = (open: () => LinkListsHarness): void => {
  const someMapping = () => aMapping({ mappingId: `${randomUUID()}.contact` });

  const withLinks = async (states: readonly Link['state'][]) => {
    const harness = open();
    const mapping = someMapping();
    const { mappingId } = mapping;
    await harness.store.commit(
      states.map((state, index) => ({
        mapping,
        link: {
          mappingId,
          localKey: `key-${index}`,
          sfId: sfIdOf(index),
          state,
          revision: 1,
          base: { email: 'a@b.c' },
        },
        expectedVersion: 0,
      })),
    );
    return { ...harness, mappingId };
  };

  const all = async ({ lists }: LinkListsHarness, mappingId: string): Promise<readonly Link[]> => {
    const found: Link[] = [];
    let page = await lists.page(mappingId);
    for (let pages = 0; pages < 100; pages += 1) {
      found.push(...page.links);
      if (page.next === undefined) return found;
      page = await lists.page(mappingId, page.next);
    }
    throw new Error('the pages do not end');
  };

  describe('the links of a mapping', () => {
    test('come page by page, each once, tombstones too, and no other mapping’s', async () => {
      const states = [
        'linked',
        'local-deleted',
        'both-deleted',
        'linked',
        'remote-deleted',
        'linked',
      ] as const;
      const mine = await withLinks([...states, ...states, ...states, ...states]);
      await withLinks(['linked']);

      const found = await all(mine, mine.mappingId);

      expect(found.map(({ localKey }) => localKey).sort()).toEqual(
        Array.from({ length: 24 }, (_, index) => `key-${index}`).sort(),
      );
      expect(found[0]).toMatchObject({ base: { email: 'a@b.c' }, version: 1 });
    });

    test('are none where there are none, and a place that never was begins anew', async () => {
      expect(await all(open(), `${randomUUID()}.contact`)).toEqual([]);
      const mine = await withLinks(['linked']);
      expect((await mine.lists.page(mine.mappingId, 'nonsense')).links.length).toBeLessThanOrEqual(1);
    });

    test('are counted where they live, and no further than was asked', async () => {
      const { lists, mappingId } = await withLinks([
        'linked',
        'both-deleted',
        'linked',
        'creating',
        'linked',
      ]);
      expect(await lists.countLiving(mappingId, 100)).toBe(3);
      expect(await lists.countLiving(mappingId, 2)).toBe(2);
    });

    test('are forgotten one by one, as they were read', async () => {
      const { lists, store, mappingId } = await withLinks(['both-deleted', 'linked']);
      const link = must((await store.links(mappingId, ['key-0'])).get('key-0'), 'a link');

      expect(await lists.forget({ ...link, version: 7 })).toBe(false);
      expect(await lists.forget(link)).toBe(true);
      expect(await lists.forget(link)).toBe(false);

      expect([...(await store.links(mappingId, ['key-0', 'key-1'])).keys()]).toEqual(['key-1']);
      const pointed = await store.localKeysOf(mappingId, [sfIdOf(0), sfIdOf(1)]);
      expect([...pointed.values()]).toEqual(['key-1']);
    });

    test('that were forgotten can be made again, and are found by their record', async () => {
      const { lists, store, mappingId } = await withLinks(['linked']);
      const mapping = aMapping({ mappingId });
      await lists.forget(must((await store.links(mappingId, ['key-0'])).get('key-0'), 'a link'));
      const link = { mappingId, localKey: 'key-0', revision: 1, base: {} };

      await store.commit([{ mapping, link: { ...link, state: 'creating' }, expectedVersion: 0 }]);
      const linked = { ...link, state: 'linked' as const, sfId: sfIdOf(0) };
      await store.commit([{ mapping, link: linked, expectedVersion: 1 }]);

      expect(await store.localKeysOf(mappingId, [sfIdOf(0)])).toEqual(new Map([[sfIdOf(0), 'key-0']]));
    });
  });
};
