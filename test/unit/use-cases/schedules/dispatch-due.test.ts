import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable, UnreadableItem } from '../../../../shared/aws/errors.ts';
import { type Hint, partsOf } from '../../../../shared/contracts/hints.ts';
import type { StoredItemError } from '../../../../shared/contracts/stored-item-error.ts';
import type { ConnectionStatus } from '../../../../shared/sync/model/connection.ts';
import type { Parking } from '../../../../shared/sync/reconcile/parking.ts';
import { dispatchDue } from '../../../../shared/use-cases/schedules/dispatch-due.ts';
import { aStoredConnection } from '../../../builders/a-connection.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryConfigDigest } from '../../../in-memory/config-digest.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';
import { countingIds } from '../../../in-memory/ids.ts';
import { InMemoryJournal } from '../../../in-memory/journal.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { InMemoryOpenConflicts } from '../../../in-memory/open-conflicts.ts';
import { InMemoryParkedKeys } from '../../../in-memory/parked-keys.ts';
import { InMemorySyncStore } from '../../../in-memory/sync-store.ts';

const WOKEN = { by: 'woken' };
const mappingsIn = (hints: readonly Hint[]) => hints.flatMap(partsOf).map(({ mappingId }) => mappingId);

const aSchedule = () => {
  const clock = manualClock('2026-01-01T00:00:00.000Z');
  const connections = new InMemoryConnections(2);
  const connect = (connectionId: string, status: ConnectionStatus = 'active') =>
    connections.stored.set(connectionId, aStoredConnection({ connectionId, status, sfOrgId: connectionId }));
  connect('c1');
  const mappingStates = new InMemoryMappingStates();
  const configDigest = new InMemoryConfigDigest();
  configDigest.enrolled = { digest: 'config-1' };
  const hints = new InMemoryHintQueue();
  const parkedKeys = new InMemoryParkedKeys(clock);
  const unreadable: string[] = [];
  const syncStore = new InMemorySyncStore();
  const ports = {
    syncStore,
    openConflicts: new InMemoryOpenConflicts(syncStore),
    history: syncStore.history,
    config: aSyncConfig(),
    digest: 'config-1',
    configDigest,
    connections,
    mappingStates,
    parkedKeys,
    journal: new InMemoryJournal(),
    hints,
    clock,
    ids: countingIds('run'),
    onUnreadable: ({ code }: StoredItemError) => unreadable.push(code),
  };
  const aMappingDue = async (connectionId: string, name: string, at: string) => {
    const mappingId = `${connectionId}.${name}`;
    await mappingStates.ensure({ mappingId, connectionId, orgId: 'acme', name }, at);
    return mappingId;
  };
  const nextRunOf = (mappingId: string) => mappingStates.states.get(mappingId)?.nextRunAt;
  const tick = (forMs = 60_000) => dispatchDue(ports, clock.nowMs() + forMs);
  return {
    ports,
    clock,
    connect,
    mappingStates,
    configDigest,
    hints,
    parkedKeys,
    aMappingDue,
    nextRunOf,
    tick,
    unreadable,
  };
};

