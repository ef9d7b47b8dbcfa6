import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../shared/contracts/clock.ts';
import { makeWebServerFlow } from '../../shared/salesforce-client/oauth/oauth.ts';
import { makeTokenEndpoints } from '../../shared/salesforce-client/oauth/oauth-tokens.ts';
import {
  type SalesforceRequest,
  type SalesforceResponse,
  TransportFailure,
} from '../../shared/salesforce-client/transport/transport.ts';
import type { AppCredentials, OAuthClient, TokenRevoker } from '../../shared/use-cases/ports/oauth-client.ts';
import { InMemoryAppSecrets } from './app-secrets.ts';

const IDENTITY = 'https://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA';

/** One approval of the app, with every token that came of it. */
interface TokenFamily {
  /** The one that is good now. */
  refreshToken: string;
  accessToken: string;
  isRevoked: boolean;
  isRefreshing: boolean;
}

/** What the server answers. */
interface Answer {
  readonly status: number;
  readonly json?: unknown;
}

/**
 * Salesforce's authorisation server, in memory, behind the product's own client: that makes the requests and reads the
 * answers, so nothing comes from here that it would not give.
 *
 * One approval is there from the start. With rotation each refresh token is good for one use; using an old one is
 * taken for theft and revokes all that came of the approval.
 */
export class InMemoryAuthorizationServer implements OAuthClient, TokenRevoker {
  readonly authorizeUrl: OAuthClient['authorizeUrl'];
  readonly exchangeCode: OAuthClient['exchangeCode'];
  readonly refresh: OAuthClient['refresh'];
  readonly revoke: TokenRevoker['revoke'];
  /** Requests that arrived, whatever became of them. */
  requests = 0;
  refreshes = 0;
  /** Refresh tokens that came again after their one use. */
  reuses = 0;
  instanceUrl = 'https://acme.my.salesforce.com';
  /** Without rotation the refresh token stays, and the answer has none. */
  rotates = true;
  /** How long an answer takes. */
  answerMs = 300;
  /** Answers that get lost on the way back. */
  lostAnswers = 0;
  /** Every request is answered with 503. */
  isUnavailable = false;
  /** The `error` with which every request is refused. */
  refusal: string | undefined;
  readonly #clock: Clock;
  readonly #app: AppCredentials | undefined;
  readonly #codes = new Map<string, { readonly codeChallenge: string; isUsed: boolean }>();
  readonly #byRefreshToken = new Map<string, TokenFamily>();
  readonly #bySession = new Map<string, TokenFamily>();
  #latest: TokenFamily;
  #number = 0;

  /** @param app - the one app that it knows */
  constructor(clock: Clock, app = new InMemoryAppSecrets().appCredentials) {
    this.#clock = clock;
    this.#app = app;
    const options = { transport: (request: SalesforceRequest) => this.#send(request) };
    ({
      authorizeUrl: this.authorizeUrl,
      exchangeCode: this.exchangeCode,
      refresh: this.refresh,
    } = makeWebServerFlow(options));
    this.revoke = makeTokenEndpoints(options).revoke;
    this.#latest = this.#grant();
  }

  /** The tokens of the latest approval, whoever has them. */
  get current(): { readonly accessToken: string; readonly refreshToken: string } {
    const { accessToken, refreshToken } = this.#latest;
    return { accessToken, refreshToken };
  }

  isValid(accessToken: string): boolean {
    return this.#bySession.get(accessToken)?.isRevoked === false;
  }

  /** A person allows the app at this address; returns the code that their browser brings back. */
  allow(authorizeUrl: string): string {
    this.#number += 1;
    const code = `code-${this.#number}==`;
    const codeChallenge = new URL(authorizeUrl).searchParams.get('code_challenge') ?? '';
    this.#codes.set(code, { codeChallenge, isUsed: false });
    return code;
  }

  /** An admin of the org ends every approval. */
  revokeAll(): void {
    for (const family of this.#byRefreshToken.values()) family.isRevoked = true;
  }

  async #send({ url, body }: SalesforceRequest): Promise<SalesforceResponse> {
    this.requests += 1;
    const form = new URLSearchParams(String(body));
    const isRevocation = new URL(url).pathname === '/services/oauth2/revoke';
    const answer = isRevocation ? this.#endToken(form) : await this.#giveTokens(form);
    if (this.lostAnswers > 0 && answer.status === 200) {
      this.lostAnswers -= 1;
      throw new TransportFailure('connection', true);
    }
    return { status: answer.status, headers: {}, body: bytesOf(answer.json) };
  }

  async #giveTokens(form: URLSearchParams): Promise<Answer> {
    const refused = this.#refusedAtOnce() ?? this.#checkApp(form);
    if (refused) return refused;
    return form.get('grant_type') === 'refresh_token' ? this.#refreshed(form) : this.#redeemed(form);
  }

