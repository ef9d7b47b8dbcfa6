import { SecretsManagerAppSecrets } from '../../shared/aws/app-secrets.ts';
import { StepFunctionsBulkExecutions } from '../../shared/aws/bulk-executions.ts';
import { DynamoBulkJobs } from '../../shared/aws/bulk-jobs.ts';
import {
  dynamoDb,
  eventBridge,
  kms,
  s3,
  secretsManager,
  sqs,
  stepFunctions,
} from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections.ts';
import { DynamoDirtyKeys } from '../../shared/aws/dirty-keys.ts';
import { EventBridgeEvents } from '../../shared/aws/events.ts';
import { SqsHintQueue } from '../../shared/aws/hint-queue.ts';
import { DynamoJournal } from '../../shared/aws/journal.ts';
import { DynamoMappingStates } from '../../shared/aws/mapping-states.ts';
import { S3Staging } from '../../shared/aws/staging.ts';
import { DynamoSyncStore } from '../../shared/aws/sync-store.ts';
import { KmsTokenVault } from '../../shared/aws/token-vault.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { readCsv, writeCsv } from '../../shared/salesforce/csv.ts';
import { makeHttpTransport } from '../../shared/salesforce/http-transport.ts';
import { makeOAuthClient } from '../../shared/salesforce/oauth.ts';
import { makeSalesforceOrgs } from '../../shared/salesforce/org.ts';
import { isSalesforceOrigin } from '../../shared/salesforce/origins.ts';
import { makeAccessTokens, withFreshTokens } from '../../shared/use-cases/access-tokens.ts';
import type { BulkPorts } from '../../shared/use-cases/bulk/ports.ts';

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
  const { appSecretArn, trustedSalesforceOrigins: trustedOrigins } = environment;
  const connections = new DynamoConnections({ client: dynamoDb(), name: environment.connectionsTable });
  const syncState = { client: dynamoDb(), name: environment.syncStateTable };
  const transport = makeHttpTransport().send;
  const tokens = makeAccessTokens({
    connections,
    vault: new KmsTokenVault(kms(), environment.tokenKeyArn),
    secrets: new SecretsManagerAppSecrets({ client: secretsManager(), appSecretArn }),
    oauth: makeOAuthClient({ transport, trustedOrigins }),
    events: new EventBridgeEvents(eventBridge(), environment.eventBusName),
    clock: systemClock,
    ids: randomIds,
    isTrustedInstance: (instanceUrl) => isSalesforceOrigin(instanceUrl, trustedOrigins),
  });
  return {
    config: bundledSyncConfig(),
    connections,
    mappingStates: new DynamoMappingStates(syncState),
    orgs: withFreshTokens(
      makeSalesforceOrgs({ transport, tokens, clock: systemClock, trustedOrigins }),
      tokens,
    ),
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
