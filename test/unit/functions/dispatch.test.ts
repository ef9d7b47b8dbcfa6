import { expect, test } from '@jest/globals';
import { makeHandler } from '../../../functions/dispatch/make-handler.ts';
import { aStoredConnection, CONNECTION_ID as ID } from '../../builders/a-connection.ts';
import { aSyncConfig } from '../../builders/a-sync-config.ts';
import { manualClock } from '../../in-memory/clock.ts';
import { InMemoryConnections } from '../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../in-memory/hint-queue.ts';
import { countingIds } from '../../in-memory/ids.ts';
import { InMemoryJournal } from '../../in-memory/journal.ts';
import { InMemoryMappingStates } from '../../in-memory/mapping-states.ts';
import { InMemoryOpenConflicts } from '../../in-memory/open-conflicts.ts';
import { InMemoryParkedKeys } from '../../in-memory/parked-keys.ts';
import { InMemorySyncStore } from '../../in-memory/sync-store.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const aDispatcher = () => {
  const clock = manualClock();
  const connections = new InMemoryConnections();
  connections.stored.set(ID, aStoredConnection());
  const hints = new InMemoryHintQueue();
  const log = aLog();
  const syncStore = new InMemorySyncStore();
  const ports = {
    syncStore,
    openConflicts: new InMemoryOpenConflicts(syncStore),
    history: syncStore.history,
    config: aSyncConfig(),
    digest: 'config-1',
    configDigest: { get: async () => undefined, set: async () => undefined },
    connections,
    mappingStates: new InMemoryMappingStates(),
    parkedKeys: new InMemoryParkedKeys(clock),
    journal: new InMemoryJournal(),
    hints,
    clock,
    ids: countingIds(),
    onUnreadable: () => undefined,
  };
  return { hints, log, handler: makeHandler(ports, log) };
};

test('a tick of the schedule enrols, sweeps and says how much', async () => {
  const { handler, hints, log } = aDispatcher();

  await handler({ 'detail-type': 'Scheduled Event' }, aContext());

  expect(hints.sent).toMatchObject([{ kind: 'sweeps', sweeps: [{}, {}] }]);
  expect(log.lines).toEqual([
    '["info","Dispatched",{"enrolledConnections":1,"sweeps":2,"idleMappings":0,"wokenKeys":0,"postponedKeys":0,"droppedKeys":0}]',
  ]);
});

test('a tick that has little time left begins no page', async () => {
  const { handler, hints } = aDispatcher();

  await handler({}, aContext(30_000));

  expect(hints.sent).toEqual([]);
});
