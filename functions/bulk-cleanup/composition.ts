import { SecretsManagerAppSecrets } from '../../shared/aws/app-secrets.ts';
import { DynamoBulkJobs } from '../../shared/aws/bulk-jobs.ts';
import { dynamoDb, eventBridge, kms, s3, secretsManager, sqs } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections.ts';
import { EventBridgeEvents } from '../../shared/aws/events.ts';
import { SqsHintQueue } from '../../shared/aws/hint-queue.ts';
import { DynamoMappingStates } from '../../shared/aws/mapping-states.ts';
import { S3Staging } from '../../shared/aws/staging.ts';
import { DynamoSyncStore } from '../../shared/aws/sync-store.ts';
import { KmsTokenVault } from '../../shared/aws/token-vault.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { makeHttpTransport } from '../../shared/salesforce/http-transport.ts';
import { makeOAuthClient } from '../../shared/salesforce/oauth.ts';
import { makeSalesforceOrgs } from '../../shared/salesforce/org.ts';
import { isSalesforceOrigin } from '../../shared/salesforce/origins.ts';
import { makeAccessTokens, withFreshTokens } from '../../shared/use-cases/access-tokens.ts';
import type { AbortPorts } from '../../shared/use-cases/bulk/abort.ts';

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
