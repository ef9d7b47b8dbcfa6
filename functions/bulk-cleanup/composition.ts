import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3 } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { BULK_REQUEST_TIMEOUT_MS } from '../../shared/contracts/lifetimes.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { type Log, logError } from '../../shared/runtime/logging.ts';
import type { CleanUpPorts } from '../../shared/use-cases/bulk/clean-up.ts';
import type { KeepTokensPorts } from '../../shared/use-cases/connections/keep-tokens.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import { composeRecords } from '../composition/records.ts';

/** What each of its two pieces of work needs, but for the time that an invocation has. */
export interface CleanupPorts {
  readonly jobs: Omit<CleanUpPorts, 'remainingMs'>;
  readonly tokens: Omit<KeepTokensPorts, 'remainingMs'>;
}

/** Makes the function's ports from its environment, once. */
export const compose = (log: Log): CleanupPorts => {
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
  const onUnreadable = (error: Error) => logError(log, 'A stored item was passed over', error);
  const { refresh, ...access } = composeOrgAccess(environment, { timeoutMs: BULK_REQUEST_TIMEOUT_MS });
  const syncStateTable = { client: dynamoDb(), name: environment.syncStateTable };
  const connectionsTable = { client: dynamoDb(), name: environment.connectionsTable, onUnreadable };
  return {
    jobs: {
      // Only links: this function never touches local items, and has no grant for them.
      ...composeRecords({ ...environment, localTables: {} }, onUnreadable),
      ...access,
      // It takes no slots; it counts its calls.
      slots: new DynamoOrgSlots(syncStateTable, 0),
      staging: new S3Staging(s3(), environment.stagingBucket),
    },
    tokens: { ...refresh, connections: new DynamoConnections(connectionsTable) },
  };
};
