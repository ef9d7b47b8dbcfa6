import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk/bulk-executions.ts';
import { DynamoBulkJobs } from '../../shared/aws/bulk/bulk-jobs.ts';
import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3, sqs, stepFunctions } from '../../shared/aws/clients.ts';
import { DynamoDirtyKeys } from '../../shared/aws/reconciliation/dirty-keys.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { readCsv, writeCsv } from '../../shared/salesforce-client/csv/csv.ts';
import type { BulkPorts } from '../../shared/use-cases/bulk/ports.ts';
import { composeOrgAccess } from '../composition/org-access.ts';

/** Steps start pushes alone; a load is begun by who finds it due. */
const NO_LOADS = 'not-used-by-bulk-step';

/** Makes the function's ports from its environment, once. */
export const compose = (): Omit<BulkPorts, 'remainingMs'> => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'localTables',
    'tokenKeyArn',
    'appSecretArn',
    'hintQueueUrl',
    'stagingBucket',
    'pushStateMachineArn',
    'eventBusName',
    'trustedSalesforceOrigins',
  ]);
  const syncState = { client: dynamoDb(), name: environment.syncStateTable };
  return {
    config: bundledSyncConfig(),
    ...composeOrgAccess(environment),
    mappingStates: new DynamoMappingStates(syncState),
    syncStore: new DynamoSyncStore({
      client: dynamoDb(),
      syncStateTable: environment.syncStateTable,
      localTables: environment.localTables,
    }),
    journal: new DynamoJournal(syncState),
    dirtyKeys: new DynamoDirtyKeys(syncState),
    hints: new SqsHintQueue(sqs(), environment.hintQueueUrl),
    bulkJobs: new DynamoBulkJobs(syncState),
    staging: new S3Staging(s3(), environment.stagingBucket),
    executions: new StepFunctionsBulkExecutions(stepFunctions(), {
      load: NO_LOADS,
      push: environment.pushStateMachineArn,
    }),
    csv: { read: readCsv, write: writeCsv },
    clock: systemClock,
    ids: randomIds,
  };
};
