import { SecretsManagerAppSecrets } from '../../shared/aws/app-secrets.ts';
import { dynamoDb, eventBridge, kms, secretsManager } from '../../shared/aws/clients.ts';
import { DynamoConnections } from '../../shared/aws/connections.ts';
import { EventBridgeEvents } from '../../shared/aws/events.ts';
import { KmsTokenVault } from '../../shared/aws/token-vault.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import type { Configuration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { makeHttpTransport } from '../../shared/salesforce/http-transport.ts';
import { makeOAuthClient } from '../../shared/salesforce/oauth.ts';
import { makeSalesforceOrgs } from '../../shared/salesforce/org.ts';
import { isSalesforceOrigin } from '../../shared/salesforce/origins.ts';
import { makeAccessTokens, withFreshTokens } from '../../shared/use-cases/access-tokens.ts';

/** What a function reads from its environment to reach the tenants' orgs. */
type OrgAccessConfiguration = Configuration<
  'connectionsTable' | 'tokenKeyArn' | 'appSecretArn' | 'eventBusName' | 'trustedSalesforceOrigins'
>;

/** The connections, and the orgs behind them with tokens that refresh themselves: for every function that calls Salesforce. */
export const composeOrgAccess = (environment: OrgAccessConfiguration) => {
  const { appSecretArn, trustedSalesforceOrigins: trustedOrigins } = environment;
  const connections = new DynamoConnections({ client: dynamoDb(), name: environment.connectionsTable });
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
  const orgs = makeSalesforceOrgs({ transport, tokens, clock: systemClock, trustedOrigins });
  return { connections, orgs: withFreshTokens(orgs, tokens) };
};
