import { dynamoDb, eventBridge, kms, secretsManager } from '../../shared/aws/clients.ts';
import { SecretsManagerAppSecrets } from '../../shared/aws/connections/app-secrets.ts';
import { DynamoAuthorizations } from '../../shared/aws/connections/authorizations.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { EventBridgeEvents } from '../../shared/aws/connections/events.ts';
import { KmsTokenVault } from '../../shared/aws/connections/token-vault.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { bundledSyncConfig } from '../../shared/runtime/sync-config.ts';
import { parseIdentityUrl, verifyIdentity } from '../../shared/salesforce-client/oauth/identity.ts';
import { makeWebServerFlow } from '../../shared/salesforce-client/oauth/oauth.ts';
import { makeTokenEndpoints } from '../../shared/salesforce-client/oauth/oauth-tokens.ts';
import { makeHttpTransport } from '../../shared/salesforce-client/transport/http-transport.ts';
import { isSalesforceOrigin } from '../../shared/salesforce-client/transport/origins.ts';
import type { CompleteAuthorizationPorts } from '../../shared/use-cases/connections/complete-authorization.ts';

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
  const transport = makeHttpTransport().send;
  const connectionsTable = { client: dynamoDb(), name: environment.connectionsTable };
  return {
    config: bundledSyncConfig(),
    secrets: new SecretsManagerAppSecrets({ client: secretsManager(), appSecretArn, signingSecretArn }),
    authorizations: new DynamoAuthorizations(connectionsTable),
    connections: new DynamoConnections(connectionsTable),
    mappingStates: new DynamoMappingStates({ client: dynamoDb(), name: environment.syncStateTable }),
    vault: new KmsTokenVault(kms(), environment.tokenKeyArn),
    oauth: makeWebServerFlow({ transport, trustedOrigins }),
    revoker: makeTokenEndpoints({ transport, trustedOrigins }),
    events: new EventBridgeEvents(eventBridge(), environment.eventBusName),
    clock: systemClock,
    isSignedBySalesforce: verifyIdentity,
    identityOf: parseIdentityUrl,
    isTrustedInstance: (instanceUrl) => isSalesforceOrigin(instanceUrl, trustedOrigins),
  };
};
