import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk/bulk-executions.ts';
import { S3Staging } from '../../shared/aws/bulk/staging.ts';
import { dynamoDb, s3, stepFunctions } from '../../shared/aws/clients.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { BULK_LINK_LEASE_MS, BULK_REQUEST_TIMEOUT_MS } from '../../shared/contracts/lifetimes.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { readCsv, writeCsv } from '../../shared/salesforce-client/csv/csv.ts';
import type { BulkPorts } from '../../shared/use-cases/bulk/ports.ts';
import { composeOrgAccess } from '../composition/org-access.ts';
import { composeRecords } from '../composition/records.ts';

/** Steps only start pushes; a load is started by whoever finds it due. */
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
  return {
    ...composeRecords(environment),
    ...composeOrgAccess(environment, { timeoutMs: BULK_REQUEST_TIMEOUT_MS }),
    linkLeaseMs: BULK_LINK_LEASE_MS,
    // It counts calls, and takes no turn.
    slots: new DynamoOrgSlots({ client: dynamoDb(), name: environment.syncStateTable }, 0),
    staging: new S3Staging(s3(), environment.stagingBucket),
    executions: new StepFunctionsBulkExecutions(stepFunctions(), {
      load: NO_LOADS,
      push: environment.pushStateMachineArn,
    }),
    csv: { read: readCsv, write: writeCsv },
  };
};
