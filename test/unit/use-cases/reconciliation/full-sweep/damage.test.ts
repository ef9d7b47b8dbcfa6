import { describe, expect, test } from '@jest/globals';
import { UnreadableItem } from '../../../../../shared/aws/errors.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import type { RecordSelection } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { InMemoryLinkPages } from '../../../../in-memory/link-pages.ts';
import { MAPPING_ID } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

type SweptStack = Awaited<ReturnType<typeof aSweptStack>>;

/** So many records with items, beside Ann; their ids and keys in order. */
async function aStackOf(records: number, options: Parameters<typeof aSweptStack>[0] = {}) {
  const stack = await aSweptStack(options);
  const sfIds = Array.from({ length: records }, (_, n) =>
    stack.org.insert({ LastName: `R${n}`, Title: 'CEO' }),
  );
  await stack.hints.send([stack.remoteHint(...sfIds)]);
  await stack.work();
  stack.stream.length = 0;
  stack.clock.advance(30 * 60_000);
  return { ...stack, sfIds, keys: sfIds.map((sfId) => `sf-c1-${sfId}`) };
}

/** The rows of these records come with a title that is no text. Hears of each selection. */
function badRows(stack: SweptStack, sfIds: readonly string[], heard: RecordSelection[] = []): void {
  for (const call of ['select', 'nextPage'] as const) {
    const original = stack.org[call];
    const spoil = async (asked: never) => {
      if (call === 'select') heard.push(asked);
      const page = await Reflect.apply(original, stack.org, [asked]);
      const records = page.records.map((row: { readonly Id?: unknown }) =>
        sfIds.includes(String(row.Id)) ? { ...row, Title: 5 } : row,
      );
      return { ...page, records };
    };
    Object.assign(stack.org, { [call]: spoil });
  }
}

/** The store, as it is where somebody damaged what it has under one of these keys or ids. */
function damaged(stack: SweptStack, names: readonly string[]) {
  const of = (method: 'links' | 'localKeysOf') => async (mappingId: string, asked: readonly string[]) => {
    if (asked.some((one) => names.includes(one))) throw new UnreadableItem('links', 'base');
    return stack.syncStore[method](mappingId, asked);
  };
  const { syncStore } = stack;
  const others = {
    items: syncStore.items.bind(syncStore),
    localKeysPage: syncStore.localKeysPage.bind(syncStore),
  };
  return { ...others, links: of('links'), localKeysOf: of('localKeysOf') } as typeof syncStore;
}

/** A full sweep, whose hints get lost: what it finds is as it found it. */
async function sweepAlone(stack: SweptStack, change: Parameters<typeof stack.work>[0] = {}) {
  await stack.ask();
  const { hints } = stack;
  const send: typeof hints.send = (some) => hints.send(some.filter(({ kind }) => kind === 'full-sweep'));
  const work = () => stack.work({ ...change, hints: Object.assign(Object.create(hints), { send }) });
  await work();
  // Nobody has mended what it found, so that it looks a last time after a minute.
  if ((await stack.fullSweeps.get(MAPPING_ID))?.place.phase === 'open') {
    stack.clock.advance(60_000);
    await stack.ask();
    await work();
  }
  const { outcome, counts, calls } = must(await stack.fullSweeps.get(MAPPING_ID), 'a full sweep');
  expect(outcome).toBe('done');
  const kept = [...(stack.fullSweeps.found.get(JSON.stringify([MAPPING_ID, 'full-1'])) ?? [])];
  return { counts, calls, findings: kept.map(([, finding]) => finding) };
}

