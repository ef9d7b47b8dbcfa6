import * as z from 'zod/mini';
import { TOKEN_REQUEST_TIMEOUT_MS } from '../contracts/lifetimes.ts';
import type { Next, SyncError } from '../contracts/next.ts';
import type { OAuthClient, TokenResponse } from '../use-cases/ports/oauth-client.ts';
import { buffered, MAX_JSON_BYTES, readText } from './bodies.ts';
import {
  SalesforceApiError,
  SalesforceAuthError,
  SalesforceRateLimitError,
  unexpectedResponse,
} from './errors.ts';
import { isSalesforceOrigin } from './origins.ts';
import { BodyTooLarge, type SalesforceResponse, type Transport, TransportFailure } from './transport.ts';

export interface OAuthClientOptions {
  readonly transport: Transport;
  /** Origins beside Salesforce's own that may get the client secret, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** @default TOKEN_REQUEST_TIMEOUT_MS */
  readonly timeoutMs?: number;
}

/** `api` to call, `refresh_token` to be given one. */
const SCOPE = 'api refresh_token';

const OUTAGE_PAUSE_MS = 5_000;
/** Salesforce counts logins by the hour. */
const LOGIN_RATE_PAUSE_MS = 60_000;

/** A token travels in a header: printable characters without spaces. */
const token = z.string().check(z.regex(/^[\x21-\x7e]{1,16000}$/));
const tokenBody = z.object({
  access_token: token,
  refresh_token: z.optional(token),
  instance_url: z.string(),
  id: z.string(),
  issued_at: z.optional(z.string()),
  signature: z.optional(z.string()),
  scope: z.optional(z.string()),
});
const errorBody = z.object({ error: z.string(), error_description: z.optional(z.string()) });

/** What only a person in the org can mend: authorising again, or an admin's decision before it. */
const NEEDS_A_PERSON = new Set([
  'invalid_grant',
  'inactive_user',
  'inactive_org',
  'access_denied',
  'invalid_app_access',
  'oauth_app_blocked',
  'oauth_app_access_denied',
]);

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

async function requestToken(
  options: OAuthClientOptions,
  loginUrl: string,
  operation: string,
  form: Readonly<Record<string, string>>,
): Promise<TokenResponse> {
  const url = new URL('/services/oauth2/token', checkedLogin(loginUrl, options)).href;
  let response: SalesforceResponse;
  try {
    response = await buffered(
      await options.transport({
        method: 'POST',
        url,
        operation,
        isRepeatable: false,
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
        timeoutMs: options.timeoutMs ?? TOKEN_REQUEST_TIMEOUT_MS,
      }),
    );
  } catch (error) {
    if (error instanceof TransportFailure || error instanceof BodyTooLarge)
      throw outage(operation, undefined, error);
    throw error;
  }
  const json = await readJsonIfAny(response);
  if (response.status !== 200)
    throw refusal(operation, response.status, json, form.grant_type === 'refresh_token');
  return toTokenResponse(operation, json);
}

function toTokenResponse(operation: string, json: unknown): TokenResponse {
  const parsed = tokenBody.safeParse(json);
  // A page with status 200, such as a maintenance notice: nothing was issued.
  if (json === undefined) throw outage(operation, 200);
  if (!parsed.success) {
    throw unexpectedResponse(
      operation,
      `${parsed.error.issues[0]?.path.join('.') || 'its body'} is not as documented`,
    );
  }
  const { data } = parsed;
  // Whether that host may be used is the caller's to decide, after a rotated pair is safely stored: the old is spent.
  return {
    accessToken: data.access_token,
    instanceUrl: URL.canParse(data.instance_url) ? new URL(data.instance_url).origin : data.instance_url,
    id: data.id,
    ...(data.refresh_token === undefined ? {} : { refreshToken: data.refresh_token }),
    ...(data.issued_at === undefined ? {} : { issuedAt: data.issued_at }),
    ...(data.signature === undefined ? {} : { signature: data.signature }),
    ...(data.scope === undefined ? {} : { scope: data.scope }),
  };
}

/** Outages and pages that are no JSON never mean that a connection is dead. */
function refusal(operation: string, status: number, json: unknown, isRefresh: boolean): SyncError {
  const parsed = errorBody.safeParse(json);
  if (!parsed.success || status >= 500) return outage(operation, status);
  const { error, error_description: detail = '' } = parsed.data;
  const isPlain = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(error);
  const code =
    isRefresh && isBeingRefreshed(detail) ? 'refresh_in_progress' : isPlain ? error : 'unexpected_error';
  const facts = { code, status, detail, message: sentence(operation, code, detail) };
  if (code === 'rate_limit_exceeded') {
    return new SalesforceRateLimitError({ ...facts, next: { do: 'retry', afterMs: LOGIN_RATE_PAUSE_MS } });
  }
  if (code === 'server_error' || code === 'temporarily_unavailable') return outage(operation, status);
  return new SalesforceAuthError({ ...facts, next: nextOfCode(code) });
}

function nextOfCode(code: string): Next {
  if (code === 'refresh_in_progress') return { do: 'reread' };
  return { do: NEEDS_A_PERSON.has(code.toLowerCase().replaceAll('-', '_')) ? 'reauthorize' : 'stop' };
}

/**
 * Two refreshes of one token at once: the second is refused, and the first may well have succeeded. Since August 2024
 * the platform says so, for some weeks in other words, which make no sense of a refresh otherwise.
 * @see Salesforce release notes, "Simultaneous Token Requests Are Blocked During the Refresh Token Flow"
 */
const isBeingRefreshed = (description: string): boolean =>
  /^(?:token request is already being processed|expired authorization code)\.?$/i.test(description.trim());

/** Descriptions are a closed list of the platform's sentences: they hold no secret, and support asks for them. */
const sentence = (operation: string, code: string, detail: string): string =>
  `Salesforce refused to ${operation}: ${code}${detail === '' ? '' : ` (${printable(detail)})`}.`;

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 200);

const outage = (operation: string, status: number | undefined, cause?: unknown): SalesforceApiError =>
  new SalesforceApiError({
    code: 'UNAVAILABLE',
    next: { do: 'retry', afterMs: OUTAGE_PAUSE_MS },
    message: `Salesforce's login did not answer to ${operation}${status === undefined ? '' : ` (${status})`}.`,
    ...(status === undefined ? {} : { status }),
    cause,
  });

function checkedLogin(loginUrl: string, options: OAuthClientOptions): string {
  if (isSalesforceOrigin(loginUrl, options.trustedOrigins ?? [])) return loginUrl;
  throw new SalesforceAuthError({
    code: 'untrusted_login_url',
    next: { do: 'stop' },
    message: "The login address is neither Salesforce's nor a trusted origin. Nothing was sent.",
  });
}

async function readJsonIfAny(response: SalesforceResponse): Promise<unknown> {
  try {
    return JSON.parse(await readText(response.body, MAX_JSON_BYTES));
  } catch {
    return undefined;
  }
}
