import { ConfigurationError } from '../../shared/contracts/configuration-error.ts';
import type { AppCredentials, AppSecrets } from '../../shared/use-cases/ports/oauth-client.ts';

/** The two secrets in memory; `undefined` credentials are a secret that nobody has filled yet. */
export class InMemoryAppSecrets implements AppSecrets {
  appCredentials: AppCredentials | undefined;
  readonly #signingKey: string;

  constructor(
    appCredentials: AppCredentials | undefined = {
      clientId: 'test-client-id',
      clientSecret: 'test-client-secret',
      redirectUri: 'https://sync.example.test/oauth/callback',
    },
    signingKey = 'test-signing-key',
  ) {
    this.appCredentials = appCredentials;
    this.#signingKey = signingKey;
  }

  async credentials(): Promise<AppCredentials> {
    if (this.appCredentials) return this.appCredentials;
    throw new ConfigurationError('APP_SECRET_UNFILLED', 'the app secret is empty: run `npm run configure`');
  }

  async signingKey(): Promise<string> {
    return this.#signingKey;
  }
}
