import { describe, expect, test } from '@jest/globals';
import type { Parking } from '../../../../shared/sync/reconcile/parking.ts';
import type { StatusOf } from '../../../../shared/use-cases/schedules/connection-statuses.ts';
import { wakeKeys } from '../../../../shared/use-cases/schedules/wake-keys.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';
import { countingIds } from '../../../in-memory/ids.ts';
import { InMemoryJournal } from '../../../in-memory/journal.ts';
import { InMemoryParkedKeys } from '../../../in-memory/parked-keys.ts';

const NOON = '2026-01-01T12:00:00.000Z';
const HOUR_MS = 3_600_000;

const aKey = (key: string, change: Partial<Parking> = {}): Parking => ({
  mappingId: 'c1.contact',
  kind: 'local',
  side: 'local',
  key,
  waitUntil: NOON,
  reason: 'REQUEST_LIMIT_EXCEEDED',
  ...change,
});

const aDispatcher = () => {
  const clock = manualClock(NOON);
  const parkedKeys = new InMemoryParkedKeys(clock);
  const hints = new InMemoryHintQueue();
  const journal = new InMemoryJournal();
  const statuses = new Map<string, Awaited<ReturnType<StatusOf>>>([['c1', 'active']]);
  const config = aSyncConfig({ contact: CONTACTS });
  const ports = { config, parkedKeys, hints, journal, clock, ids: countingIds('sending') };
  const statusOf: StatusOf = async (connectionId) => statuses.get(connectionId) ?? 'gone';
  const tick = () => wakeKeys(ports, statusOf, clock.nowMs() + 60_000);
  const parked = (key: string, kind: Parking['kind'] = 'local') => parkedKeys.get('c1.contact', kind, key);
  /** Moves the clock to the key's time, and says how many minutes that took. */
  const waitFor = (key: string): number => {
    const before = clock.nowMs();
    clock.set(parked(key)?.waitUntil ?? NOON);
    return (clock.nowMs() - before) / 60_000;
  };
  return { ports, clock, parkedKeys, hints, journal, statuses, tick, parked, waitFor };
};

describe('a key that was sent', () => {
  test('is sent again until a look releases it, after two minutes, four and so on, up to an hour', async () => {
    const { parkedKeys, hints, tick, parked, waitFor } = aDispatcher();
    await parkedKeys.park([aKey('a')]);
    const waits: number[] = [];

    for (let times = 0; times < 8; times += 1) {
      expect(await tick()).toMatchObject({ wokenKeys: 1, postponedKeys: 0 });
      expect(await tick()).toMatchObject({ wokenKeys: 0 });
      waits.push(waitFor('a'));
    }

    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    expect(hints.sent).toHaveLength(8);
    const seen = parked('a');
    expect(seen).toMatchObject({ rounds: 8, version: 1 });
    await parkedKeys.release(seen ? [seen] : []);
    expect(await tick()).toMatchObject({ wokenKeys: 0 });
  });

  test('keeps what is known of both sides for the look, while the hint has its name alone', async () => {
    const { parkedKeys, hints, tick, parked } = aDispatcher();
    const changedAt = '2026-01-01T11:00:00.000Z';
    await parkedKeys.park([
      aKey('a', { changedAt, isDeleted: true }),
      aKey('a', { side: 'remote', reason: 'LEASE_HELD' }),
      aKey('003000000000001AAA', { kind: 'record', side: 'remote' }),
    ]);

    await tick();

    expect(hints.sent).toMatchObject([
      { kind: 'local-keys', mappingId: 'c1.contact', keys: [{ key: 'a' }] },
      { kind: 'remote-ids', mappingId: 'c1.contact', sfIds: ['003000000000001AAA'] },
    ]);
    expect(parked('a')).toMatchObject({
      local: { since: NOON, changedAt, isDeleted: true },
      remote: { since: NOON, reason: 'LEASE_HELD' },
    });
    expect(parked('003000000000001AAA', 'record')).toMatchObject({ remote: { since: NOON } });
  });

  test('keeps the time that it was given by a parking while it was being sent', async () => {
    const { ports, parkedKeys, tick, parked } = aDispatcher();
    await parkedKeys.park([aKey('a')]);
    const { hints } = ports;
    const send = hints.send.bind(hints);
    hints.send = async (messages) => {
      await send(messages);
      await parkedKeys.park([aKey('a', { waitUntil: '2026-01-01T11:00:00.000Z', reason: 'CONTENDED' })]);
    };

    await tick();

    expect(parked('a')).toMatchObject({ waitUntil: '2026-01-01T11:00:00.000Z', rounds: 0, version: 2 });
  });

  test('is kept where the queue did not take it, with the time that it had', async () => {
    const { ports, parkedKeys, tick, parked } = aDispatcher();
    await parkedKeys.park([aKey('a')]);
    ports.hints.send = () => Promise.reject(new Error('the queue is away'));

    await expect(tick()).rejects.toThrow('away');

    expect(parked('a')).toMatchObject({ waitUntil: NOON, rounds: 0 });
  });
});