  async #redeemed(form: URLSearchParams): Promise<Answer> {
    const code = this.#codes.get(form.get('code') ?? '');
    if (!code || code.isUsed) return invalidGrant('invalid authorization code');
    code.isUsed = true;
    await this.#clock.sleep(this.answerMs);
    if (form.get('redirect_uri') !== this.#app?.redirectUri) return refusedAs('redirect_uri_mismatch');
    const verifier = form.get('code_verifier') ?? '';
    if (createHash('sha256').update(verifier).digest('base64url') !== code.codeChallenge)
      return invalidGrant('invalid code verifier');
    this.#latest = this.#grant();
    return this.#tokens(this.#latest, true);
  }

  async #refreshed(form: URLSearchParams): Promise<Answer> {
    const refreshToken = form.get('refresh_token') ?? '';
    const family = this.#byRefreshToken.get(refreshToken);
    if (family && family.refreshToken !== refreshToken) {
      this.reuses += 1;
      family.isRevoked = true;
    }
    if (!family || family.isRevoked) return invalidGrant('expired access/refresh token');
    if (family.isRefreshing) return invalidGrant('token request is already being processed');
    family.isRefreshing = true;
    await this.#clock.sleep(this.answerMs);
    family.isRefreshing = false;
    this.refreshes += 1;
    this.#renew(family, this.rotates);
    return this.#tokens(family, this.rotates);
  }

  #endToken(form: URLSearchParams): Answer {
    const refused = this.#refusedAtOnce();
    if (refused) return refused;
    const token = form.get('token') ?? '';
    const family = this.#byRefreshToken.get(token);
    if (family?.refreshToken === token && !family.isRevoked) {
      family.isRevoked = true;
      return { status: 200 };
    }
    return this.#bySession.delete(token) ? { status: 200 } : refusedAs('invalid_token');
  }

  #refusedAtOnce(): Answer | undefined {
    if (this.isUnavailable) return { status: 503 };
    return this.refusal === undefined ? undefined : refusedAs(this.refusal);
  }

  #checkApp(form: URLSearchParams): Answer | undefined {
    if (form.get('client_id') !== this.#app?.clientId) return refusedAs('invalid_client_id');
    return form.get('client_secret') === this.#app.clientSecret ? undefined : refusedAs('invalid_client');
  }

  #grant(): TokenFamily {
    const family = { refreshToken: '', accessToken: '', isRevoked: false, isRefreshing: false };
    this.#renew(family, true);
    return family;
  }

  #renew(family: TokenFamily, isRotated: boolean): void {
    this.#number += 1;
    family.accessToken = `access-${this.#number}`;
    this.#bySession.set(family.accessToken, family);
    if (!isRotated) return;
    family.refreshToken = `refresh-${this.#number}`;
    this.#byRefreshToken.set(family.refreshToken, family);
  }

  #tokens({ accessToken, refreshToken }: TokenFamily, isRotated: boolean): Answer {
    const issuedAt = String(this.#clock.nowMs());
    const signature = createHmac('sha256', this.#app?.clientSecret ?? '')
      .update(IDENTITY + issuedAt)
      .digest('base64');
    const json = {
      access_token: accessToken,
      ...(isRotated && { refresh_token: refreshToken }),
      instance_url: this.instanceUrl,
      id: IDENTITY,
      issued_at: issuedAt,
      signature,
      scope: 'api refresh_token',
      token_type: 'Bearer',
    };
    return { status: 200, json };
  }
}

const refusedAs = (error: string, description = error): Answer => ({
  status: 400,
  json: { error, error_description: description },
});

const invalidGrant = (description: string): Answer => refusedAs('invalid_grant', description);

async function* bytesOf(json: unknown): AsyncGenerator<Uint8Array> {
  if (json !== undefined) yield new TextEncoder().encode(JSON.stringify(json));
}
