import { randomBytes } from 'node:crypto';
import { dynamoDb, secretsManager } from '../../shared/aws/clients.ts';
import { SecretsManagerAppSecrets } from '../../shared/aws/connections/app-secrets.ts';
import { DynamoAuthorizations } from '../../shared/aws/connections/authorizations.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readConfiguration } from '../../shared/runtime/configuration.ts';
import { makeWebServerFlow } from '../../shared/salesforce-client/oauth/oauth.ts';
import { makeHttpTransport } from '../../shared/salesforce-client/transport/http-transport.ts';
import type { BeginAuthorizationPorts } from '../../shared/use-cases/connections/begin-authorization.ts';
import { askingAgain } from './asking-again.ts';

/** Makes the function's ports from its environment, once. */
export const compose = (): BeginAuthorizationPorts => {
  const { connectionsTable, appSecretArn, signingSecretArn, trustedSalesforceOrigins } = readConfiguration([
    'connectionsTable',
    'appSecretArn',
    'signingSecretArn',
    'trustedSalesforceOrigins',
  ]);
  return {
    secrets: new SecretsManagerAppSecrets({ client: secretsManager(), appSecretArn, signingSecretArn }),
    authorizations: new DynamoAuthorizations({ client: dynamoDb(), name: connectionsTable }),
    oauth: askingAgain(
      makeWebServerFlow({ transport: makeHttpTransport().send, trustedOrigins: trustedSalesforceOrigins }),
    ),
    clock: systemClock,
    newSecret: () => randomBytes(32).toString('base64url'),
  };
};
