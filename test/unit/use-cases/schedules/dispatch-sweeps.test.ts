import { expect, test } from '@jest/globals';
import { hint as hintSchema } from '../../../../shared/contracts/hints.ts';
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

test('mappings of one connection that are due go out five a hint, each as a run of its own, and one alone by itself', async () => {
  const clock = manualClock();
  const names = Array.from({ length: 7 }, (_, index) => `m${index}`);
  const mappingStates = new InMemoryMappingStates();
  const connections = new InMemoryConnections();
  const hints = new InMemoryHintQueue();
  const configDigest = new InMemoryConfigDigest();
  configDigest.enrolled = { digest: 'd' };
  for (const [connectionId, some] of [
    ['c1', names],
    ['c2', ['m0']],
    ['c3', names.slice(0, 6)],
  ] as const) {
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
    ...{ config: aSyncConfig(Object.fromEntries(names.map((name) => [name, CONTACTS]))), digest: 'd' },
    ...{ configDigest, connections, mappingStates, hints, clock, onUnreadable: () => undefined },
    ...{ parkedKeys: new InMemoryParkedKeys(clock), journal: new InMemoryJournal(), ids: countingIds('run') },
  };

  expect(await dispatchDue(ports, clock.nowMs() + 60_000)).toMatchObject({ sweeps: 14 });

  const mappings = hints.sent.map((one) =>
    one.kind === 'sweeps'
      ? one.sweeps.map(({ mappingId }) => mappingId)
      : 'mappingId' in one && one.mappingId,
  );
  const of = (connectionId: string, from: number, to: number) =>
    names.slice(from, to).map((name) => `${connectionId}.${name}`);
  expect(mappings).toEqual([of('c1', 0, 5), of('c1', 5, 7), 'c2.m0', of('c3', 0, 5), 'c3.m5']);
  const runs = hints.sent.flatMap((one) =>
    one.kind === 'sweeps' ? one.sweeps.map(({ runId }) => runId) : one.kind === 'sweep' ? [one.runId] : [],
  );
  expect(new Set(runs).size).toBe(14);
  for (const one of hints.sent) expect(hintSchema.parse(one)).toEqual(one);
});