describe('a full sweep that meets what cannot be read', () => {
  test.each([
    ['in one page', 50, 200],
    ['in small pages', 2, 1],
    ['in small pages of records alone', 2, 200],
  ])(
    'lists each row of a pair, takes the others for what they are, and goes on: %s',
    async (_how, pageRows, links) => {
      const stack = await aStackOf(5, { pageRows });
      const [first, second, third, , last] = stack.sfIds as [string, string, string, string, string];
      const unlinked = stack.org.insert({ LastName: 'Unlinked' });
      badRows(stack, [first, third, last, unlinked]);
      stack.org.recompute(second, 'A');

      const linkPages = new InMemoryLinkPages(stack.syncStore, links);
      const { counts, findings } = await sweepAlone(stack, { linkPages });

      expect(counts).toEqual({
        records: 7,
        links: 6,
        items: 6,
        unreadable: 3,
        'unlinked-record': 1,
        'moved-without-stamp': 1,
      });
      const version = stack.link(stack.keys[0] ?? '')?.version;
      expect(findings.filter(({ kind }) => kind === 'unreadable')).toEqual(
        [0, 2, 4].map((n) => ({
          kind: 'unreadable',
          sfId: stack.sfIds[n],
          localKey: stack.keys[n],
          linkVersion: version,
        })),
      );
    },
  );

  test('lists a linked record that the filter leaves out, whose row cannot be read', async () => {
    const stack = await aStackOf(1, { config: withFormula({ filter: "Title = 'CEO'" }) });
    const [sfId = ''] = stack.sfIds;
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.edit(sfId, { Title: 'CTO' }));
    badRows(stack, [sfId]);

    const { counts, findings } = await sweepAlone(stack);

    expect(counts).toEqual({ records: 1, links: 2, items: 2, unreadable: 1 });
    expect(findings).toMatchObject([{ kind: 'unreadable', sfId, localKey: stack.keys[0] }]);
  });

  test('lists damaged links by their keys, takes nothing for unlinked or lost because of them, and mends nothing', async () => {
    const stack = await aStackOf(3);
    const [key = '', other = ''] = stack.keys;
    const linkPages = Object.assign(new InMemoryLinkPages(stack.syncStore), {
      links: async (...asked: Parameters<InMemoryLinkPages['links']>) => {
        const page = await new InMemoryLinkPages(stack.syncStore).links(...asked);
        const isBad = ({ localKey }: { localKey: string }) => localKey === key || localKey === other;
        const unreadable = page.links.filter(isBad).map(({ localKey }) => localKey);
        return { ...page, links: page.links.filter((link) => !isBad(link)), unreadable };
      },
    });
    const pointers = new Map(stack.syncStore.pointers);

    const { counts, findings } = await sweepAlone(stack, {
      linkPages,
      syncStore: damaged(stack, [key, other]),
    });

    // By their records, and by themselves.
    expect(counts).toEqual({ records: 4, links: 2, items: 4, unreadable: 4 });
    const about = { kind: 'unreadable', linkVersion: 0 };
    expect(findings).toEqual([
      { ...about, localKey: key },
      { ...about, localKey: other },
    ]);
    expect(stack.syncStore.pointers).toEqual(pointers);
  });

  test('leaves alone a record whose pointer is damaged, as it is no record without a link', async () => {
    const stack = await aStackOf(1);
    const [sfId = ''] = stack.sfIds;
    const pages = new InMemoryLinkPages(stack.syncStore);
    const linkPages = Object.assign(new InMemoryLinkPages(stack.syncStore), {
      restorePointer: () => Promise.reject(new Error('a damaged pointer is not lost')),
      pointers: async (...asked: Parameters<InMemoryLinkPages['pointers']>) => {
        const page = await pages.pointers(...asked);
        return { ...page, pointers: page.pointers.filter((one) => one.sfId !== sfId) };
      },
    });

    expect(await sweepAlone(stack, { linkPages, syncStore: damaged(stack, [sfId]) })).toMatchObject({
      counts: { records: 2, links: 2, items: 2 },
      findings: [],
    });
  });

  test('has an item looked at that cannot be used, whether or not it has a link', async () => {
    const stack = await aStackOf(1);
    const [key = ''] = stack.keys;
    stack.putItem(key, { title: ['a', 'list'] });
    stack.putItem('alone', { title: ['a', 'list'] });
    stack.putItem('x'.repeat(256), { title: 'too long a key for Salesforce' });
    stack.stream.length = 0;

    expect(await sweepAlone(stack)).toEqual({
      counts: { records: 2, links: 2, items: 4, 'missed-locally': 1, 'unlinked-item': 1 },
      // One for the records, and one for each of two looks at what is not in step.
      calls: 3,
      findings: [
        {
          kind: 'missed-locally',
          localKey: key,
          sfId: stack.sfIds[0],
          linkVersion: stack.link(key)?.version,
        },
        { kind: 'unlinked-item', localKey: 'alone', linkVersion: 0 },
      ],
    });
  });
});

