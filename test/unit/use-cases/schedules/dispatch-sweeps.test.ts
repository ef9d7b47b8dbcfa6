import { expect, test } from '@jest/globals';
import { hint as hintSchema } from '../../../../shared/contracts/hints.ts';
import { isoOf } from '../../../../shared/contracts/time.ts';
import { must } from '../../../../shared/sync/assert.ts';
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

const names = Array.from({ length: 7 }, (_, index) => `m${index}`);

type Templates = Parameters<typeof aSyncConfig>[0];

/** Connections with some of seven mappings, all due. */
async function aDispatcher(templates: Templates, of: Record<string, string[]>) {
  const clock = manualClock();
  const mappingStates = new InMemoryMappingStates();
  const connections = new InMemoryConnections();
  const hints = new InMemoryHintQueue();
  const configDigest = new InMemoryConfigDigest();
  configDigest.enrolled = { digest: 'd' };
  for (const [connectionId, some] of Object.entries(of)) {
    connections.stored.set(connectionId, aStoredConnection({ connectionId, sfOrgId: connectionId }));
    for (const name of some)
      await mappingStates.ensure(
        { mappingId: `${connectionId}.${name}`, connectionId, orgId: 'acme', name },
        clock.now(),
      );
  }
  const syncStore = new InMemorySyncStore();
  const ports = {
    ...{ syncStore, openConflicts: new InMemoryOpenConflicts(syncStore), history: syncStore.history },
    ...{ config: aSyncConfig(templates), digest: 'd' },
    ...{ configDigest, connections, mappingStates, hints, clock, onUnreadable: () => undefined },
    ...{ parkedKeys: new InMemoryParkedKeys(clock), journal: new InMemoryJournal(), ids: countingIds('run') },
  };
  return {
    hints,
    mappingStates,
    clock,
    dispatch: () => dispatchDue(ports, clock.nowMs() + 60_000),
    sent: () =>
      hints.sent.map((one) =>
        one.kind === 'sweeps'
          ? one.sweeps.map(({ mappingId }) => mappingId)
          : 'mappingId' in one && one.mappingId,
      ),
  };
}

test('mappings of one connection that are due go out five a hint, each as a run of its own, and one alone by itself', async () => {
  const templates = Object.fromEntries(names.map((name) => [name, CONTACTS]));
  const { dispatch, hints, sent } = await aDispatcher(templates, {
    c1: names,
    c2: ['m0'],
    c3: names.slice(0, 6),
  });

  expect(await dispatch()).toMatchObject({ sweeps: 14 });

  const of = (connectionId: string, from: number, to: number) =>
    names.slice(from, to).map((name) => `${connectionId}.${name}`);
  expect(sent()).toEqual([of('c1', 0, 5), of('c1', 5, 7), 'c2.m0', of('c3', 0, 5), 'c3.m5']);
  const runs = hints.sent.flatMap((one) =>
    one.kind === 'sweeps' ? one.sweeps.map(({ runId }) => runId) : one.kind === 'sweep' ? [one.runId] : [],
  );
  expect(new Set(runs).size).toBe(14);
  for (const one of hints.sent) expect(hintSchema.parse(one)).toEqual(one);
});

test('of those that are due, the earliest deadline is sent first, and a first pass last', async () => {
  const [minutely, daily] = [
    { ...CONTACTS, schedule: { everyMinutes: 1 }, freshness: '1m' as const },
    { ...CONTACTS, schedule: { everyMinutes: 1 }, freshness: '1d' as const },
  ];
  const templates = { m0: minutely, m1: daily, m2: minutely, m3: daily, m4: minutely, m5: minutely };
  const { dispatch, sent, mappingStates, clock } = await aDispatcher(templates, {
    c1: Object.keys(templates),
  });
  // In hours; the dailies were swept longer ago than any other, and one of them should have been again by now.
  for (const [name, age] of [
    ['m0', 2],
    ['m1', 23],
    ['m2', 3],
    ['m3', 27],
    ['m5', 0],
  ] as const)
    must(mappingStates.states.get(`c1.${name}`), 'a state').watermark = isoOf(
      clock.nowMs() - age * 3_600_000,
    );

  await dispatch();

  expect(sent()).toEqual([['c1.m3', 'c1.m2', 'c1.m0', 'c1.m5', 'c1.m1'], 'c1.m4']);
});
