import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { fnv1a64 } from '../../../shared/sync/canonical.ts';

/** The algorithm as its authors give it, in whole numbers. */
const plainFnv = (text: string): string => {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1)
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
};

test('a hash is what the plain algorithm gives, with all of its 16 digits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(fnv1a64(text)).toBe(plainFnv(text));
    }),
    { numRuns: 500 },
  );
  expect(fnv1a64('')).toBe('cbf29ce484222325');
});
