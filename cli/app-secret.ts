import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** What the connected (or external client) app is known by. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Fills the stack's secret. The values go nowhere else: into no template, no log, no command line. */
export async function fillAppSecret(
  client: SecretsManagerClient,
  secretArn: string,
  credentials: AppCredentials,
): Promise<void> {
  await client.send(
    new PutSecretValueCommand({ SecretId: secretArn, SecretString: JSON.stringify(credentials) }),
  );
}
