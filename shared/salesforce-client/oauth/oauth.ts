import type { TokenResponse } from '../../contracts/salesforce.ts';
import { checkedLogin, type OAuthClientOptions, requestToken } from './oauth-requests.ts';

/** How an app is known to Salesforce's authorisation server. */
export interface OAuthCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** The web-server flow with PKCE, and refresh. */
export interface WebServerFlow {
  /** Where to send the browser. */
  authorizeUrl(request: {
    /** A login host or a My Domain: `https://login.salesforce.com`. */
    readonly loginUrl: string;
    readonly state: string;
    /** SHA-256 of the code verifier, base64url. */
    readonly codeChallenge: string;
    readonly credentials: OAuthCredentials;
  }): string;
  exchangeCode(request: {
    readonly loginUrl: string;
    readonly code: string;
    readonly codeVerifier: string;
    readonly credentials: OAuthCredentials;
  }): Promise<TokenResponse>;
  /** The refresh token may be good for one use: store the new pair before you use it. */
  refresh(request: {
    readonly loginUrl: string;
    readonly refreshToken: string;
    readonly credentials: OAuthCredentials;
  }): Promise<TokenResponse>;
}

/** `api` for REST and Bulk API, `refresh_token` to receive one. */
const SCOPE = 'api refresh_token';

/**
 * Salesforce's authorisation server: web-server flow with PKCE, and refresh. No request is repeated.
 * The client secret goes into the body of requests to Salesforce's own or trusted origins, and nowhere else.
 */
export function makeWebServerFlow(options: OAuthClientOptions): WebServerFlow {
  return {
    authorizeUrl: ({ loginUrl, state, codeChallenge, credentials }) => {
      const url = new URL('/services/oauth2/authorize', checkedLogin(loginUrl, options));
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: credentials.clientId,
        redirect_uri: credentials.redirectUri,
        scope: SCOPE,
        state,
        code_challenge: codeChallenge,
        code_challenge_method: 'S256',
      }).toString();
      return url.href;
    },
    exchangeCode: ({ loginUrl, code, codeVerifier, credentials }) =>
      requestToken(options, loginUrl, 'exchange authorization code', {
        grant_type: 'authorization_code',
        code,
        code_verifier: codeVerifier,
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
        redirect_uri: credentials.redirectUri,
      }),
    refresh: ({ loginUrl, refreshToken, credentials }) =>
      requestToken(options, loginUrl, 'refresh token', {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: credentials.clientId,
        client_secret: credentials.clientSecret,
      }),
  };
}
