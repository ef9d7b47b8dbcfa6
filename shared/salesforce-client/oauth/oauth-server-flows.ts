import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import type { TokenResponse } from '../../contracts/salesforce.ts';
import { SalesforceAuthError } from '../errors/errors.ts';
import { isSalesforceOrigin, isSandboxHost, PRODUCTION_LOGIN, SANDBOX_LOGIN } from '../transport/origins.ts';
import { type OAuthClientOptions, requestToken } from './oauth-requests.ts';

/** Logins without a person and without a refresh token: when the session ends, log in again. */
export interface ServerFlows {
  /**
   * JWT bearer flow: proves by a certificate's private key that the app may act for a user. The app must hold the
   * certificate, and the user be pre-authorised for the app (else `invalid_grant`).
   *
   * @throws SalesforceAuthError `INVALID_PRIVATE_KEY` unless it is an RSA key of at least 2,048 bits
   */
  jwtBearer(request: {
    /** Where to send it: a login host, or the org's My Domain. */
    readonly loginUrl: string;
    /** The app's consumer key. */
    readonly clientId: string;
    /** Of the user to act for, such as `integration@acme.example`. */
    readonly username: string;
    /** PEM, PKCS #8 or PKCS #1. */
    readonly privateKey: string;
    /** @default the login host of that kind of org; for a trusted origin outside Salesforce, that origin */
    readonly audience?: string;
  }): Promise<TokenResponse>;
  /**
   * Client-credentials flow: the app acts for the one user that it is set to run as.
   *
   * @throws SalesforceAuthError `MY_DOMAIN_REQUIRED` for `login.` and `test.salesforce.com`, which know no org
   */
  clientCredentials(request: {
    /** The org's My Domain. */
    readonly loginUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  }): Promise<TokenResponse>;
  /** Refused: see the error's message. */
  usernamePassword(): never;
}

export interface ServerFlowOptions extends OAuthClientOptions {
  /** Milliseconds since 1970, as Salesforce counts them. @default Date.now */
  readonly nowMs?: () => number;
}

/**
 * How long an assertion is valid. Salesforce accepts at most three minutes by its own clock; two leave a minute for
 * the difference between the clocks.
 * @see Salesforce Help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration"
 */
const ASSERTION_SECONDS = 120;
const MIN_KEY_BITS = 2_048;

/** The logins of a server. No request is repeated. */
export function makeServerFlows(options: ServerFlowOptions): ServerFlows {
  const { nowMs = Date.now } = options;
  return {
    jwtBearer: async ({ loginUrl, clientId, username, privateKey, audience }) =>
      requestToken(options, loginUrl, 'log in by JWT', {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(readKey(privateKey), {
          iss: clientId,
          sub: username,
          aud: audience ?? audienceOf(loginUrl),
          exp: Math.floor(nowMs() / 1000) + ASSERTION_SECONDS,
        }),
      }),
    clientCredentials: async ({ loginUrl, clientId, clientSecret }) => {
      refuseLoginHost(loginUrl);
      return requestToken(options, loginUrl, 'log in by client credentials', {
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      });
    },
    usernamePassword: () => {
      throw new SalesforceAuthError({
        code: 'UNSUPPORTED_FLOW',
        next: { do: 'stop' },
        message:
          "The username-password flow is not offered: it stores a person's password, passes by multi-factor login " +
          'and is blocked in new orgs. Use the JWT bearer flow, the client-credentials flow, or let an admin authorise ' +
          'in the browser (web server flow).',
      });
    },
  };
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** Seconds since 1970. */
  readonly exp: number;
}

function assertion(key: KeyObject, claims: Claims): string {
  const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(claims)}`;
  return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The error for a key that cannot be read quotes nothing of it. */
function readKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The error below says so.
  }
  const bits = key?.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key?.asymmetricKeyType === 'rsa' && bits >= MIN_KEY_BITS) return key;
  throw new SalesforceAuthError({
    code: 'INVALID_PRIVATE_KEY',
    next: { do: 'stop' },
    message: `The JWT bearer flow needs an RSA private key in PEM of at least ${MIN_KEY_BITS} bits. Nothing was sent.`,
  });
}

/** The audience is the authorisation server: for a My Domain, the login host of its kind of org. */
function audienceOf(loginUrl: string): string {
  const url = URL.parse(loginUrl);
  // A host outside Salesforce is a trusted origin, or the request is refused.
  if (url === null || !isSalesforceOrigin(loginUrl, [])) return url?.origin ?? '';
  return isSandboxHost(url.hostname) ? SANDBOX_LOGIN : PRODUCTION_LOGIN;
}

function refuseLoginHost(loginUrl: string): void {
  const origin = URL.parse(loginUrl)?.origin;
  if (origin !== PRODUCTION_LOGIN && origin !== SANDBOX_LOGIN) return;
  throw new SalesforceAuthError({
    code: 'MY_DOMAIN_REQUIRED',
    next: { do: 'stop' },
    message:
      "The client-credentials flow works only at the org's My Domain, such as https://acme.my.salesforce.com: the " +
      'common login hosts do not know which org is meant. Nothing was sent.',
  });
}
