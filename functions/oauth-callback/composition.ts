import { SecretsManagerAppSecrets } from '../../shared/aws/app-secrets.ts';
import { DynamoAuthorizations } from '../../shared/aws/authorizations.ts';
import { dynamoDb, eventBridge, kms, secretsManager } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections.ts';
import { EventBridgeEvents } from '../../shared/aws/events.ts';
import { DynamoMappingStates } from '../../shared/aws/mapping-states.ts';
import { KmsTokenVault } from '../../shared/aws/token-vault.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { makeHttpTransport } from '../../shared/salesforce/http-transport.ts';
import { parseIdentityUrl, verifyIdentity } from '../../shared/salesforce/identity.ts';
import { makeOAuthClient } from '../../shared/salesforce/oauth.ts';
import { isSalesforceOrigin } from '../../shared/salesforce/origins.ts';
import type { CompleteAuthorizationPorts } from '../../shared/use-cases/complete-authorization.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): CompleteAuthorizationPorts => {
  const environment = readConfiguration([
    'connectionsTable',
    'syncStateTable',
    'tokenKeyArn',
    'appSecretArn',
    'signingSecretArn',
    'trustedSalesforceOrigins',
    'eventBusName',
  ]);
  const { appSecretArn, signingSecretArn, trustedSalesforceOrigins: trustedOrigins } = environment;
  const connectionsTable = { client: dynamoDb(), name: environment.connectionsTable };
  return {
    config: bundledSyncConfig(),
    secrets: new SecretsManagerAppSecrets({ client: secretsManager(), appSecretArn, signingSecretArn }),
    authorizations: new DynamoAuthorizations(connectionsTable),
    connections: new DynamoConnections(connectionsTable),
    mappingStates: new DynamoMappingStates({ client: dynamoDb(), name: environment.syncStateTable }),
    vault: new KmsTokenVault(kms(), environment.tokenKeyArn),
    oauth: makeOAuthClient({ transport: makeHttpTransport().send, trustedOrigins }),
    events: new EventBridgeEvents(eventBridge(), environment.eventBusName),
    clock: systemClock,
    isSignedBySalesforce: verifyIdentity,
    identityOf: parseIdentityUrl,
    isTrustedInstance: (instanceUrl) => isSalesforceOrigin(instanceUrl, trustedOrigins),
  };
};
