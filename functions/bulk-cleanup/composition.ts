import { DynamoBulkJobs } from '../../shared/aws/bulk/bulk-jobs.ts';
import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3, sqs } from '../../shared/aws/clients.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import type { AbortPorts } from '../../shared/use-cases/bulk/abort.ts';
import { composeOrgAccess } from '../composition/org-access.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): Omit<AbortPorts, 'remainingMs'> => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'tokenKeyArn',
    'appSecretArn',
    'hintQueueUrl',
    'stagingBucket',
    'eventBusName',
    'trustedSalesforceOrigins',
  ]);
  const syncState = { client: dynamoDb(), name: environment.syncStateTable };
  return {
    config: bundledSyncConfig(),
    ...composeOrgAccess(environment),
    mappingStates: new DynamoMappingStates(syncState),
    // Links alone: this function has no business with local items, and no grant for them.
    syncStore: new DynamoSyncStore({
      client: dynamoDb(),
      syncStateTable: environment.syncStateTable,
      localTables: {},
    }),
    hints: new SqsHintQueue(sqs(), environment.hintQueueUrl),
    bulkJobs: new DynamoBulkJobs(syncState),
    staging: new S3Staging(s3(), environment.stagingBucket),
    clock: systemClock,
    ids: randomIds,
  };
};
