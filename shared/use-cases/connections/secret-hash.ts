import { createHash, timingSafeEqual } from 'node:crypto';

/** SHA-256 in hex: what is stored of a secret that only has to be recognised. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Whether this is the secret with that hash, in a time that does not depend on where they differ. */
export const isSecretOf = (secret: string, hash: string): boolean => {
  const expected = Buffer.from(hash, 'hex');
  const actual = createHash('sha256').update(secret).digest();
  return expected.length === actual.length && timingSafeEqual(actual, expected);
};
