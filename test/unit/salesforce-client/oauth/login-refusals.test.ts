import { describe, expect, test } from '@jest/globals';
import { LOGIN_REFUSALS, loginRefusal } from '../../../../shared/salesforce-client/oauth/oauth-refusals.ts';

const AUTH = 'SalesforceAuthError';
const again = { do: 'reauthorize' };
const stop = { do: 'stop' };

/** Every row of the contract's table of token errors, and what the other endpoints add. */
const ROWS: readonly (readonly [number, string, string, string, object])[] = [
  [400, 'invalid_grant', 'expired access/refresh token', AUTH, again],
  [400, 'invalid_grant', 'invalid authorization code', AUTH, again],
  [400, 'invalid_grant', 'authentication failure', AUTH, again],
  [400, 'invalid_grant', 'authentication failure - Invalid Password', AUTH, again],
  [400, 'invalid_grant', 'ip restricted', AUTH, again],
  [400, 'invalid_grant', "user hasn't approved this consumer", AUTH, again],
  [400, 'invalid_grant', 'user is not admin approved to access this app', AUTH, again],
  [400, 'invalid_grant', 'inactive user', AUTH, again],
  [400, 'invalid_grant', 'request not supported on this domain', AUTH, again],
  [400, 'inactive_user', 'user is inactive', AUTH, again],
  [400, 'inactive_org', 'org locked', AUTH, again],
  [400, 'access_denied', 'end-user denied authorization', AUTH, again],
  [400, 'access-denied', 'end-user denied authorization', AUTH, again],
  [400, 'invalid_app_access', '', AUTH, again],
  [400, 'OAUTH_APP_BLOCKED', '', AUTH, again],
  [400, 'OAUTH_APP_ACCESS_DENIED', '', AUTH, again],
  [400, 'invalid_client_id', 'client identifier invalid', AUTH, stop],
  [401, 'invalid_client', 'invalid client credentials', AUTH, stop],
  [400, 'invalid_client_credentials', 'invalid client credentials', AUTH, stop],
  [400, 'redirect_uri_mismatch', 'redirect_uri must match configuration', AUTH, stop],
  [400, 'unsupported_grant_type', 'grant type not supported', AUTH, stop],
  [400, 'unsupported_response_type', '', AUTH, stop],
  [400, 'unsupported_token_type', '', AUTH, stop],
  [400, 'invalid_token', '', AUTH, stop],
  [400, 'invalid_request', '', AUTH, stop],
  [400, 'invalid_scope', '', AUTH, stop],
  [400, 'unauthorized_client', '', AUTH, stop],
  [400, 'something_new', 'of next year', AUTH, stop],
  [400, 'server_error', '', 'SalesforceApiError', { do: 'retry', afterMs: 5_000 }],
  [400, 'unknown_error', 'retry your request', 'SalesforceApiError', { do: 'retry', afterMs: 5_000 }],
  [400, 'invalid_grant', 'login rate exceeded', 'SalesforceRateLimitError', { do: 'retry', afterMs: 60_000 }],
  [400, 'LOGIN_RATE', 'LOGIN_RATE_EXCEEDED', 'SalesforceRateLimitError', { do: 'retry', afterMs: 60_000 }],
  [400, 'temporarily_unavailable', '', 'SalesforceApiError', { do: 'retry', afterMs: 5_000 }],
  [
    400,
    'rate_limit_exceeded',
    'login rate exceeded',
    'SalesforceRateLimitError',
    { do: 'retry', afterMs: 60_000 },
  ],
];

/** The catalogue's entry, however the code is written. */
const entryOf = (error: string) =>
  Object.entries(LOGIN_REFUSALS).find(
    ([code]) => code.toLowerCase() === error.toLowerCase().replaceAll('-', '_'),
  )?.[1];

const refusal = (status: number, body: unknown) =>
  loginRefusal({ operation: 'refresh token', isRefresh: true, secrets: [] }, status, body);

describe('every refusal of the authorisation server', () => {
  test.each(ROWS)('%i %s (%s)', (status, error, error_description, name, next) => {
    const caught = refusal(status, { error, error_description });

    expect(caught).toMatchObject({ name, next, status });
    expect(caught.message).toContain('refresh token');
    if (name === AUTH) expect(caught.message).toContain(entryOf(error)?.means ?? error);
  });

  test('has a sentence, and a test', () => {
    const tested = new Set(ROWS.map(([, error]) => entryOf(error)));

    for (const entry of Object.values(LOGIN_REFUSALS)) {
      expect(entry.means).toMatch(/^[A-Z].{15,}\.$/);
      expect(tested).toContain(entry);
    }
  });

  test.each([
    [500, { error: 'invalid_grant' }],
    [400, undefined],
    [400, [{ errorCode: 'X' }]],
    [302, undefined],
  ])('that cannot be read never means that a connection is dead: %i %j', (status, body) => {
    expect(refusal(status, body)).toMatchObject({ code: 'UNAVAILABLE', next: { do: 'retry' } });
  });
});
