import { createHash, createHmac } from 'node:crypto';

/** Separates this use of the signing key from every other. */
const DOMAIN = 'salesforce-sync/pkce-verifier/1';

/**
 * The PKCE verifier of one authorisation, made again when the code comes back: from our key, the state that travels
 * and the secret in the browser's cookie. So none of the three places alone, nor our table, can make it.
 *
 * @returns 43 characters of base64url (RFC 7636 asks for 43 to 128)
 */
export const codeVerifierOf = (signingKey: string, state: string, browserSecret: string): string =>
  createHmac('sha256', signingKey)
    .update(DOMAIN)
    .update('\0')
    .update(state)
    .update('\0')
    .update(browserSecret)
    .digest('base64url');

/** The S256 challenge of a verifier (RFC 7636, 4.2). */
export const codeChallengeOf = (codeVerifier: string): string =>
  createHash('sha256').update(codeVerifier).digest('base64url');
