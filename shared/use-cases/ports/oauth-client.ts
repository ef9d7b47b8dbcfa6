import type { TokenResponse } from '../../contracts/salesforce.ts';

/** The connected app's credentials, from the secret. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Throws `ConfigurationError` with what to do while the secret has not been filled. */
export interface AppSecrets {
  credentials(): Promise<AppCredentials>;
  /** Signs tickets and derives verifiers; made with the stack. */
  signingKey(): Promise<string>;
}

/**
 * Salesforce's authorisation server. Throws `SalesforceAuthError` whose `code` is the server's own `error`
 * (`invalid_grant`, ...) and whose `next` is `reauthorize` or `stop`; transport trouble and 5xx are
 * `SalesforceApiError` with `retry`. Neither call is ever repeated inside.
 */
export interface OAuthClient {
  /** Where to send the browser. */
  authorizeUrl(request: {
    readonly loginUrl: string;
    readonly state: string;
    readonly codeChallenge: string;
    readonly credentials: AppCredentials;
  }): string;
  exchangeCode(request: {
    readonly loginUrl: string;
    readonly code: string;
    readonly codeVerifier: string;
    readonly credentials: AppCredentials;
  }): Promise<TokenResponse>;
  refresh(request: {
    readonly loginUrl: string;
    readonly refreshToken: string;
    readonly credentials: AppCredentials;
  }): Promise<TokenResponse>;
}

/** Ends tokens at Salesforce. Throws as `OAuthClient` does; a token that is gone already is as good as revoked. */
export interface TokenRevoker {
  /** A refresh token goes with all sessions that came of it. Sent once. */
  revoke(request: { readonly loginUrl: string; readonly token: string }): Promise<void>;
}
