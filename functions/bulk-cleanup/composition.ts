import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3 } from '../../shared/aws/clients.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { BULK_REQUEST_TIMEOUT_MS } from '../../shared/contracts/lifetimes.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { type Log, logError } from '../../shared/runtime/logging.ts';
import type { CleanUpPorts } from '../../shared/use-cases/bulk/clean-up.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import { composeRecords } from '../composition/records.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (log: Log): Omit<CleanUpPorts, 'remainingMs'> => {
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
  return {
    // Only links: this function never touches local items, and has no grant for them.
    ...composeRecords({ ...environment, localTables: {} }, onUnreadable),
    ...composeOrgAccess(environment, { timeoutMs: BULK_REQUEST_TIMEOUT_MS }),
    // It takes no slots; it counts its calls.
    slots: new DynamoOrgSlots({ client: dynamoDb(), name: environment.syncStateTable }, 0),
    staging: new S3Staging(s3(), environment.stagingBucket),
  };
};
