import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { s3 } from '../../shared/aws/clients.ts';
import { BULK_REQUEST_TIMEOUT_MS } from '../../shared/contracts/lifetimes.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { type Log, logError } from '../../shared/runtime/logging.ts';
import type { AbortPorts } from '../../shared/use-cases/bulk/abort.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import { composeRecords } from '../composition/records.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (log: Log): Omit<AbortPorts, 'remainingMs'> => {
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
    staging: new S3Staging(s3(), environment.stagingBucket),
  };
};
