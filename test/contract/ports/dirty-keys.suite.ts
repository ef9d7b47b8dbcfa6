import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { DirtyKeys, ParkedKey } from '../../../shared/use-cases/ports/hint-queue.ts';

const t = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const ALL = 10_000;

/*
 * The emulator compares with any number of values in one IN, and DynamoDB with 100 at most: that `due` takes no more is
 * a guard of ours, which both stores have.
 */

/** What every DirtyKeys does. It may hold the keys of others. */
export const dirtyKeysSuite = (open: () => DirtyKeys): void => {
  const aKey = (change: Partial<ParkedKey> = {}): ParkedKey => ({
    mappingId: `${randomUUID()}.contact`,
    side: 'local',
    key: 'contact-1',
    waitUntil: t(0),
    reason: 'allowance-used-up',
    ...change,
  });
  const dueOf = async (keys: DirtyKeys, mappingId: string, at: string) =>
    (await keys.due(at, ALL)).filter((key) => key.mappingId === mappingId);

  test('gives keys back when their time has come, oldest first', async () => {
    const keys = open();
    const { mappingId } = aKey();
    const parked = [7, 1, 30, 4].map((second) =>
      aKey({ mappingId, key: `k${second}`, waitUntil: t(second) }),
    );
    await keys.park(parked);

    expect(await dueOf(keys, mappingId, t(0))).toEqual([]);
    expect(await dueOf(keys, mappingId, t(7))).toEqual([parked[1], parked[3], parked[0]]);
  });

  test('gives back no more than was asked for, the oldest first', async () => {
    const keys = open();
    const { mappingId } = aKey();
    const parked = Array.from({ length: 60 }, (_, index) =>
      aKey({
        mappingId,
        key: `k${index}`,
        waitUntil: `1990-01-01T00:00:${String(index).padStart(2, '0')}.000Z`,
      }),
    );
    await keys.park(parked);

    expect(await keys.due(t(0), 35)).toEqual(parked.slice(0, 35));
    await keys.release(parked);
    expect(await dueOf(keys, mappingId, t(0))).toEqual([]);
  });

  test('passes over the mappings that it is told to, however many keys of theirs are older', async () => {
    const keys = open();
    const [greedy, modest] = [aKey(), aKey({ waitUntil: t(5) })];
    const older = Array.from({ length: 40 }, (_, index) => ({ ...greedy, key: `k${index}` }));
    await keys.park([...older, modest]);

    const due = await keys.due(t(9), ALL, [greedy.mappingId, `${randomUUID()}.contact`]);

    expect(due.filter(({ mappingId }) => mappingId === greedy.mappingId)).toEqual([]);
    expect(due).toContainEqual(modest);
  });

  test('lets keys wait on, counts how often, and keeps all else of them', async () => {
    const keys = open();
    const first = aKey({ waitUntil: t(1), changedAt: t(0) });
    await keys.park([first]);
    await keys.postpone([first], t(10));

    expect(await dueOf(keys, first.mappingId, t(9))).toEqual([]);
    const once = { ...first, waitUntil: t(10), postponed: 1 };
    expect(await dueOf(keys, first.mappingId, t(10))).toEqual([once]);

    await keys.postpone([once], t(20));
    expect(await dueOf(keys, first.mappingId, t(20))).toMatchObject([{ postponed: 2 }]);
  });

  test('does not postpone a key that was parked anew or released meanwhile', async () => {
    const keys = open();
    const [first, gone] = [aKey({ waitUntil: t(1) }), aKey({ waitUntil: t(1) })];
    const anew = { ...first, waitUntil: t(5), changedAt: t(4) };
    await keys.park([anew]);

    await keys.postpone([first, gone], t(50));

    expect(await dueOf(keys, first.mappingId, t(5))).toEqual([anew]);
    expect(await dueOf(keys, gone.mappingId, t(50))).toEqual([]);
  });

  test('keeps one entry for a key that is parked again, with the later word', async () => {
    const keys = open();
    const first = aKey({ waitUntil: t(1) });
    const again = { ...first, waitUntil: t(20), reason: 'paused' };
    await keys.park([first]);
    await keys.park([again]);

    expect(await dueOf(keys, first.mappingId, t(19))).toEqual([]);
    expect(await dueOf(keys, first.mappingId, t(20))).toEqual([again]);
  });

  test('takes the last word of a key that comes twice in one call', async () => {
    const keys = open();
    const first = aKey({ waitUntil: t(1) });
    const second = { ...first, waitUntil: t(2) };

    await keys.park([first, second]);

    expect(await dueOf(keys, first.mappingId, t(9))).toEqual([second]);
  });

  test('keeps the same key of the two sides apart', async () => {
    const keys = open();
    const local = aKey();
    const remote = { ...local, side: 'remote' as const };
    await keys.park([local, remote]);

    await keys.release([local]);

    expect(await dueOf(keys, local.mappingId, t(0))).toEqual([remote]);
  });

  test('does not release a key that was parked anew meanwhile', async () => {
    const keys = open();
    const first = aKey({ waitUntil: t(1) });
    await keys.park([first]);
    const [due] = await dueOf(keys, first.mappingId, t(1));
    const anew = { ...first, waitUntil: t(50) };
    await keys.park([anew]);

    await keys.release(due ? [due] : []);

    expect(await dueOf(keys, first.mappingId, t(50))).toEqual([anew]);
  });

  test('takes a hundred mappings to pass over and no more', async () => {
    const keys = open();
    const mappingIds = Array.from({ length: 101 }, () => `${randomUUID()}.contact`);

    await expect(keys.due(t(0), 1, mappingIds.slice(1))).resolves.toBeDefined();
    await expect(keys.due(t(0), 1, mappingIds)).rejects.toThrow('1 to 100');
  });

  test('knows when the items at any number of keys were changed, even if asked for twice', async () => {
    const keys = open();
    const { mappingId } = aKey();
    await keys.park([
      aKey({ mappingId, key: 'key-0', changedAt: t(1) }),
      aKey({ mappingId, key: 'key-1' }),
      aKey({ mappingId, key: 'key-2', side: 'remote', changedAt: t(1) }),
    ]);
    const asked = Array.from({ length: 130 }, (_, index) => `key-${index}`);

    expect(await keys.changedAt(mappingId, [...asked, 'key-0'])).toEqual(new Map([['key-0', t(1)]]));
  });

  test('refuses what it cannot hold', async () => {
    const keys = open();
    const tooLong = aKey({ key: 'é'.repeat(1_100) });

    for (const refused of [
      () => keys.park([tooLong]),
      () => keys.park([aKey({ reason: 'x'.repeat(410_000) })]),
      () => keys.changedAt(tooLong.mappingId, [tooLong.key]),
      () => keys.postpone([tooLong], t(1)),
      () => keys.release([tooLong]),
    ]) {
      await expect(refused()).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
    }
  });

  test('takes releasing what is not there as done', async () => {
    await expect(open().release([aKey()])).resolves.toBeUndefined();
  });
};
