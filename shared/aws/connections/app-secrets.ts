import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod/mini';
import { ConfigurationError } from '../../contracts/configuration-error.ts';
import { must } from '../../sync/assert.ts';
import type { AppCredentials, AppSecrets } from '../../use-cases/ports/oauth-client.ts';
import { attempt } from '../errors.ts';

/** Long enough that warm functions ask rarely, short enough that a new secret is in use soon. */
const CACHE_MS = 5 * 60_000;

const filled = z.string().check(z.minLength(1));
const credentials = z.object({ clientId: filled, clientSecret: filled, redirectUri: filled });

export interface AppSecretsOptions {
  readonly client: SecretsManagerClient;
  readonly appSecretArn: string;
  /** Only for functions that sign or verify; the others may not read it. */
  readonly signingSecretArn?: string;
  /** Epoch milliseconds. @default the machine's clock */
  readonly nowMs?: () => number;
}

/** The connected app's credentials and the signing key, from Secrets Manager. */
export class SecretsManagerAppSecrets implements AppSecrets {
  readonly #client: SecretsManagerClient;
  readonly #appSecretArn: string;
  readonly #signingSecretArn: string | undefined;
  readonly #nowMs: () => number;
  readonly #cached = new Map<string, { readonly text: Promise<string>; readonly until: number }>();

  constructor(options: AppSecretsOptions) {
    this.#client = options.client;
    this.#appSecretArn = options.appSecretArn;
    this.#signingSecretArn = options.signingSecretArn;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  async credentials(): Promise<AppCredentials> {
    const parsed = parse(await this.#text(this.#appSecretArn));
    if (parsed) return parsed;
    // Not cached: once somebody fills the secret, the next call finds it.
    this.#cached.delete(this.#appSecretArn);
    throw new ConfigurationError(
      'APP_SECRET_UNFILLED',
      "The secret with the connected app's credentials is not filled: set SALESFORCE_CLIENT_ID, " +
        'SALESFORCE_CLIENT_SECRET and SALESFORCE_REDIRECT_URI and run `npm run configure`.',
    );
  }

  async signingKey(): Promise<string> {
    const secretArn = must(this.#signingSecretArn, 'this function does not sign');
    const key = await this.#text(secretArn);
    if (key !== '') return key;
    this.#cached.delete(secretArn);
    throw new ConfigurationError(
      'SIGNING_SECRET_EMPTY',
      'The signing secret is empty: deploy the stack again.',
    );
  }

  /** Callers at the same time share one request; a failed one is not kept. */
  #text(secretArn: string): Promise<string> {
    const known = this.#cached.get(secretArn);
    if (known && this.#nowMs() < known.until) return known.text;
    const text = this.#fetch(secretArn);
    this.#cached.set(secretArn, { text, until: this.#nowMs() + CACHE_MS });
    text.catch(() => this.#cached.delete(secretArn));
    return text;
  }

  /** Secrets Manager reports a secret that has no value yet as not found. */
  async #fetch(secretArn: string): Promise<string> {
    return attempt('reading a secret', async () => {
      try {
        const { SecretString } = await this.#client.send(new GetSecretValueCommand({ SecretId: secretArn }));
        return SecretString ?? '';
      } catch (error) {
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return '';
        throw error;
      }
    });
  }
}

const parse = (text: string): AppCredentials | undefined => {
  try {
    const parsed = credentials.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: the secret has not been configured yet.
    return undefined;
  }
};
