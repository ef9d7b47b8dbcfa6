import { dynamoDb, sqs } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { SqsHintQueue } from '../../shared/aws/reconciliation/hint-queue.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import type { ForwardLocalChangesPorts } from '../../shared/use-cases/local-changes/forward-local-changes.ts';
import type { TableNames } from './make-handler.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): ForwardLocalChangesPorts & { readonly tableNames: TableNames } => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'hintQueueUrl',
    'localTables',
  ]);
  return {
    config: bundledSyncConfig(),
    connections: new DynamoConnections({ client: dynamoDb(), name: environment.connectionsTable }),
    hints: new SqsHintQueue(sqs(), environment.hintQueueUrl),
    journal: new DynamoJournal({ client: dynamoDb(), name: environment.syncStateTable }),
    tableNames: new Map(Object.entries(environment.localTables).map(([name, physical]) => [physical, name])),
  };
};
