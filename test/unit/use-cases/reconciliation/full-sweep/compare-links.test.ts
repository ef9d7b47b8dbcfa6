import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { LocalItem } from '../../../../../shared/sync/model/record.ts';
import type { SweepPlace } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import type { Comparing } from '../../../../../shared/use-cases/reconciliation/full-sweep/compare.ts';
import { compareLinks } from '../../../../../shared/use-cases/reconciliation/full-sweep/compare-links.ts';
import { aLink, aLocalItem, aMapping, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';

const BUCKETS = 3;
/** Long after the links of the builders were touched. */
const SINCE = '2024-01-02T00:00:00.000Z';
const earlier = (ms: number) => new Date(Date.parse(SINCE) - ms).toISOString();
const { sfId: _, ...unborn } = aLink({ state: 'creating', base: {}, pending: {} });

interface Page {
  readonly links: readonly Link[];
  readonly unreadable?: readonly string[];
  readonly next?: string;
}

/** Compares a page of links with these items, each of which its record leads to unless it is left out. */
async function compared(
  { links, unreadable = [], next }: Page,
  items: readonly LocalItem[],
  {
    invalid = [],
    lost = [],
    at = { phase: 'links' },
  }: { invalid?: string[]; lost?: string[]; at?: SweepPlace } = {},
) {
  const pointers = links.flatMap(({ sfId, localKey }) =>
    sfId === undefined || lost.includes(sfId) ? [] : [[sfId, localKey] as const],
  );
  const restored: string[] = [];
  const asked: unknown[] = [];
  const ports = {
    clock: { nowMs: () => Date.parse(SINCE) },
    linkPages: {
      buckets: BUCKETS,
      links: async (...wanted: unknown[]) => {
        asked.push(wanted);
        return { links, unreadable, ...(next !== undefined && { next }) };
      },
      restorePointer: async (_link: Link, sfId: string) => {
        restored.push(sfId);
        return true;
      },
    },
    syncStore: {
      items: async () => ({
        items: new Map(items.map((item) => [item.localKey, item])),
        invalid: new Map(invalid.map((key) => [key, 'email'])),
      }),
      localKeysOf: async () => new Map(pointers),
    },
  };
  const comparing = { ports, open: { mapping: aMapping() }, since: SINCE, isOfFormulas: false };
  const found = await compareLinks(comparing as unknown as Comparing, at);
  return { ...found, restored, asked };
}

const one = async (link: Link, item: LocalItem | 'missing', invalid: string[] = []) => {
  const { found } = await compared({ links: [link] }, item === 'missing' ? [] : [item], { invalid });
  return { findings: found.findings, unproven: found.unproven, counts: found.counts };
};
const OPEN = { localKey: LOCAL_KEY, sfId: SF_ID };

describe('a link of a full sweep', () => {
  test('whose item is as both sides agreed is counted, and nothing is left to prove', async () => {
    expect(await one(aLink(), aLocalItem())).toEqual({ findings: [], unproven: [], counts: { links: 1 } });
  });

  test.each<[string, Partial<Link>]>([
    ['the record was read', { sfReadAt: earlier(5 * 60_000 - 1) }],
    ['the item was changed', { localChangedAt: earlier(5 * 60_000 - 1) }],
    ['it was changed, by a clock that is ahead,', { localChangedAt: SINCE }],
  ])('is open where %s after the sweep had begun, or just before', async (_what, change) => {
    const { findings, unproven } = await one(aLink(change), aLocalItem());
    expect({ findings, unproven }).toEqual({ findings: [], unproven: [OPEN] });
  });

  test.each<[string, Partial<Link>]>([
    ['more than five minutes before', { sfReadAt: earlier(5 * 60_000) }],
    ['never', { sfReadAt: undefined as never }],
  ])('is proven by the records’ turn where it was touched %s', async (_when, change) => {
    expect((await one(aLink(change), aLocalItem())).unproven).toEqual([]);
  });

  test('without an id is open under its key alone', async () => {
    const { unproven } = await one(unborn, aLocalItem());
    expect(unproven).not.toEqual([]);
    for (const open of unproven) expect(open).toStrictEqual({ localKey: LOCAL_KEY });
  });

  test('that is a tombstone is counted as one, and is open only where the item is there', async () => {
    const gone = aLink({ state: 'remote-deleted' });
    expect(await one(gone, 'missing')).toEqual({
      findings: [],
      unproven: [],
      counts: { links: 1, tombstones: 1 },
    });
    expect(await one(gone, aLocalItem())).toEqual({
      findings: [],
      unproven: [OPEN],
      counts: { links: 1, tombstones: 1 },
    });
  });

  test.each<[string, Partial<Link>]>([
    ['was deleted', { state: 'local-deleted', localChangedAt: SINCE }],
    ['was found deleted', { state: 'remote-deleted', sfReadAt: SINCE }],
    ['was deleted with its record', { state: 'both-deleted', sfReadAt: SINCE }],
  ])('that %s after the sweep had begun is looked at once more', async (_how, change) => {
    expect((await one(aLink(change), 'missing')).unproven).toEqual([OPEN]);
  });

  test('whose item cannot be used is looked at', async () => {
    const { findings } = await one(aLink(), 'missing', [LOCAL_KEY]);
    expect(findings).toEqual([{ kind: 'missed-locally', ...OPEN, linkVersion: 1 }]);
  });

  test('of which a write was announced is found with its record, and is open until then', async () => {
    const pending = aLink({ pending: { email: 'x' } });
    expect(await one(pending, aLocalItem())).toEqual({
      findings: [],
      unproven: [OPEN],
      counts: { links: 1 },
    });
  });

  test('of which a creation or a deletion was announced is found here', async () => {
    expect((await one(unborn, aLocalItem())).findings).toMatchObject([{ kind: 'unfinished' }]);
    const deleting = aLink({ state: 'deleting' });
    expect((await one(deleting, 'missing')).findings).toMatchObject([{ kind: 'unfinished' }]);
  });

  test('that another worker is writing is left alone, and open', async () => {
    const lease = { owner: 'another', until: Date.parse(SINCE) + 1 };
    const { findings, unproven } = await one(aLink({ lease }), aLocalItem({ values: { email: 'new' } }));
    expect({ findings, unproven }).toEqual({ findings: [], unproven: [OPEN] });
  });

  test('that is damaged is listed by its key', async () => {
    const { found } = await compared({ links: [], unreadable: ['bad'] }, []);
    expect(found.findings).toEqual([{ kind: 'unreadable', localKey: 'bad', linkVersion: 0 }]);
  });
});

test('the way from a record to its link is made where it lacks, and nowhere else', async () => {
  const bob = aLink({ localKey: 'bob', sfId: '003000000000002AAA' });
  const items = [aLocalItem(), aLocalItem({ localKey: 'bob' })];
  const { restored, found } = await compared({ links: [aLink(), bob, unborn] }, items, { lost: [SF_ID] });
  expect(restored).toEqual([SF_ID]);
  expect(found.findings).toContainEqual({ kind: 'pointer-missing', ...OPEN, linkVersion: 1 });
});

describe('the links are gone through', () => {
  test.each<[string, SweepPlace, Page, SweepPlace]>([
    [
      'page by page',
      { phase: 'links', bucket: 1 },
      { links: [], next: 'k' },
      { phase: 'links', bucket: 1, after: 'k' },
    ],
    ['bucket by bucket', { phase: 'links' }, { links: [] }, { phase: 'links', bucket: 1 }],
    ['up to the last', { phase: 'links', bucket: 1 }, { links: [] }, { phase: 'links', bucket: 2 }],
    ['and then come the items', { phase: 'links', bucket: 2 }, { links: [] }, { phase: 'items' }],
  ])('%s', async (_how, at, page, next) => {
    const done = await compared(page, [], { at });
    expect(done.next).toEqual(next);
    expect(done.asked).toEqual([['conn1.contact', at.bucket ?? 0, undefined]]);
  });

  test('from where the last step ended', async () => {
    const { asked } = await compared({ links: [] }, [], { at: { phase: 'links', bucket: 2, after: 'k' } });
    expect(asked).toEqual([['conn1.contact', 2, 'k']]);
  });
});