test('a key that has no time is not sent: only a change of the item or the record can help', async () => {
  const { clock, parkedKeys, tick, parked } = aDispatcher();
  const { waitUntil: _, ...timeless } = aKey('a', { reason: 'INVALID_ATTRIBUTE' });
  await parkedKeys.park([timeless]);
  clock.advance(1_000 * HOUR_MS);

  expect(await tick()).toEqual({ wokenKeys: 0, postponedKeys: 0, droppedKeys: 0 });

  expect(parked('a')).toBeDefined();
});

describe('a key that has waited for more than a day', () => {
  test('is shown with the reasons of both sides, and since when, and is sent all the same', async () => {
    const { clock, parkedKeys, journal, hints, tick } = aDispatcher();
    await parkedKeys.park([aKey('a')]);
    clock.advance(HOUR_MS);
    await parkedKeys.park([aKey('a', { side: 'remote', reason: 'ENTITY_IS_LOCKED' })]);
    clock.advance(23 * HOUR_MS + 1);

    expect(await tick()).toMatchObject({ wokenKeys: 1 });

    expect(hints.sent).toHaveLength(1);
    expect(await journal.rejections('c1.contact', 10)).toEqual([
      {
        mappingId: 'c1.contact',
        by: 'local-rules',
        key: 'a',
        code: 'STILL_WAITING',
        message: expect.stringContaining(`since ${NOON}`),
        fields: [],
        at: clock.now(),
      },
    ]);
    const [shown] = await journal.rejections('c1.contact', 10);
    expect(shown?.message).toContain('REQUEST_LIMIT_EXCEEDED, ENTITY_IS_LOCKED.');
  });

  test('is shown before it is sent, so that the look which releases it can take that back', async () => {
    const { ports, clock, parkedKeys, journal, hints, tick } = aDispatcher();
    await parkedKeys.park([aKey('a')]);
    clock.advance(24 * HOUR_MS + 1);
    const shown: number[] = [];
    ports.hints.send = async () => void shown.push((await journal.rejections('c1.contact', 10)).length);

    await tick();

    expect(hints.sent).toEqual([]);
    expect(shown).toEqual([1]);
  });

  test('is told from one that has waited for a day, and from one whose connection is paused', async () => {
    const { clock, parkedKeys, journal, statuses, tick } = aDispatcher();
    statuses.set('c2', 'paused');
    await parkedKeys.park([aKey('a', { mappingId: 'c2.contact' })]);
    clock.advance(1);
    await parkedKeys.park([aKey('a')]);
    clock.advance(24 * HOUR_MS);

    expect(await tick()).toMatchObject({ wokenKeys: 1, postponedKeys: 1 });

    expect([...journal.storedRejections.values()]).toEqual([]);
  });
});

test('keys of a connection that was disconnected, or is gone, are released, and of no other', async () => {
  const { parkedKeys, hints, statuses, tick } = aDispatcher();
  for (const [id, status] of [['c2', 'revoked'] as const, ['c3', 'reauthorization-required'] as const]) {
    statuses.set(id, status);
  }
  await parkedKeys.park(['c1', 'c2', 'c3', 'c4'].map((id) => aKey('a', { mappingId: `${id}.contact` })));

  expect(await tick()).toEqual({ wokenKeys: 1, postponedKeys: 1, droppedKeys: 2 });

  expect(hints.sent).toHaveLength(1);
  expect([...parkedKeys.parked.values()].map(({ mappingId }) => mappingId)).toEqual([
    'c1.contact',
    'c3.contact',
  ]);
});
