import type { OAuthClient } from '../../use-cases/ports/oauth-client.ts';
import { checkedLogin, type OAuthClientOptions, requestToken } from './oauth-requests.ts';

/** `api` to call, `refresh_token` to be given one. */
const SCOPE = 'api refresh_token';

/**
 * Salesforce's authorisation server: web-server flow with PKCE, and refresh. Each request is sent once.
 * The client secret goes into the body of requests to Salesforce's own or trusted origins, and nowhere else.
 */
export function makeOAuthClient(options: OAuthClientOptions): OAuthClient {
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
