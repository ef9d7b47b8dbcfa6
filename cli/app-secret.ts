import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ExpectedFailure } from '../tools/expected-failure.mjs';

/** What the connected (or external client) app is known by. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/**
 * Reads the credentials from the environment.
 *
 * @throws ExpectedFailure that names every variable that is missing
 */
export function readAppCredentials(env: NodeJS.ProcessEnv): AppCredentials {
  const missing: string[] = [];
  const read = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') missing.push(name);
    return value;
  };
  const credentials = {
    clientId: read('SALESFORCE_CLIENT_ID'),
    clientSecret: read('SALESFORCE_CLIENT_SECRET'),
    redirectUri: read('SALESFORCE_REDIRECT_URI'),
  };
  if (missing.length === 0) return credentials;
  throw new ExpectedFailure(
    `Set ${missing.join(', ')} to what the connected app shows, and run this again: see docs/setting-up-salesforce.md.`,
  );
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
