import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { type KnownCode, textOf } from '../errors/known-errors.ts';
import { isRecord } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import type { OrgUser } from '../org/people.ts';

/** The grant type of the JWT bearer flow. */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** An assertion may expire at most this far from now. */
const MAX_LIFE_S = 3 * 60;
const LOGIN_HOSTS = ['https://login.salesforce.com', 'https://test.salesforce.com'];

/** Why an assertion is refused, as the token endpoint words it. */
export interface Refusal {
  readonly error: KnownCode;
  readonly description: string;
}

/**
 * Reads the public key that the app's assertions are signed with.
 *
 * @param pem - an RSA public key or a certificate
 * @returns `undefined` for anything else
 */
export function readPublicKey(pem: string): KeyObject | undefined {
  try {
    const key = pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem);
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Checks a signed assertion; returns the user on whose behalf it was signed. */
export function checkAssertion(org: Org, assertion: string): OrgUser | Refusal {
  const claims = readClaims(org, assertion);
  if (!claims) return invalid('invalid assertion');
  const { iss, sub, aud, exp } = claims;
  if (iss !== org.client.clientId)
    return { error: 'invalid_client_id', description: textOf('invalid_client_id') };
  const audiences = [...LOGIN_HOSTS, org.origin, org.settings.instanceUrl];
  if (typeof aud !== 'string' || !audiences.includes(aud)) return invalid('audience is invalid');
  const nowS = org.clock.now() / 1000;
  // The usual mistake is a time in milliseconds, which lies far in the future.
  if (typeof exp !== 'number' || exp > nowS + MAX_LIFE_S) return invalid('invalid assertion');
  // The platform says this of an expired assertion too (simple-salesforce, issues 371 and 491).
  if (exp <= nowS) return invalid('expired authorization code');
  const user = Object.values(org.users).find(({ username }) => username === sub);
  if (!user) return invalid('authentication failure');
  if (!org.settings.appIsPreapproved) return invalid("user hasn't approved this consumer");
  return user;
}

function readClaims(org: Org, assertion: string): Record<string, unknown> | undefined {
  const [head = '', body = '', signature = '', ...rest] = assertion.split('.');
  const header = readPart(head);
  if (rest.length > 0 || header?.alg !== 'RS256') return undefined;
  const signed = Buffer.from(`${head}.${body}`);
  const isGenuine = org.jwtKeys.some((key) =>
    verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url')),
  );
  return isGenuine ? readPart(body) : undefined;
}

function readPart(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const invalid = (description: string): Refusal => ({ error: 'invalid_grant', description });
