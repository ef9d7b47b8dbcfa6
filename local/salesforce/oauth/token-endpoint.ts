import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../call.ts';
import { type Answer, header } from '../http.ts';
import type { Org } from '../org.ts';
import type { Approval, IssuedTokens } from './tokens.ts';

const HEADERS = {
  'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
  'x-readonlymode': 'false',
};

/** `POST /services/oauth2/token`: exchanges a code or a refresh token. */
export async function exchangeToken(call: Call): Promise<Answer> {
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  const refused = checkClient(call, form);
  if (refused) return refused;
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return redeemCode(call.org, form);
    case 'refresh_token':
      return refresh(call.org, form);
    default:
      return failure('unsupported_grant_type', 'grant type not supported');
  }
}

/** `POST /services/oauth2/revoke`. */
export function revokeToken(call: Call): Answer {
  const form = new URLSearchParams(call.request.body.toString('utf8'));
  const token = form.get('token') ?? call.request.query.get('token') ?? '';
  return call.org.tokens.revoke(token) ? { status: 200 } : failure('invalid_token', 'invalid token');
}

/** The body of a successful token answer. */
export function tokenBody(org: Org, issued: IssuedTokens): Record<string, string> {
  const id = `${org.origin}/id/${org.orgId}/${issued.userId}`;
  const issuedAt = String(org.clock.now());
  return {
    access_token: issued.accessToken,
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    signature: createHmac('sha256', org.client.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
    scope: issued.scope,
    instance_url: org.settings.instanceUrl ?? org.origin,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

async function redeemCode(org: Org, form: URLSearchParams): Promise<Answer> {
  if (org.settings.tokenDelayMs > 0) await wait(org.settings.tokenDelayMs);
  const approval = org.tokens.redeemCode(form.get('code') ?? '');
  if (approval === 'unknown') return failure('invalid_grant', 'invalid authorization code');
  if (approval === 'expired') return failure('invalid_grant', 'expired authorization code');
  if (approval.redirectUri !== form.get('redirect_uri')) {
    return failure('redirect_uri_mismatch', 'redirect_uri must match configuration');
  }
  const refused = checkVerifier(approval, form.get('code_verifier'));
  return refused ?? success(org, org.tokens.grant(approval));
}

async function refresh(org: Org, form: URLSearchParams): Promise<Answer> {
  const begun = org.tokens.beginRefresh(form.get('refresh_token') ?? '', org.client.clientId);
  if (begun === 'busy') return failure('invalid_grant', 'token request is already being processed');
  if (begun === 'expired') return failure('invalid_grant', 'expired access/refresh token');
  if (org.settings.tokenDelayMs > 0) await wait(org.settings.tokenDelayMs);
  const issued = begun.end();
  return issued === 'expired'
    ? failure('invalid_grant', 'expired access/refresh token')
    : success(org, issued);
}

function checkClient(call: Call, form: URLSearchParams): Answer | undefined {
  const { client } = call.org;
  const basic = /^Basic\s+(.+)$/i.exec(header(call.request.headers, 'authorization') ?? '')?.[1];
  const [basicId, ...basicSecret] = basic ? Buffer.from(basic, 'base64').toString('utf8').split(':') : [];
  const clientId = basicId ?? form.get('client_id') ?? '';
  const clientSecret = basic ? basicSecret.join(':') : (form.get('client_secret') ?? '');
  if (clientId !== client.clientId) return failure('invalid_client_id', 'client identifier invalid');
  if (!isSame(clientSecret, client.clientSecret))
    return failure('invalid_client', 'invalid client credentials');
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

function failure(error: string, description: string): Answer {
  return { status: 400, json: { error, error_description: description }, headers: HEADERS };
}