describe('a full sweep of pairs that are no pairs any more, or none yet', () => {
  test('counts tombstones of either side, and has an announced creation looked at by its key', async () => {
    const stack = await aStackOf(3);
    const [gone = '', purged = '', both = ''] = stack.keys;
    const set = (key: string, change: object) =>
      stack.syncStore.storedLinks.set(`${MAPPING_ID}#${key}`, {
        ...must(stack.link(key), 'a link'),
        ...change,
      });
    set(gone, { state: 'local-deleted' });
    stack.deleteItem(gone);
    set(purged, { state: 'remote-deleted' });
    stack.org.hide(stack.sfIds[1] ?? '', true);
    set(both, { state: 'both-deleted' });
    stack.deleteItem(both);
    stack.org.hide(stack.sfIds[2] ?? '', true);
    const { sfId: _, ...unborn } = must(stack.link(stack.key), 'a link');
    stack.syncStore.storedLinks.set(`${MAPPING_ID}#new`, {
      ...unborn,
      localKey: 'new',
      state: 'creating',
      version: 7,
    });
    stack.putItem('new', { lastName: 'New' });
    stack.stream.length = 0;
    const sent = stack.hints.sent.length;

    expect(await stack.fullSweep()).toMatchObject({
      counts: { records: 2, links: 5, items: 3, tombstones: 3, unfinished: 1 },
      outcome: 'done',
    });

    expect(stack.hints.sent.slice(sent).filter(({ kind }) => kind !== 'full-sweep')).toEqual([
      {
        kind: 'local-keys',
        mappingId: MAPPING_ID,
        keys: [{ key: 'new' }],
        cause: { by: 'full-sweep', runId: 'full-1' },
      },
    ]);
    expect(await stack.found()).toEqual([{ kind: 'unfinished', localKey: 'new', isSettled: true }]);
    expect(stack.org.withKey('new')).toBeDefined();
  });

  test('mends a pointer once, and says of which pair', async () => {
    const stack = await aStackOf(2);
    const [sfId = ''] = stack.sfIds;
    stack.syncStore.pointers.delete(`${MAPPING_ID}#${sfId}`);

    const { counts, findings } = await sweepAlone(stack);

    expect(counts).toEqual({ records: 3, links: 3, items: 3, 'pointer-missing': 1 });
    const { version: linkVersion } = must(stack.link(stack.keys[0] ?? ''), 'a link');
    expect(findings).toEqual([{ kind: 'pointer-missing', localKey: stack.keys[0], sfId, linkVersion }]);
  });

  test('takes a record whose link was made by its key for linked, though its pointer is lost', async () => {
    const stack = await aSweptStack();
    stack.putItem('bob', { lastName: 'Bob' });
    await stack.deliverStream();
    await stack.work();
    const sfId = must(stack.org.withKey('bob'), 'a record').Id;
    stack.syncStore.pointers.delete(`${MAPPING_ID}#${sfId}`);

    const { counts } = await sweepAlone(stack);

    expect(counts).toEqual({ records: 2, links: 2, items: 2, 'pointer-missing': 1 });
  });

  test('leaves a link alone whose record another pointer leads to, and a record that is linked meanwhile', async () => {
    const stack = await aStackOf(1);
    const [sfId = ''] = stack.sfIds;
    const left = stack.org.insert({ LastName: 'Left behind' });
    stack.syncStore.pointers.set(`${MAPPING_ID}#${left}`, stack.keys[0] ?? '');
    stack.org.hide(left, true);
    const pages = new InMemoryLinkPages(stack.syncStore);
    const linkPages = Object.assign(new InMemoryLinkPages(stack.syncStore), {
      pointers: async (...asked: Parameters<InMemoryLinkPages['pointers']>) => {
        const page = await pages.pointers(...asked);
        return { ...page, pointers: page.pointers.filter((one) => one.sfId !== sfId) };
      },
    });

    expect((await sweepAlone(stack, { linkPages })).counts).toEqual({ records: 2, links: 2, items: 2 });
  });
});

test('a full sweep asks by the filter and by what tells of changes of the object, and reads a lost stream no further', async () => {
  const stack = await aStackOf(3, { pageRows: 2, config: withFormula({ filter: "Title = 'CEO'" }) });
  const heard: RecordSelection[] = [];
  badRows(stack, [], heard);

  const { calls } = await sweepAlone(stack, { remainingMs: () => 120_000 });

  expect(calls).toBe(2);
  expect(heard).toEqual([
    {
      sObject: 'Contact',
      fields: expect.arrayContaining(['Title']),
      where: { kind: 'by-id' },
      filter: "Title = 'CEO'",
    },
  ]);
});
