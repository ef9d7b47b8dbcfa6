import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Parking } from '../../../shared/sync/reconcile/parking.ts';
import type { ParkedKeys } from '../../../shared/use-cases/ports/parked-keys.ts';
import { MAX_WAITING_CHILDREN } from '../../../shared/use-cases/ports/waiting-children.ts';

const t = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const ALL = 10_000;

/*
 * The emulator compares with any number of values in one IN, and DynamoDB with 100 at most: that `due` takes no more is
 * a guard of ours, which both stores have.
 */

/** What every ParkedKeys does. It may hold the keys of others. */
export const parkedKeysSuite = (open: () => ParkedKeys): void => {
  const aParking = (change: Partial<Parking> = {}): Parking => ({
    mappingId: `${randomUUID()}.contact`,
    kind: 'local',
    side: 'local',
    key: 'contact-1',
    waitUntil: t(0),
    reason: 'LEASE_HELD',
    ...change,
  });
  const dueOf = async (keys: ParkedKeys, mappingId: string, at: string) =>
    (await keys.due(at, ALL)).filter((key) => key.mappingId === mappingId);
  const namesOf = (parked: readonly { readonly key: string }[]): string[] => parked.map(({ key }) => key);

  test('gives keys back when their time has come, oldest first', async () => {
    const keys = open();
    const { mappingId } = aParking();
    await keys.park(
      [7, 1, 30, 4].map((second) => aParking({ mappingId, key: `k${second}`, waitUntil: t(second) })),
    );

    expect(await dueOf(keys, mappingId, t(0))).toEqual([]);
    expect(namesOf(await dueOf(keys, mappingId, t(7)))).toEqual(['k1', 'k4', 'k7']);
  });

  test('keeps what had called for the look that first parked a side', async () => {
    const keys = open();
    const { mappingId } = aParking();
    await keys.park([
      aParking({ mappingId, cause: { by: 'stream' } }),
      aParking({ mappingId, side: 'remote', cause: { by: 'sweep', runId: 'run-1' } }),
    ]);
    await keys.park([aParking({ mappingId, cause: { by: 'operator' } })]);

    expect(await dueOf(keys, mappingId, t(0))).toMatchObject([
      { local: { cause: { by: 'stream' } }, remote: { cause: { by: 'sweep', runId: 'run-1' } } },
    ]);
  });

  test('keeps since when each cleared field is held, until a look holds it no more', async () => {
    const keys = open();
    const { mappingId } = aParking();
    const title = 'local:address.city' as const;
    await keys.park([aParking({ mappingId, clears: [title, 'salesforce:email'] })]);
    const [first] = await keys.ofMapping(mappingId, 1);
    await keys.park([aParking({ mappingId, side: 'remote', clears: [title] })]);
    await keys.park([aParking({ mappingId, reason: 'CONTENDED' })]);
    const [second] = await keys.ofMapping(mappingId, 1);

    expect(Object.keys(first?.cleared ?? {}).sort()).toEqual([title, 'salesforce:email']);
    expect(second?.cleared).toEqual({ [title]: first?.cleared?.[title] });
  });

  test('gives back no more than was asked for, the oldest first', async () => {
    const keys = open();
    const { mappingId } = aParking();
    const parkings = Array.from({ length: 60 }, (_, index) =>
      aParking({
        mappingId,
        key: `k${index}`,
        waitUntil: `1990-01-01T00:00:${String(index).padStart(2, '0')}.000Z`,
      }),
    );
    await keys.park(parkings);

    expect(namesOf(await keys.due(t(0), 35))).toEqual(namesOf(parkings.slice(0, 35)));
    await keys.release(await keys.ofMapping(mappingId, ALL));
    expect(await dueOf(keys, mappingId, t(0))).toEqual([]);
  });

  test('knows who waits for a parent, each once, and forgets those that it is told to', async () => {
    const keys = open();
    const mappingId = `${randomUUID()}.account`;
    const parent = { mappingId, kind: 'item' as const, key: 'acme' };
    const record = { mappingId, kind: 'record' as const, key: '001000000000001AAA' };
    const awaiting = (one: typeof parent | typeof record, key: string) => ({
      parent: one,
      child: { mappingId: 'c1.contact', key },
    });
    await keys.addWaiting([awaiting(parent, 'a'), awaiting(parent, 'b'), awaiting(record, 'c')]);
    await keys.addWaiting([awaiting(parent, 'b')]);

    const sorted = async (...parents: (typeof parent | typeof record)[]) =>
      (await keys.whoWaitsFor(parents)).map(({ child }) => child.key).sort();
    expect(await sorted(parent)).toEqual(['a', 'b']);
    expect(await sorted(parent, record, { ...parent, key: 'nobody' })).toEqual(['a', 'b', 'c']);
    expect(await keys.whoWaitsFor([record])).toEqual([awaiting(record, 'c')]);
    expect(await keys.whoWaitsFor([])).toEqual([]);

    await keys.addWaiting([awaiting(parent, 'late')]);
    await keys.removeWaiting([awaiting(parent, 'a'), awaiting(parent, 'b'), awaiting(record, 'c')]);
    await keys.removeWaiting([awaiting({ ...parent, key: 'nobody' }, 'a')]);
    expect(await sorted(parent, record)).toEqual(['late']);
  });

  test('remembers no more than a thousand children of one parent, and all of as many parents', async () => {
    const keys = open();
    const mappingId = `${randomUUID()}.account`;
    const parent = { mappingId, kind: 'item' as const, key: 'acme' };
    const of = (key: string, one = parent) => ({ parent: one, child: { mappingId: 'c1.contact', key } });
    await keys.addWaiting(Array.from({ length: MAX_WAITING_CHILDREN }, (_, n) => of(`k${n}`)));
    await keys.addWaiting([of('one too many')]);
    const parents = Array.from({ length: 120 }, (_, n) => ({ ...parent, key: `p${n}` }));
    await keys.addWaiting(parents.map((one) => of('child', one)));

    expect(await keys.whoWaitsFor([parent])).toHaveLength(MAX_WAITING_CHILDREN);
    expect(await keys.whoWaitsFor(parents)).toHaveLength(120);
  });

  test('passes over the mappings that it is told to, however many keys of theirs are older', async () => {
    const keys = open();
    const [greedy, modest] = [aParking(), aParking({ waitUntil: t(5) })];
    const older = Array.from({ length: 40 }, (_, index) => ({ ...greedy, key: `k${index}` }));
    await keys.park([...older, modest]);

    const due = await keys.due(t(9), ALL, [greedy.mappingId, `${randomUUID()}.contact`]);

    expect(due.filter(({ mappingId }) => mappingId === greedy.mappingId)).toEqual([]);
    expect(due.some(({ mappingId }) => mappingId === modest.mappingId)).toBe(true);
  });

  test('takes a hundred mappings to pass over and no more', async () => {
    const keys = open();
    const mappingIds = Array.from({ length: 101 }, () => `${randomUUID()}.contact`);

    await expect(keys.due(t(0), 1, mappingIds.slice(1))).resolves.toBeDefined();
    await expect(keys.due(t(0), 1, mappingIds)).rejects.toThrow('1 to 100');
  });

  describe('parking', () => {
    test('tells the sides apart, says since when each waits, and forgets neither', async () => {
      const keys = open();
      const told = { changedAt: t(3), isDeleted: true as const, made: { at: t(2), without: ['email'] } };
      const local = aParking(told);
      await keys.park([local]);
      await keys.park([{ ...local, side: 'remote', reason: 'INVALID_ATTRIBUTE' }]);

      expect(await keys.ofMapping(local.mappingId, ALL)).toMatchObject([
        {
          key: 'contact-1',
          local: { reason: 'LEASE_HELD', ...told, since: expect.any(String) },
          remote: { reason: 'INVALID_ATTRIBUTE', since: expect.any(String) },
        },
      ]);
    });

    test('keeps the newest time of change and the earliest time to look, whoever comes last', async () => {
      const keys = open();
      const first = aParking({ changedAt: t(9), waitUntil: t(5) });
      await keys.park([
        first,
        { ...first, changedAt: t(4), waitUntil: t(50), reason: 'CONNECTION_NOT_ACTIVE' },
      ]);

      expect(await dueOf(keys, first.mappingId, t(5))).toMatchObject([
        { local: { changedAt: t(9), reason: 'CONNECTION_NOT_ACTIVE' } },
      ]);
    });

    test('without a time is found by its mapping alone, until somebody gives it one', async () => {
      const keys = open();
      const { waitUntil, ...timeless } = aParking({ reason: 'INVALID_ATTRIBUTE' });
      await keys.park([timeless]);

      expect(await dueOf(keys, timeless.mappingId, t(50))).toEqual([]);
      expect(namesOf(await keys.ofMapping(timeless.mappingId, ALL))).toEqual(['contact-1']);
      await keys.park([{ ...timeless, waitUntil: t(50) }]);
      expect(namesOf(await dueOf(keys, timeless.mappingId, t(50)))).toEqual(['contact-1']);
    });

    test('of a look that knew what waited takes the time away, or makes it no shorter', async () => {
      const keys = open();
      const { waitUntil, ...timeless } = aParking();
      await keys.park([{ ...timeless, waitUntil: t(20) }]);
      await keys.park([{ ...timeless, waitUntil: t(5), seen: 1 }]);
      expect(await dueOf(keys, timeless.mappingId, t(19))).toEqual([]);

      await keys.park([{ ...timeless, seen: 2 }]);

      expect(await dueOf(keys, timeless.mappingId, t(50))).toEqual([]);
    });

    test('keeps an item and a record of the same name apart', async () => {
      const keys = open();
      const local = aParking();
      await keys.park([local, { ...local, kind: 'record', side: 'remote' }]);
      const parked = await keys.ofMapping(local.mappingId, ALL);

      await keys.release(parked.filter(({ kind }) => kind === 'local'));

      expect(await keys.ofMapping(local.mappingId, ALL)).toMatchObject([{ kind: 'record' }]);
    });

    test('by several at once loses nothing', async () => {
      const keys = open();
      const one = aParking();
      await Promise.all(
        Array.from({ length: 5 }, (_, index) =>
          keys.park([
            { ...one, ...(index === 2 ? { changedAt: t(7) } : {}), side: index % 2 ? 'remote' : 'local' },
          ]),
        ),
      );

      expect(await keys.ofMapping(one.mappingId, ALL)).toMatchObject([
        { version: 5, local: { changedAt: t(7) }, remote: {} },
      ]);
    });
  });

  test('lets keys wait on, counts how often, and keeps all else of them', async () => {
    const keys = open();
    const first = aParking({ waitUntil: t(1), changedAt: t(0) });
    await keys.park([first]);
    const before = await dueOf(keys, first.mappingId, t(1));
    await keys.postpone(before, t(10));

    expect(await dueOf(keys, first.mappingId, t(9))).toEqual([]);
    const once = await dueOf(keys, first.mappingId, t(10));
    expect(once).toEqual([{ ...before[0], waitUntil: t(10), rounds: 1 }]);

    await keys.postpone(once, t(20));
    expect(await dueOf(keys, first.mappingId, t(20))).toMatchObject([{ rounds: 2 }]);
  });

  test('neither postpones nor releases a key that was parked again or released meanwhile', async () => {
    const keys = open();
    const [first, gone] = [aParking({ waitUntil: t(1) }), aParking({ waitUntil: t(1) })];
    await keys.park([first, gone]);
    const read = (await keys.due(t(1), ALL)).filter(({ mappingId }) =>
      [first.mappingId, gone.mappingId].includes(mappingId),
    );
    await keys.release(read.filter(({ mappingId }) => mappingId === gone.mappingId));
    await keys.park([{ ...first, changedAt: t(4) }]);

    await keys.postpone(read, t(50));
    await keys.release(read);

    expect(await dueOf(keys, first.mappingId, t(5))).toMatchObject([
      { version: 2, local: { changedAt: t(4) } },
    ]);
    expect(await dueOf(keys, gone.mappingId, t(50))).toEqual([]);
  });

  test('releases a key that was only postponed meanwhile', async () => {
    const keys = open();
    const one = aParking({ waitUntil: t(1) });
    await keys.park([one]);
    const read = await dueOf(keys, one.mappingId, t(1));
    await keys.postpone(read, t(50));

    await keys.release(read);

    expect(await keys.ofMapping(one.mappingId, ALL)).toEqual([]);
  });

  test('lists the keys of a mapping, as many as asked for', async () => {
    const keys = open();
    const { mappingId } = aParking();
    const names = Array.from({ length: 40 }, (_, index) => `k${index}`);
    await keys.park(names.map((key) => aParking({ mappingId, key })));

    expect(namesOf(await keys.ofMapping(mappingId, ALL)).sort()).toEqual([...names].sort());
    expect(await keys.ofMapping(mappingId, 25)).toHaveLength(25);
    const paged: string[] = [];
    let page = await keys.page(mappingId);
    for (let pages = 0; pages < 100; pages += 1) {
      paged.push(...namesOf(page.parked));
      if (page.next === undefined) break;
      page = await keys.page(mappingId, page.next);
    }
    expect(page.next).toBeUndefined();
    expect(paged.toSorted()).toEqual([...names].sort());

    const small: string[][] = [];
    for (let after: string | undefined; small.length < 100; ) {
      const { parked, next } = await keys.page(mappingId, after, 3);
      small.push(namesOf(parked));
      after = next;
      if (next === undefined) break;
    }
    expect(Math.max(...small.map(({ length }) => length))).toBe(3);
    expect(small.flat()).toEqual(paged);
  });

  test('refuses what it cannot hold', async () => {
    const keys = open();
    const tooLong = aParking({ key: 'é'.repeat(600) });
    const parked = { ...tooLong, rounds: 0, version: 1 };

    for (const refused of [
      () => keys.park([tooLong]),
      () => keys.park([aParking({ reason: 'x'.repeat(410_000) })]),
      () => keys.postpone([parked], t(1)),
      () => keys.release([parked]),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
    }
  });

  test('says under which names nothing waits, in their order', async () => {
    const keys = open();
    const { mappingId } = aParking();
    const named = (kind: 'local' | 'record', key: string) => ({ mappingId, kind, key, note: key });
    await keys.park([aParking({ mappingId, key: 'k1' }), aParking({ mappingId, key: 'k2', kind: 'record' })]);
    const names = [named('local', 'k2'), named('local', 'k1'), named('record', 'k2'), named('record', 'k1')];

    expect(await keys.notParked(names)).toEqual([names[0], names[3]]);
    expect(await keys.notParked([])).toEqual([]);
    await keys.release(await keys.ofMapping(mappingId, ALL));
    expect(await keys.notParked(names)).toEqual(names);
  });

  test('takes releasing what is not there as done', async () => {
    await expect(open().release([{ ...aParking(), rounds: 0, version: 1 }])).resolves.toBeUndefined();
  });
};
