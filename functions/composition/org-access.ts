import { dynamoDb, eventBridge, kms, secretsManager } from '../../shared/aws/clients.ts';
import { SecretsManagerAppSecrets } from '../../shared/aws/connections/app-secrets.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { EventBridgeEvents } from '../../shared/aws/connections/events.ts';
import { KmsTokenVault } from '../../shared/aws/connections/token-vault.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import type { Configuration } from '../../shared/runtime/configuration.ts';
import { randomIds } from '../../shared/runtime/ids.ts';
import { makeSalesforceOrgs } from '../../shared/salesforce/org.ts';
import { makeWebServerFlow } from '../../shared/salesforce-client/oauth/oauth.ts';
import {
  type HttpTransportOptions,
  makeHttpTransport,
} from '../../shared/salesforce-client/transport/http-transport.ts';
import { isSalesforceOrigin } from '../../shared/salesforce-client/transport/origins.ts';
import {
  type AccessTokensPorts,
  makeAccessTokens,
  withFreshTokens,
} from '../../shared/use-cases/connections/access-tokens.ts';

/** What a function reads from its environment to reach the tenants' orgs. */
type OrgAccessConfiguration = Configuration<
  'connectionsTable' | 'tokenKeyArn' | 'appSecretArn' | 'eventBusName' | 'trustedSalesforceOrigins'
>;

/**
 * The connections, the orgs behind them with tokens that refresh themselves (by `refresh`), and the bus that is told of
 * what a person has to do: for every function that calls Salesforce.
 */
export const composeOrgAccess = (
  environment: OrgAccessConfiguration,
  requests: Pick<HttpTransportOptions, 'timeoutMs'> = {},
) => {
  const { appSecretArn, trustedSalesforceOrigins: trustedOrigins } = environment;
  const connections = new DynamoConnections({ client: dynamoDb(), name: environment.connectionsTable });
  const transport = makeHttpTransport(requests).send;
  const events = new EventBridgeEvents(eventBridge(), environment.eventBusName);
  const refresh: AccessTokensPorts = {
    connections,
    vault: new KmsTokenVault(kms(), environment.tokenKeyArn),
    secrets: new SecretsManagerAppSecrets({ client: secretsManager(), appSecretArn }),
    oauth: makeWebServerFlow({ transport, trustedOrigins }),
    events,
    clock: systemClock,
    ids: randomIds,
    isTrustedInstance: (instanceUrl) => isSalesforceOrigin(instanceUrl, trustedOrigins),
  };
  const tokens = makeAccessTokens(refresh);
  const orgs = makeSalesforceOrgs({ transport, tokens, clock: systemClock, trustedOrigins });
  return { connections, orgs: withFreshTokens(orgs, tokens), events, refresh };
};
