import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenResponse } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { SalesforceAuthError } from '../errors/errors.ts';

/**
 * Whether a token response's identity was signed with our client secret: HMAC-SHA256 over `id` and `issued_at`, in
 * base64. False for one without a signature. Compares in constant time.
 *
 * @see Salesforce Help, "OAuth 2.0 Web Server Flow", parameter `signature`
 */
export function verifyIdentity(
  response: Pick<TokenResponse, 'id' | 'issuedAt' | 'signature'>,
  clientSecret: string,
): boolean {
  if (!response.signature || !response.issuedAt) return false;
  const expected = createHmac('sha256', clientSecret)
    .update(response.id + response.issuedAt)
    .digest();
  const given = Buffer.from(response.signature, 'base64');
  return given.byteLength === expected.byteLength && timingSafeEqual(given, expected);
}

/**
 * Who authorised, from an identity URL such as `https://login.salesforce.com/id/00D.../005...`.
 *
 * @returns ids of 18 characters
 * @throws SalesforceAuthError `INVALID_IDENTITY` for anything else
 */
export function parseIdentityUrl(identityUrl: string): {
  readonly sfOrgId: string;
  readonly sfUserId: string;
} {
  const path = /^\/id\/(00D[^/]+)\/(005[^/]+)\/?$/.exec(URL.parse(identityUrl)?.pathname ?? '');
  const sfOrgId = parseId(path?.[1] ?? '');
  const sfUserId = parseId(path?.[2] ?? '');
  if (sfOrgId === undefined || sfUserId === undefined) {
    throw new SalesforceAuthError({
      code: 'INVALID_IDENTITY',
      next: { do: 'stop' },
      message: 'The identity in the token response does not name an org and a user.',
    });
  }
  return { sfOrgId, sfUserId };
}
