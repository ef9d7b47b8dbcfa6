import { describe, expect, test } from '@jest/globals';
import { derivedLocalKey, isReservedKey, keyProblem } from '../../../../shared/sync/mapping/local-key.ts';

describe('a key that Salesforce would hold as another', () => {
  test.each([
    ['empty', ''],
    ['with a space before it', ' contact-1'],
    ['with a line end after it', 'contact-1\n'],
    ['with a control character in it', 'contact\u0007-1'],
    ['with half a surrogate pair', 'contact-\ud83d'],
  ])('is refused: %s', (_name, key) => {
    expect(keyProblem(key)).toEqual({
      code: 'KEY_NOT_STORABLE',
      message: expect.stringContaining('without white space at its ends and without control characters'),
    });
  });

  test('is refused where it is longer than a text field', () => {
    expect(keyProblem('k'.repeat(255))).toBeUndefined();
    expect(keyProblem('k'.repeat(256))).toEqual({
      code: 'KEY_TOO_LONG',
      message: expect.stringMatching(/256 characters .* 255/),
    });
  });

  test('is not one that only looks unusual', () => {
    expect(['a b', 'ключ', '😀', "it's", '%_'].map(keyProblem)).toEqual(Array(5).fill(undefined));
  });
});

test('a key that is made here is reserved, and one that only ends like it is not', () => {
  expect(isReservedKey(derivedLocalKey('conn1', '003000000000001AAA'))).toBe(true);
  expect(['contact-1', 'not-sf-', 'sf', ''].map(isReservedKey)).toEqual([false, false, false, false]);
});
