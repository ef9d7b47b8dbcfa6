import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk/bulk-executions.ts';
import { DynamoBulkJobs } from '../../shared/aws/bulk/bulk-jobs.ts';
import { dynamoDb, sqs, stepFunctions } from '../../shared/aws/clients.ts';
import { DynamoDirtyKeys } from '../../shared/aws/reconciliation/dirty-keys.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import type { WorkerPorts } from './make-handler.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): WorkerPorts => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'localTables',
    'tokenKeyArn',
    'appSecretArn',
    'hintQueueUrl',
    'loadStateMachineArn',
    'pushStateMachineArn',
    'eventBusName',
    'trustedSalesforceOrigins',
  ]);
  const syncState = { client: dynamoDb(), name: environment.syncStateTable };
  const queue = new SqsHintQueue(sqs(), environment.hintQueueUrl);
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
    bulkJobs: new DynamoBulkJobs(syncState),
    hints: queue,
    executions: new StepFunctionsBulkExecutions(stepFunctions(), {
      load: environment.loadStateMachineArn,
      push: environment.pushStateMachineArn,
    }),
    clock: systemClock,
    ids: randomIds,
    hideFor: (receiptHandle, seconds) => queue.extendVisibility(receiptHandle, seconds),
  };
};
