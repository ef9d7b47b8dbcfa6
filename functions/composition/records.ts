import { DynamoBulkJobs } from '../../shared/aws/bulk/bulk-jobs.ts';
import { dynamoDb, sqs } from '../../shared/aws/clients.ts';
import type { Table } from '../../shared/aws/dynamodb.ts';
import { DynamoGuardStates } from '../../shared/aws/reconciliation/guard-states.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoLinkLists } from '../../shared/aws/reconciliation/link-lists.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoParkedKeys } from '../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { tenantIndexOf } from '../../shared/contracts/sync-config.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import type { Configuration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';

/** What a function reads from its environment to bring records into step. */
type RecordsConfiguration = Configuration<'syncStateTable' | 'localTables' | 'hintQueueUrl'>;

/**
 * The sync config, links, local items and all that is remembered of them: for every function that reconciles.
 *
 * @param onUnreadable - is told of listed items that cannot be read, which are then passed over; without it they throw
 */
export const composeRecords = (
  { syncStateTable, localTables, hintQueueUrl }: RecordsConfiguration,
  onUnreadable?: Table['onUnreadable'],
) => {
  const syncState = { client: dynamoDb(), name: syncStateTable, ...(onUnreadable && { onUnreadable }) };
  const config = bundledSyncConfig();
  const tenantIndexes = Object.fromEntries(
    Object.entries(config.localTables).flatMap(([name, table]) => {
      const index = tenantIndexOf(table);
      return index === undefined ? [] : [[name, index]];
    }),
  );
  const matchIndexes = Object.fromEntries(
    Object.entries(config.localTables).map(([name, table]) => [name, table.matchIndexes ?? {}]),
  );
  return {
    config,
    mappingStates: new DynamoMappingStates(syncState),
    syncStore: new DynamoSyncStore({
      client: dynamoDb(),
      syncStateTable,
      localTables,
      tenantIndexes,
      matchIndexes,
    }),
    journal: new DynamoJournal(syncState),
    parkedKeys: new DynamoParkedKeys(syncState, systemClock),
    guardStates: new DynamoGuardStates(syncState),
    linkLists: new DynamoLinkLists(syncState),
    bulkJobs: new DynamoBulkJobs(syncState),
    hints: new SqsHintQueue(sqs(), hintQueueUrl),
    clock: systemClock,
    ids: randomIds,
  };
};