describe('a tick', () => {
  test('has time for sweeps and for keys while 3,000 new connections get ten mappings', async () => {
    const { ports, clock, mappingStates, configDigest, parkedKeys, aMappingDue } = aSchedule();
    const names = Array.from({ length: 8 }, (_, n) => `mapping${n}`);
    const config = aSyncConfig(Object.fromEntries(names.map((name) => [name, CONTACTS])));
    const connections = new InMemoryConnections();
    for (let n = 0; n < 3_000; n += 1) {
      const connectionId = `c${n}`;
      connections.stored.set(connectionId, aStoredConnection({ connectionId, sfOrgId: connectionId }));
    }
    const known = await aMappingDue('c1', 'contacts', clock.now());
    configDigest.enrolled = { digest: 'another config' };
    const ensure = mappingStates.ensure.bind(mappingStates);
    mappingStates.ensure = async (mapping) => {
      clock.advance(5);
      // New ones are not due within this test.
      await ensure(mapping, '2027-01-01T00:00:00.000Z');
    };

    let ticks = 0;
    do {
      ticks += 1;
      await mappingStates.makeDue(known, clock.now());
      const waitUntil = clock.now();
      await parkedKeys.park([
        { mappingId: known, kind: 'local', side: 'local', key: `ann-${ticks}`, waitUntil, reason: 'LOCKED' },
      ]);

      const ticked = await dispatchDue({ ...ports, config, connections }, clock.nowMs() + 60_000);

      expect(ticked).toMatchObject({ sweeps: 1 });
      expect(ticked.wokenKeys).toBeGreaterThan(0);
      expect(ticked.enrolledConnections).toBeGreaterThan(0);
      clock.advance(60_000);
    } while (configDigest.enrolled.after !== undefined && ticks < 100);

    expect(mappingStates.states.size).toBe(30_000);
    expect(ticks).toBeGreaterThan(2);
  });

  test('has time for keys while more mappings are due than it can claim', async () => {
    const { ports, clock, mappingStates, parkedKeys, aMappingDue, tick } = aSchedule();
    for (let n = 0; n < 3_000; n += 1) await aMappingDue('c1', `contacts${n}`, clock.now());
    const claim = mappingStates.claim.bind(mappingStates);
    mappingStates.claim = (...args) => {
      clock.advance(25);
      return claim(...args);
    };
    const waitUntil = clock.now();
    await parkedKeys.park([
      { mappingId: 'c1.contacts', kind: 'local', side: 'local', key: 'ann', waitUntil, reason: 'LOCKED' },
    ]);
    expect(ports.configDigest.enrolled).toEqual({ digest: ports.digest });

    expect(await tick()).toMatchObject({ wokenKeys: 1 });
  });

  test('has time for sweeps and for keys while long histories of ended mappings are deleted, and ends in time', async () => {
    const { ports, clock, parkedKeys, aMappingDue, nextRunOf } = aSchedule();
    for (let n = 0; n < 100; n += 1) await aMappingDue('c1', `retired${n}`, clock.now());
    await aMappingDue('c1', 'contacts', clock.now());
    const waitUntil = clock.now();
    await parkedKeys.park([
      { mappingId: 'c1.contacts', kind: 'local', side: 'local', key: 'ann', waitUntil, reason: 'LOCKED' },
    ]);
    const dropped = new Map<string, number>();
    const drop = async (mappingId: string) => {
      clock.advance(100);
      dropped.set(mappingId, (dropped.get(mappingId) ?? 0) + 1);
      return 200;
    };
    const deadlineMs = clock.nowMs() + 60_000;

    const ticked = await dispatchDue({ ...ports, history: { drop } }, deadlineMs);

    expect(ticked).toMatchObject({ sweeps: 1, wokenKeys: 1 });
    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:06:58.000Z');
    expect(clock.nowMs()).toBeLessThan(deadlineMs + 1_000);
    // None has to wait until the longest of them is gone.
    expect(dropped.size).toBe(100);
    expect(Math.max(...dropped.values()) - Math.min(...dropped.values())).toBeLessThanOrEqual(1);
  });

  test('sends a sweep for what is due, and none for what is not', async () => {
    const { aMappingDue, hints, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    await aMappingDue('c1', 'accounts', '2026-01-01T00:00:00.001Z');

    expect(await tick()).toMatchObject({ sweeps: 1 });

    expect(hints.sent).toEqual([{ kind: 'sweep', mappingId: 'c1.contacts', runId: 'run-1' }]);
    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:06:58.000Z');
    expect(await tick()).toMatchObject({ sweeps: 0 });
  });

  test('that happens twice at once may send a sweep twice, and moves the mapping on once', async () => {
    const { aMappingDue, hints, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');

    await Promise.all([tick(), tick()]);

    expect(new Set(mappingsIn(hints.sent))).toEqual(new Set(['c1.contacts']));
    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:06:58.000Z');
  });

  test('after days of silence sends one sweep, and keeps the rhythm', async () => {
    const { aMappingDue, clock, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    clock.set('2026-01-04T10:07:00.000Z');

    expect(await tick()).toMatchObject({ sweeps: 1 });

    expect(nextRunOf('c1.contacts')).toBe('2026-01-04T10:21:58.000Z');
  });

  test('has mappings that were due at different minutes due together from then on, and one in trouble after its usual time', async () => {
    const { aMappingDue, clock, mappingStates, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    await aMappingDue('c1', 'accounts', '2026-01-01T00:04:00.000Z');
    await mappingStates.recordTrouble(
      await aMappingDue('c2', 'contacts', '2026-01-01T00:04:00.000Z'),
      'INVALID_FIELD',
      clock.now(),
    );
    await tick();
    clock.set('2026-01-01T00:04:00.000Z');
    await tick();

    expect(nextRunOf('c1.accounts')).toBe(nextRunOf('c1.contacts'));
    expect(nextRunOf('c2.contacts')).toBe('2026-01-01T00:19:00.000Z');
  });

  test('that died before it ticked off is made up for by the next, which sends again', async () => {
    const { ports, aMappingDue, hints, clock, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    const { mappingStates } = ports;
    const dying = Object.assign(Object.create(mappingStates), {
      claim: () => Promise.reject(new Error('the process died')),
    });
    await expect(dispatchDue({ ...ports, mappingStates: dying }, clock.nowMs() + 1)).rejects.toThrow('died');
    clock.advance(60_000);

    await tick();

    expect(mappingsIn(hints.sent)).toEqual(['c1.contacts', 'c1.contacts']);
    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:06:58.000Z');
  });

  test('claims nothing that the queue did not take', async () => {
    const { ports, aMappingDue, clock, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    const hints = { send: () => Promise.reject(new Error('the queue is away')) };

    await expect(dispatchDue({ ...ports, hints }, clock.nowMs() + 1)).rejects.toThrow('away');

    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:00:00.000Z');
  });

  test.each(['paused', 'gone'])('sends nothing for a connection that is %s, and moves on', async (how) => {
    const { aMappingDue, connect, hints, tick, nextRunOf } = aSchedule();
    if (how === 'paused') connect('c2', 'paused');
    await aMappingDue('c2', 'contacts', '2026-01-01T00:00:00.000Z');

    expect(await tick()).toMatchObject({ sweeps: 0, idleMappings: 1 });

    expect(hints.sent).toEqual([]);
    expect(nextRunOf('c2.contacts')).toBe('2026-01-01T00:06:59.000Z');
  });

  test('sends nothing for a table that the config has given to another tenant', async () => {
    const { ports, aMappingDue, hints, clock } = aSchedule();
    await aMappingDue('c1', 'accounts', '2026-01-01T00:00:00.000Z');
    const { people = { keyField: 'id' } } = ports.config.localTables;
    const localTables = { people, companies: { keyField: 'id', tenant: 'other' } };

    const dispatched = await dispatchDue(
      { ...ports, config: { ...ports.config, localTables } },
      clock.nowMs() + 60_000,
    );

    expect(dispatched).toMatchObject({ sweeps: 0, idleMappings: 1 });
    expect(hints.sent).toEqual([]);
  });

  test('looks at a mapping that is gone from the config once a day', async () => {
    const { aMappingDue, hints, tick, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'retired', '2026-01-01T00:00:00.000Z');

    await tick();

    expect(hints.sent).toEqual([]);
    expect(nextRunOf('c1.retired')).toBe('2026-01-01T00:51:58.000Z');
  });

  test('handles more than a page', async () => {
    const { aMappingDue, connect, tick } = aSchedule();
    for (let n = 0; n < 1_100; n += 1) {
      connect(`x${n}`);
      await aMappingDue(`x${n}`, 'contacts', '2026-01-01T00:00:00.000Z');
    }

    expect(await tick()).toMatchObject({ sweeps: 1_100 });
  });

  test('stops when its time is over', async () => {
    const { aMappingDue, tick } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');

    expect(await tick(0)).toMatchObject({ sweeps: 0, wokenKeys: 0 });
  });

  test('ends though the index goes on showing what was claimed', async () => {
    const { ports, aMappingDue, hints, clock } = aSchedule();
    for (let n = 0; n < 500; n += 1) await aMappingDue('c1', `contacts`, '2026-01-01T00:00:00.000Z');
    const lagging = await ports.mappingStates.due(clock.now(), 500);
    const stuck = Object.assign(Object.create(ports.mappingStates), {
      due: async () => Array.from({ length: 500 }, () => lagging[0]),
    });

    await dispatchDue({ ...ports, mappingStates: stuck }, clock.nowMs() + 60_000);

    expect(hints.sent).toHaveLength(1);
  });
});

describe('keys that waited', () => {
  const parked = (key: string, change = {}) => ({
    mappingId: 'c1.contacts',
    kind: 'local' as const,
    side: 'local' as const,
    key,
    waitUntil: '2026-01-01T00:00:00.000Z',
    reason: 'REQUEST_LIMIT_EXCEEDED',
    ...change,
  });

  test('go to the queue by mapping and kind, and wait on until a look releases them', async () => {
    const { parkedKeys, hints, tick, connect } = aSchedule();
    connect('c2');
    await parkedKeys.park([
      parked('a'),
      parked('b'),
      parked('003000000000001AAA', { kind: 'record', side: 'remote' }),
      parked('c', { mappingId: 'c2.contacts' }),
      parked('later', { waitUntil: '2026-01-01T00:00:00.001Z' }),
    ]);

    expect(await tick()).toMatchObject({ wokenKeys: 4 });

    expect(hints.sent).toEqual([
      { kind: 'local-keys', mappingId: 'c1.contacts', keys: [{ key: 'a' }, { key: 'b' }], cause: WOKEN },
      { kind: 'remote-ids', mappingId: 'c1.contacts', sfIds: ['003000000000001AAA'], cause: WOKEN },
      { kind: 'local-keys', mappingId: 'c2.contacts', keys: [{ key: 'c' }], cause: WOKEN },
    ]);
    expect([...parkedKeys.parked.values()].map(({ key, waitUntil }) => [key, waitUntil])).toEqual([
      ...['a', 'b', '003000000000001AAA', 'c'].map((key) => [key, '2026-01-01T00:02:00.000Z']),
      ['later', '2026-01-01T00:00:00.001Z'],
    ]);
  });

  test('come in hints of two hundred', async () => {
    const { parkedKeys, hints, tick } = aSchedule();
    await parkedKeys.park(Array.from({ length: 450 }, (_, n) => parked(`k${n}`)));

    expect(await tick()).toMatchObject({ wokenKeys: 450 });

    expect(hints.sent).toHaveLength(3);
  });

  test('and wait anew at once are not swallowed by the queue', async () => {
    const { parkedKeys, hints, tick } = aSchedule();
    await parkedKeys.park([parked('a')]);
    await tick();
    await parkedKeys.park([parked('a')]);

    await tick();

    expect(hints.sent).toHaveLength(2);
  });

  test('stay where they are when the queue does not take them', async () => {
    const { ports, parkedKeys, clock } = aSchedule();
    await parkedKeys.park([parked('a')]);
    const hints = { send: () => Promise.reject(new Error('the queue is away')) };

    await expect(dispatchDue({ ...ports, hints }, clock.nowMs() + 1)).rejects.toThrow('away');

    expect([...parkedKeys.parked.values()]).toMatchObject([
      { waitUntil: '2026-01-01T00:00:00.000Z', rounds: 0 },
    ]);
  });
});

describe('keys of a connection that can do no work', () => {
  const aKey = (key: string, change: Partial<Parking> = {}): Parking => ({
    mappingId: 'c2.contacts',
    kind: 'local',
    side: 'local',
    key,
    waitUntil: '2026-01-01T00:00:00.000Z',
    reason: 'CONNECTION_NOT_ACTIVE',
    ...change,
  });

  test.each(['paused', 'reauthorization-required'] as const)(
    'wait on while it is %s, twice as long each time, up to six hours',
    async (status) => {
      const { parkedKeys, hints, tick, connect, clock } = aSchedule();
      connect('c2', status);
      await parkedKeys.park([aKey('a', { changedAt: '2025-12-31T00:00:00.000Z' })]);
      const waits: number[] = [];

      for (let times = 0; times < 8; times += 1) {
        expect(await tick()).toMatchObject({ wokenKeys: 0, postponedKeys: 1, droppedKeys: 0 });
        const [key] = [...parkedKeys.parked.values()];
        waits.push((Date.parse(key?.waitUntil ?? '') - clock.nowMs()) / 60_000);
        clock.set(key?.waitUntil ?? '');
      }

      expect(waits).toEqual([15, 30, 60, 120, 240, 360, 360, 360]);
      expect(hints.sent).toEqual([]);
      expect([...parkedKeys.parked.values()]).toMatchObject([
        { local: { changedAt: '2025-12-31T00:00:00.000Z' } },
      ]);
    },
  );

  test('go to the queue once it is active again, and keep their time for the look', async () => {
    const { parkedKeys, hints, tick, connect, clock } = aSchedule();
    connect('c2', 'paused');
    await parkedKeys.park([aKey('a', { changedAt: '2025-12-31T00:00:00.000Z' })]);
    await tick();
    connect('c2');
    clock.advance(15 * 60_000);

    expect(await tick()).toMatchObject({ wokenKeys: 1, postponedKeys: 0 });

    expect(hints.sent).toEqual([
      { kind: 'local-keys', mappingId: 'c2.contacts', keys: [{ key: 'a' }], cause: WOKEN },
    ]);
    expect([...parkedKeys.parked.values()]).toMatchObject([
      { local: { changedAt: '2025-12-31T00:00:00.000Z' } },
    ]);
  });

  test.each(['revoked', 'gone'])('end where it is %s', async (how) => {
    const { parkedKeys, hints, tick, connect } = aSchedule();
    if (how === 'revoked') connect('c2', 'revoked');
    await parkedKeys.park([aKey('a'), aKey('b', { kind: 'record', side: 'remote' })]);

    expect(await tick()).toMatchObject({ wokenKeys: 0, droppedKeys: 2 });

    expect(hints.sent).toEqual([]);
    expect(parkedKeys.parked.size).toBe(0);
  });

  test('hold up nobody, however many they are and however long they have waited', async () => {
    const { parkedKeys, hints, tick, connect } = aSchedule();
    connect('c2', 'paused');
    await parkedKeys.park(
      Array.from({ length: 15_000 }, (_, n) => aKey(`k${n}`, { waitUntil: '2025-01-01T00:00:00.000Z' })),
    );
    await parkedKeys.park([aKey('a', { mappingId: 'c1.contacts' })]);

    await tick();

    expect(mappingsIn(hints.sent)).toEqual(['c1.contacts']);
  });
});

describe('keys that wait for a mapping that nobody will look at', () => {
  const aKey = (mappingId: string, change: Partial<Parking> = {}): Parking => ({
    mappingId,
    kind: 'local',
    side: 'local',
    key: 'a',
    reason: 'INVALID_ATTRIBUTE',
    ...change,
  });

  test.each([
    ['has left the config', 'c1.retired', 'active'],
    ['is of a connection that was disconnected', 'c2.contacts', 'revoked'],
    ['is of a connection that is gone', 'c3.contacts', 'active'],
  ] as const)('are dropped, also without a time, when it is due and %s', async (_why, mappingId, status) => {
    const { parkedKeys, aMappingDue, tick, connect } = aSchedule();
    connect('c2', status);
    const [connectionId = '', name = ''] = mappingId.split('.');
    await aMappingDue(connectionId, name, '2026-01-01T00:00:00.000Z');
    await parkedKeys.park([aKey(mappingId), aKey(mappingId, { kind: 'record', side: 'remote' })]);

    await tick();

    expect(parkedKeys.parked.size).toBe(0);
  });

  const many = Array.from({ length: 2_500 }, (_, n) => aKey('c1.retired', { key: `k${n}` }));

  test('are all dropped at once, however many they are', async () => {
    const { parkedKeys, aMappingDue, tick } = aSchedule();
    await aMappingDue('c1', 'retired', '2026-01-01T00:00:00.000Z');
    await parkedKeys.park(many);

    await tick();

    expect(parkedKeys.parked.size).toBe(0);
  });

  test('are dropped as far as the tick has time, and the rest by the next ones', async () => {
    const { ports, parkedKeys, aMappingDue, nextRunOf, clock } = aSchedule();
    const mappingId = await aMappingDue('c1', 'retired', '2026-01-01T00:00:00.000Z');
    await parkedKeys.park(many);

    const release = parkedKeys.release.bind(parkedKeys);
    parkedKeys.release = async (keys) => {
      await release(keys);
      if (keys.length > 0) clock.advance(30_000);
    };

    await dispatchDue(ports, clock.nowMs() + 40_000);
    expect(parkedKeys.parked.size).toBe(1_500);
    expect(nextRunOf(mappingId)).toBe(new Date(clock.nowMs() + 60_000).toISOString());

    for (const left of [500, 0]) {
      clock.advance(60_000);
      await dispatchDue(ports, clock.nowMs() + 40_000);
      expect(parkedKeys.parked.size).toBe(left);
    }
  });

  test('are neither sent nor listed until it is due', async () => {
    const { ports, parkedKeys, hints, tick, clock } = aSchedule();
    await parkedKeys.park([aKey('c1.retired', { waitUntil: '2026-01-01T00:00:00.000Z' })]);
    clock.advance(25 * 3_600_000);

    expect(await tick()).toMatchObject({ wokenKeys: 0, postponedKeys: 1 });

    expect(hints.sent).toEqual([]);
    expect(await ports.journal.rejections('c1.retired', 1)).toEqual([]);
  });

  test('are dropped where the config has given its table to another tenant', async () => {
    const { ports, parkedKeys, aMappingDue, clock } = aSchedule();
    await aMappingDue('c1', 'accounts', '2026-01-01T00:00:00.000Z');
    await parkedKeys.park([aKey('c1.accounts'), aKey('c1.contacts')]);
    const { people = { keyField: 'id' } } = ports.config.localTables;
    const localTables = { people, companies: { keyField: 'id', tenant: 'other' } };

    await dispatchDue({ ...ports, config: { ...ports.config, localTables } }, clock.nowMs() + 60_000);

    expect([...parkedKeys.parked.values()].map(({ mappingId }) => mappingId)).toEqual(['c1.contacts']);
  });

  test.each(['active', 'paused', 'reauthorization-required', 'unreadable'] as const)(
    'stay while its connection is %s',
    async (status) => {
      const { ports, parkedKeys, aMappingDue, connect, clock } = aSchedule();
      if (status !== 'unreadable') connect('c2', status);
      const get = () => Promise.reject(new UnreadableItem('connections', 'status'));
      const unreadable = Object.assign(Object.create(ports.connections), { get });
      const connections = status === 'unreadable' ? unreadable : ports.connections;
      await aMappingDue('c2', 'contacts', '2026-01-01T00:00:00.000Z');
      await parkedKeys.park([aKey('c2.contacts')]);

      await dispatchDue({ ...ports, connections }, clock.nowMs() + 60_000);

      expect(parkedKeys.parked.size).toBe(1);
    },
  );

  test('have its next pass look at everything, if Salesforce had changed one: no push would find that', async () => {
    const { mappingStates, parkedKeys, aMappingDue, tick } = aSchedule();
    for (const name of ['retired', 'gone']) {
      await aMappingDue('c1', name, '2026-01-01T00:00:00.000Z');
      Object.assign(mappingStates.states.get(`c1.${name}`) ?? {}, { watermark: '2025-12-31T00:00:00.000Z' });
    }
    await parkedKeys.park([
      aKey('c1.retired', { side: 'remote' }),
      aKey('c1.retired', { key: 'b' }),
      aKey('c1.gone'),
    ]);

    await tick();

    expect(mappingStates.states.get('c1.retired')).toMatchObject({ epoch: 1 });
    expect(mappingStates.states.get('c1.retired')).not.toHaveProperty('watermark');
    expect(mappingStates.states.get('c1.gone')).toMatchObject({ epoch: 0, watermark: expect.anything() });
  });
});

describe('a connection whose item cannot be read', () => {
  const aBrokenSchedule = () => {
    const schedule = aSchedule();
    const { ports, clock } = schedule;
    const { connections } = ports;
    const get = async (connectionId: string) => {
      if (connectionId === 'c0') throw new UnreadableItem('connections', 'status');
      return connections.get(connectionId);
    };
    const broken = { ...ports, connections: Object.assign(Object.create(connections), { get }) };
    return { ...schedule, tick: () => dispatchDue(broken, clock.nowMs() + 60_000) };
  };

  test('stops the sweeps of no other, and somebody is told once a tick', async () => {
    const { aMappingDue, hints, tick, nextRunOf, unreadable } = aBrokenSchedule();
    await aMappingDue('c0', 'accounts', '2025-12-31T23:59:58.000Z');
    await aMappingDue('c0', 'contacts', '2025-12-31T23:59:58.000Z');
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');

    expect(await tick()).toMatchObject({ sweeps: 1, idleMappings: 2 });

    expect(mappingsIn(hints.sent)).toEqual(['c1.contacts']);
    expect(nextRunOf('c0.contacts')).toBe('2026-01-01T00:06:57.000Z');
    expect(unreadable).toEqual(['STORED_ITEM_UNREADABLE']);
  });

  test('keeps its waiting keys, and stops those of no other', async () => {
    const { parkedKeys, hints, tick } = aBrokenSchedule();
    const key = {
      kind: 'local',
      side: 'local',
      key: 'a',
      waitUntil: '2026-01-01T00:00:00.000Z',
      reason: 'x',
    } as const;
    await parkedKeys.park([
      { ...key, mappingId: 'c0.contacts' },
      { ...key, mappingId: 'c1.contacts' },
    ]);

    expect(await tick()).toMatchObject({ wokenKeys: 1, postponedKeys: 1, droppedKeys: 0 });

    expect(mappingsIn(hints.sent)).toEqual(['c1.contacts']);
    expect(parkedKeys.get('c0.contacts', 'local', 'a')).toMatchObject({
      waitUntil: '2026-01-01T00:15:00.000Z',
    });
  });

  test('is not the same as a table that does not answer: then the tick fails, and is repeated', async () => {
    const { ports, aMappingDue, clock, nextRunOf } = aSchedule();
    await aMappingDue('c1', 'contacts', '2026-01-01T00:00:00.000Z');
    const get = () => Promise.reject(new StoreUnavailable('reading a connection'));
    const away = Object.assign(Object.create(ports.connections), { get });

    await expect(dispatchDue({ ...ports, connections: away }, clock.nowMs() + 1)).rejects.toThrow(
      StoreUnavailable,
    );
    expect(nextRunOf('c1.contacts')).toBe('2026-01-01T00:00:00.000Z');
  });
});

describe('a mapping with more waiting keys than a tick takes', () => {
  const many = (mappingId: string, count: number, waitUntil: string): Parking[] =>
    Array.from({ length: count }, (_, n) => ({
      mappingId,
      kind: 'local',
      side: 'local',
      key: `k${n}`,
      waitUntil,
      reason: 'REQUEST_LIMIT_EXCEEDED',
    }));
  const OLD = '2025-01-01T00:00:00.000Z';
  const NEW = '2026-01-01T00:00:00.000Z';

  test('leaves the others their share', async () => {
    const { parkedKeys, tick, connect, clock } = aSchedule();
    connect('c2');
    await parkedKeys.park([...many('c2.contacts', 15_000, OLD), ...many('c1.contacts', 700, NEW)]);

    expect(await tick()).toMatchObject({ wokenKeys: expect.any(Number) });

    const left = (await parkedKeys.due(clock.now(), 20_000)).map(({ mappingId }) => mappingId);
    expect(left).not.toContain('c1.contacts');
    expect(left.length).toBeGreaterThan(0);
  });

  test('has the rest of the tick where nobody else waits', async () => {
    const { parkedKeys, tick } = aSchedule();
    await parkedKeys.park(many('c1.contacts', 6_000, OLD));

    expect(await tick()).toMatchObject({ wokenKeys: 6_000 });
  });
});

describe('a changed config', () => {
  test('enrols every connection in the mappings that it lacks, once, due at once', async () => {
    const { ports, connect, mappingStates, configDigest, tick } = aSchedule();
    for (const id of ['c2', 'c3', 'c4', 'c5']) connect(id);
    await tick();
    expect(mappingStates.states.size).toBe(0);
    const changed = { ...ports, config: aSyncConfig({ leads: CONTACTS }), digest: 'config-2' };

    const dispatched = await dispatchDue(changed, ports.clock.nowMs() + 60_000);

    expect(dispatched).toMatchObject({ enrolledConnections: 5, sweeps: 15 });
    expect(configDigest.enrolled).toEqual({ digest: 'config-2', after: undefined });
    expect(await dispatchDue(changed, ports.clock.nowMs() + 60_000)).toMatchObject({
      enrolledConnections: 0,
    });
  });

  test('goes on in the next tick where the time was over', async () => {
    const { ports, connect, mappingStates, clock } = aSchedule();
    for (const id of ['c2', 'c3', 'c4', 'c5']) connect(id);
    const changed = { ...ports, digest: 'config-2' };

    for (let ticks = 0; ticks < 3; ticks += 1) await dispatchDue(changed, clock.nowMs());

    expect(mappingStates.states.size).toBe(10);
    expect(await dispatchDue(changed, clock.nowMs())).toMatchObject({ enrolledConnections: 0 });
  });
});
