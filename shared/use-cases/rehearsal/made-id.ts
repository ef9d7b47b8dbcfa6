import { createHash } from 'node:crypto';
import { to18 } from '../../contracts/salesforce-id.ts';

/** No object of Salesforce has ids that begin so. */
const PREFIX = 'zzz';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHARS = 12;

/**
 * The id of a record that would have been made: the same each time, so that two dry runs say the same.
 *
 * @param nth - how many records the key had before
 */
export const madeId = (mappingId: string, localKey: string, nth: number): string => {
  const bytes = createHash('sha256')
    .update(JSON.stringify([mappingId, localKey, nth]))
    .digest();
  const letters = [...bytes.subarray(0, CHARS)].map((byte) => ALPHABET[byte % ALPHABET.length]);
  return to18(PREFIX + letters.join(''));
};

/** Whether a record was only made in a dry run. */
export const isMadeId = (sfId: string): boolean => sfId.startsWith(PREFIX);
