import { dynamoDb, sqs } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoHistory } from '../../shared/aws/reconciliation/history.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoOpenConflicts } from '../../shared/aws/reconciliation/open-conflicts.ts';
import { DynamoParkedKeys } from '../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { DynamoConfigDigest } from '../../shared/aws/schedules/config-digest.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { logError, makeLogger } from '../../shared/runtime/logging.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import type { DispatchDuePorts } from '../../shared/use-cases/schedules/dispatch-due.ts';
import { enrolmentDigest } from '../../shared/use-cases/schedules/enrolment-digest.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): DispatchDuePorts => {
  const environment = readConfiguration(['connectionsTable', 'syncStateTable', 'hintQueueUrl']);
  const config = bundledSyncConfig();
  const log = makeLogger('dispatch');
  const onUnreadable = (error: Error) => logError(log, 'A stored item was passed over', error);
  const syncStateTable = { client: dynamoDb(), name: environment.syncStateTable, onUnreadable };
  const connectionsTable = { client: dynamoDb(), name: environment.connectionsTable, onUnreadable };
  return {
    config,
    digest: enrolmentDigest(config),
    configDigest: new DynamoConfigDigest(syncStateTable),
    connections: new DynamoConnections(connectionsTable),
    mappingStates: new DynamoMappingStates(syncStateTable),
    parkedKeys: new DynamoParkedKeys(syncStateTable, systemClock),
    openConflicts: new DynamoOpenConflicts(syncStateTable, systemClock),
    // For links alone: items are none of its business.
    syncStore: new DynamoSyncStore({
      client: dynamoDb(),
      syncStateTable: environment.syncStateTable,
      localTables: {},
    }),
    journal: new DynamoJournal(syncStateTable),
    history: new DynamoHistory(syncStateTable),
    hints: new SqsHintQueue(sqs(), environment.hintQueueUrl),
    clock: systemClock,
    ids: randomIds,
    onUnreadable,
  };
};
