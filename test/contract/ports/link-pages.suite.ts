import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../shared/sync/model/mapping.ts';
import type { LinkPages, Pointer } from '../../../shared/use-cases/ports/link-pages.ts';
import type { SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';

/** Pages so small that a few links have several, with the store whose links they are. */
export interface LinkPagesHarness {
  readonly pages: LinkPages;
  readonly store: SyncStore;
  /** Loses a pointer, or makes a false one, as a damaged table would. */
  readonly losePointer: (mappingId: string, sfId: string) => Promise<void>;
  readonly putPointer: (mappingId: string, pointer: Pointer) => Promise<void>;
}

const someMapping = (): Mapping => aMapping({ mappingId: `${randomUUID()}.contact` });
const sfIdOf = (n: number): string => `003${String(n).padStart(12, '0')}AAA`;

/** What every LinkPages does. */
export const linkPagesSuite = (open: () => LinkPagesHarness): void => {
  const linkAll = async ({ store }: LinkPagesHarness, mapping: Mapping, numbers: readonly number[]) => {
    const outcomes = await store.commit(
      numbers.map((n) => ({
        mapping,
        link: {
          mappingId: mapping.mappingId,
          localKey: `key-${n}`,
          sfId: sfIdOf(n),
          state: 'linked',
          revision: 1,
          base: { firstName: `N${n}` },
        },
        expectedVersion: 0,
      })),
    );
    expect(new Set(outcomes)).toEqual(new Set(['committed']));
  };
  const pointersOf = async (
    { pages }: LinkPagesHarness,
    { mappingId }: Mapping,
    range: { readonly after?: string; readonly upTo?: string },
  ) => {
    const found: Pointer[] = [];
    let { after } = range;
    let requests = 0;
    for (;;) {
      requests += 1;
      const page = await pages.pointers(mappingId, { ...range, ...(after !== undefined && { after }) });
      found.push(...page.pointers);
      if (page.end === undefined) return { found, requests };
      expect(page.pointers.every(({ sfId }) => sfId <= must(page.end, 'an end'))).toBe(true);
      after = page.end;
    }
  };
  const linksOf = async ({ pages }: LinkPagesHarness, { mappingId }: Mapping) => {
    const found: Link[] = [];
    for (let bucket = 0; bucket < pages.buckets; bucket += 1) {
      let after: string | undefined;
      do {
        const page = await pages.links(mappingId, bucket, after);
        expect(page.unreadable).toEqual([]);
        const keys = page.links.map(({ localKey }) => localKey);
        expect(keys).toEqual(keys.toSorted());
        found.push(...page.links);
        after = page.next;
      } while (after !== undefined);
    }
    return found;
  };
  const numbers = Array.from({ length: 40 }, (_, n) => n + 1);
  const fortyLinks = async () => {
    const harness = open();
    const mapping = someMapping();
    await linkAll(harness, mapping, numbers);
    await linkAll(harness, someMapping(), [1]);
    return { harness, mapping };
  };

  describe('pages of pointers', () => {
    test('bring all of a mapping once, in the order of the ids', async () => {
      const { harness, mapping } = await fortyLinks();

      const { found, requests } = await pointersOf(harness, mapping, {});

      expect(found).toEqual(numbers.map((n) => ({ sfId: sfIdOf(n), localKey: `key-${n}` })));
      expect(requests).toBeGreaterThan(1);
    });

    test('keep to their range, whose end is in it and whose beginning is not', async () => {
      const { harness, mapping } = await fortyLinks();

      const { found } = await pointersOf(harness, mapping, { after: sfIdOf(7), upTo: sfIdOf(31) });

      expect(found.map(({ sfId }) => sfId)).toEqual(numbers.slice(7, 31).map(sfIdOf));
      expect((await pointersOf(harness, mapping, { after: sfIdOf(40) })).found).toEqual([]);
    });

    test('of a mapping without links are empty', async () => {
      expect((await pointersOf(open(), someMapping(), {})).found).toEqual([]);
    });
  });

  test('pages of links bring all of a mapping once, bucket by bucket', async () => {
    const { harness, mapping } = await fortyLinks();

    const found = await linksOf(harness, mapping);

    expect(found.map(({ localKey }) => localKey).sort()).toEqual(numbers.map((n) => `key-${n}`).sort());
    expect(found.find(({ localKey }) => localKey === 'key-9')).toEqual({
      mappingId: mapping.mappingId,
      localKey: 'key-9',
      sfId: sfIdOf(9),
      state: 'linked',
      revision: 1,
      base: { firstName: 'N9' },
      version: 1,
    });
  });

  describe('mending pointers', () => {
    const aLinkWithout = async () => {
      const { harness, mapping } = await fortyLinks();
      await harness.losePointer(mapping.mappingId, sfIdOf(5));
      const link = { mappingId: mapping.mappingId, localKey: 'key-5', version: 1 };
      const leadsTo = async (n: number) =>
        (await harness.store.localKeysOf(mapping.mappingId, [sfIdOf(n)])).get(sfIdOf(n));
      return { harness, mapping, link, leadsTo };
    };

    test('restores one that a link lacks, once and again', async () => {
      const { harness, link, leadsTo } = await aLinkWithout();
      expect(await leadsTo(5)).toBeUndefined();

      expect(await harness.pages.restorePointer(link, sfIdOf(5))).toBe(true);
      expect(await harness.pages.restorePointer(link, sfIdOf(5))).toBe(true);

      expect(await leadsTo(5)).toBe('key-5');
    });

    test('restores none of a link that has moved, of another id, or that leads elsewhere', async () => {
      const { harness, mapping, link, leadsTo } = await aLinkWithout();

      expect(await harness.pages.restorePointer({ ...link, version: 2 }, sfIdOf(5))).toBe(false);
      expect(await harness.pages.restorePointer(link, sfIdOf(99))).toBe(false);
      expect(await harness.pages.restorePointer({ ...link, localKey: 'none' }, sfIdOf(5))).toBe(false);
      await harness.putPointer(mapping.mappingId, { sfId: sfIdOf(5), localKey: 'key-6' });
      expect(await harness.pages.restorePointer(link, sfIdOf(5))).toBe(false);

      expect(await leadsTo(5)).toBe('key-6');
    });

    test('drops one that leads to no link, and no other', async () => {
      const { harness, mapping, leadsTo } = await aLinkWithout();
      const { mappingId } = mapping;
      const astray = { sfId: sfIdOf(77), localKey: 'nobody' };
      await harness.putPointer(mappingId, astray);

      expect(await harness.pages.dropPointer(mappingId, { ...astray, localKey: 'other' })).toBe(false);
      expect(await harness.pages.dropPointer(mappingId, { sfId: sfIdOf(6), localKey: 'key-6' })).toBe(false);
      expect(await harness.pages.dropPointer(mappingId, astray)).toBe(true);
      expect(await harness.pages.dropPointer(mappingId, astray)).toBe(false);

      expect([await leadsTo(77), await leadsTo(6)]).toEqual([undefined, 'key-6']);
    });
  });
};
