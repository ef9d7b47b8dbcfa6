import * as z from 'zod/mini';
import type { Next, SyncError } from '../../contracts/next.ts';
import { SalesforceApiError, SalesforceAuthError, SalesforceRateLimitError } from '../errors/errors.ts';
import { isTokenFree, withoutTokens } from '../errors/redaction.ts';

/** What follows from a refusal of the authorisation server. */
export interface LoginRefusal {
  /** `outage` and `login-rate` pass by themselves. */
  readonly next: 'reauthorize' | 'stop' | 'outage' | 'login-rate';
  /** What it means and what helps, for the person who reads the code in a log. */
  readonly means: string;
}

const person = (means: string): LoginRefusal => ({ next: 'reauthorize', means });
const stop = (means: string): LoginRefusal => ({ next: 'stop', means });

/** The catalogue of `error` values; compare them by `plainLoginCode`. Others are `stop`. */
export const LOGIN_REFUSALS: Readonly<Record<string, LoginRefusal>> = {
  invalid_grant: person(
    'The grant was revoked, has expired or was replaced, or a policy of the org refuses it: the text says which. Authorise again.',
  ),
  inactive_user: person('The integration user is inactive: an admin activates it, then authorise again.'),
  inactive_org: person('The org is locked, closed or suspended.'),
  access_denied: person('The person who was asked refused: ask again.'),
  invalid_app_access: person(
    'The user may not use the app: an admin gives it to their profile or permission set.',
  ),
  OAUTH_APP_BLOCKED: person('An admin of the org has blocked the app.'),
  OAUTH_APP_ACCESS_DENIED: person('The app is not pre-authorised for this user: ask an admin of the org.'),
  invalid_client_id: stop(
    'Salesforce does not know the app: check the client id. A new app takes some minutes.',
  ),
  invalid_client: stop('The client secret is wrong: store the current one.'),
  invalid_client_credentials: stop('The client secret is wrong: store the current one.'),
  redirect_uri_mismatch: stop("The callback address is not one of the app's: register exactly this one."),
  unsupported_grant_type: stop('The app or the org does not allow this flow.'),
  unsupported_response_type: stop('The app or the org does not allow this flow.'),
  unsupported_token_type: stop('The endpoint does not accept this kind of token.'),
  invalid_token: stop('The token was revoked, or has expired.'),
  invalid_request: stop('The request lacks a parameter, or its PKCE verifier does not fit.'),
  invalid_scope: stop('The app lacks a scope: it needs api and refresh_token.'),
  unauthorized_client: stop('The app may not use this flow.'),
  server_error: { next: 'outage', means: 'The authorisation server failed.' },
  temporarily_unavailable: {
    next: 'outage',
    means: 'The authorisation server is overloaded or in maintenance.',
  },
  unknown_error: { next: 'outage', means: 'The authorisation server failed, and asks to try again.' },
  rate_limit_exceeded: { next: 'login-rate', means: 'Too many logins of this user within the hour.' },
};

const plainLoginCode = (code: string): string => code.toLowerCase().replaceAll('-', '_');
const BY_PLAIN_CODE: ReadonlyMap<string, LoginRefusal> = new Map(
  Object.entries(LOGIN_REFUSALS).map(([code, entry]) => [plainLoginCode(code), entry]),
);
/** The catalogue's entry for an `error`. Salesforce Help writes some with hyphens. */
const loginRefusalOf = (code: string): LoginRefusal | undefined => BY_PLAIN_CODE.get(plainLoginCode(code));

const OUTAGE_PAUSE_MS = 5_000;
/** Salesforce counts logins by the hour. */
const LOGIN_RATE_PAUSE_MS = 60_000;

const errorBody = z.object({ error: z.string(), error_description: z.optional(z.string()) });

/** A request to the authorisation server. */
export interface LoginAttempt {
  /** What it does, in words for messages: `refresh token`. */
  readonly operation: string;
  readonly isRefresh: boolean;
  /** Texts that must not appear in an error. */
  readonly secrets: readonly string[];
}

/** Turns a refusal into an error. An outage, or a page instead of JSON, never means that a connection is dead. */
export function loginRefusal(attempt: LoginAttempt, status: number, json: unknown): SyncError {
  const parsed = errorBody.safeParse(json);
  const { operation, secrets } = attempt;
  if (!parsed.success || status >= 500) return loginOutage(operation, status);
  const { error, error_description: description = '' } = parsed.data;
  const isPlain = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(error) && isTokenFree(error, secrets);
  const isRunning = attempt.isRefresh && isBeingRefreshed(description);
  const code = isRunning ? 'REFRESH_IN_PROGRESS' : isPlain ? error : 'UNEXPECTED_LOGIN_ERROR';
  const detail = withoutTokens(description, secrets);
  const known = LOGIN_RATE.test(description) ? LOGIN_REFUSALS.rate_limit_exceeded : loginRefusalOf(code);
  const facts = { code, status, detail, message: sentence(operation, code, detail, known?.means) };
  const follows = known?.next;
  if (follows === 'outage') return loginOutage(operation, status);
  if (follows === 'login-rate') {
    return new SalesforceRateLimitError({ ...facts, next: { do: 'retry', afterMs: LOGIN_RATE_PAUSE_MS } });
  }
  const next: Next = { do: isRunning ? 'reread' : (follows ?? 'stop') };
  return new SalesforceAuthError({ ...facts, next });
}

/**
 * Too many logins pass with time, whatever code comes with this text: libraries report it as an authentication error,
 * and a connection that was only too busy must not count as dead.
 * @see restforce/restforce, issue 412 and pull request 744
 */
const LOGIN_RATE = /^login[ _]rate[ _]exceeded/i;

/** The login gave no answer that could be read. */
export const loginOutage = (
  operation: string,
  status: number | undefined,
  cause?: unknown,
): SalesforceApiError =>
  new SalesforceApiError({
    code: 'UNAVAILABLE',
    next: { do: 'retry', afterMs: OUTAGE_PAUSE_MS },
    message: `Salesforce's login did not answer to ${operation}${status === undefined ? '' : ` (${status})`}.`,
    status,
    cause,
  });

/**
 * Whether another refresh of the same token is under way: this one is refused, and the other may well succeed. The
 * platform says so since August 2024; for some weeks it said `expired authorization code`, which a refresh never has.
 * @see Salesforce release notes, "Simultaneous Token Requests Are Blocked During the Refresh Token Flow"
 */
const isBeingRefreshed = (description: string): boolean =>
  /^(?:token request is already being processed|expired authorization code)\.?$/i.test(description.trim());

/** Quotes the platform's description, without secrets, because Salesforce support asks for it. */
const sentence = (operation: string, code: string, detail: string, means: string | undefined): string =>
  `Salesforce refused to ${operation}: ${code}${detail === '' ? '' : ` (${printable(detail)})`}.` +
  (means === undefined ? '' : ` ${means}`);

const printable = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 200);
