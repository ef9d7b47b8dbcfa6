import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type KnownCode, textOf } from '../errors/known-errors.ts';
import type { Call } from '../http/call.ts';
import { type Answer, header } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import type { Approval, IssuedTokens } from './approvals.ts';
import { checkAssertion, JWT_BEARER } from './jwt-bearer.ts';
import { identityUrl, tokenBody } from './token-body.ts';

/** The scope that flows without a consent page grant; it includes no refresh token. */
const APP_SCOPE = 'api';

const HEADERS = {
  'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
  'x-readonlymode': 'false',
};

/** `POST /services/oauth2/token`: exchanges a code, a refresh token, a signed assertion or the app's own secret. */
export async function exchangeToken(call: Call): Promise<Answer> {
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  // The assertion itself says which app signed it.
  if (form.get('grant_type') === JWT_BEARER) return redeemAssertion(call.org, form.get('assertion') ?? '');
  const refused = checkClient(call, form);
  if (refused) return refused;
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return redeemCode(call.org, form);
    case 'refresh_token':
      return refresh(call.org, form);
    case 'client_credentials':
      return grantToApp(call);
    default:
      // The username-password flow ends here too: new orgs have it switched off.
      return failure('unsupported_grant_type');
  }
}

/** `POST /services/oauth2/revoke`. */
export function revokeToken(call: Call): Answer {
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  const token = form.get('token') ?? call.request.query.get('token') ?? '';
  return call.org.tokens.revoke(token) ? { status: 200 } : failure('invalid_token');
}

/** `POST /services/oauth2/introspect`: what a token allows; the only way to learn when it expires. */
export function introspectToken(call: Call): Answer {
  const { org } = call;
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  const refused = checkClient(call, form);
  if (refused) return refused;
  const known = org.tokens.inspect(form.get('token') ?? '', org.client.clientId);
  if (!known) return { status: 200, json: { active: false }, headers: HEADERS };
  const { userId, scope, type, issuedAtMs, expiresAtMs } = known;
  const seconds = (epochMs: number): number => Math.floor(epochMs / 1000);
  const user = Object.values(org.users).find(({ id }) => id === userId);
  const json = {
    active: true,
    scope,
    client_id: org.client.clientId,
    username: user?.username,
    sub: identityUrl(org, userId),
    token_type: type,
    ...(expiresAtMs === undefined ? {} : { exp: seconds(expiresAtMs) }),
    iat: seconds(issuedAtMs),
    nbf: seconds(issuedAtMs),
  };
  return { status: 200, json, headers: HEADERS };
}

async function redeemCode(org: Org, form: URLSearchParams): Promise<Answer> {
  if (org.settings.tokenDelayMs > 0) await wait(org.settings.tokenDelayMs);
  const approval = org.tokens.redeemCode(form.get('code') ?? '');
  if (approval === 'unknown') return failure('invalid_grant', 'invalid authorization code');
  if (approval === 'expired') return failure('invalid_grant', 'expired authorization code');
  if (approval.redirectUri !== form.get('redirect_uri')) {
    return failure('redirect_uri_mismatch');
  }
  const refused = checkVerifier(approval, form.get('code_verifier'));
  return refused ?? success(org, org.tokens.grant(approval));
}

async function refresh(org: Org, form: URLSearchParams): Promise<Answer> {
  const begun = org.tokens.beginRefresh(form.get('refresh_token') ?? '', org.client.clientId);
  if (begun === 'busy') return failure('invalid_grant', 'token request is already being processed');
  if (begun === 'expired') return failure('invalid_grant');
  if (org.settings.tokenDelayMs > 0) await wait(org.settings.tokenDelayMs);
  const issued = begun.end();
  return issued === 'expired' ? failure('invalid_grant') : success(org, issued);
}

function redeemAssertion(org: Org, assertion: string): Answer {
  const user = checkAssertion(org, assertion);
  if ('error' in user) return failure(user.error, user.description);
  const { clientId } = org.client;
  const approval = { clientId, userId: user.id, scope: APP_SCOPE };
  const accessToken =
    (org.settings.jwtRepeatsSession ? org.tokens.findSession(approval) : undefined) ??
    org.tokens.grant(approval).accessToken;
  const {
    signature: _,
    issued_at: __,
    ...body
  } = tokenBody(org, {
    accessToken,
    refreshToken: undefined,
    userId: user.id,
    scope: APP_SCOPE,
  });
  return { status: 200, json: body, headers: HEADERS };
}

function grantToApp(call: Call): Answer {
  const { org } = call;
  const host = header(call.request.headers, 'host') ?? '';
  // The flow names no user by whom the login host could find the org, so it works at the org's own address only.
  if (/^(?:login|test)\./.test(host)) return failure('invalid_grant', 'request not supported on this domain');
  if (!org.settings.clientCredentialsUser)
    return failure('invalid_grant', 'no client credentials user enabled');
  const { clientId } = org.client;
  return success(org, org.tokens.grant({ clientId, userId: org.users.integration.id, scope: APP_SCOPE }));
}

function checkClient(call: Call, form: URLSearchParams): Answer | undefined {
  const { client } = call.org;
  const basic = /^Basic\s+(.+)$/i.exec(header(call.request.headers, 'authorization') ?? '')?.[1];
  const [basicId, ...basicSecret] = basic ? Buffer.from(basic, 'base64').toString('utf8').split(':') : [];
  const clientId = basicId ?? form.get('client_id') ?? '';
  const clientSecret = basic ? basicSecret.join(':') : (form.get('client_secret') ?? '');
  if (clientId !== client.clientId) return failure('invalid_client_id');
  if (!isSame(clientSecret, client.clientSecret)) return failure('invalid_client');
  return undefined;
}

function checkVerifier(approval: Approval, verifier: string | null): Answer | undefined {
  if (approval.codeChallenge === undefined) {
    return verifier === null ? undefined : failure('invalid_grant', 'invalid code verifier');
  }
  const isWellFormed = verifier !== null && /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier);
  const challenge = createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url');
  if (isWellFormed && isSame(challenge, approval.codeChallenge)) return undefined;
  return failure('invalid_grant', 'invalid code verifier');
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

function success(org: Org, issued: IssuedTokens): Answer {
  return { status: 200, json: tokenBody(org, issued), headers: HEADERS };
}

/** @param description - the usual text of the error unless given */
function failure(error: KnownCode, description = textOf(error)): Answer {
  return { status: 400, json: { error, error_description: description }, headers: HEADERS };
}
