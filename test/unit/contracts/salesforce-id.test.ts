import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseId, to18 } from '../../../shared/contracts/salesforce-id.ts';

const anyId15 = fc.stringMatching(/^[0-9A-Za-z]{15}$/);

describe('Salesforce ids', () => {
  test.each([
    ['00D8H0000004dNl', '00D8H0000004dNlUAI'],
    ['0050P000007QAY9', '0050P000007QAY9QAO'],
    ['04k1I000000bmsH', '04k1I000000bmsHQAQ'],
    ['750ak000009E1YX', '750ak000009E1YXAA0'],
    ['001ak00000OQTie', '001ak00000OQTieAAH'],
  ])('lengthens %s by the checksum that was recorded', (id15, id18) => {
    expect(to18(id15)).toBe(id18);
    expect(to18(id18)).toBe(id18);
  });

  test.each([
    '',
    '00D8H0000004dN',
    '00D8H0000004dNlU',
    '00D8H0000004dN!',
    ' 00D8H0000004dNl',
    // The first character is a digit, and the checksum calls it a capital.
    '00D8H0000004dNl1AI',
    // 6 is no character of a checksum.
    '00D8H0000004dNlUA6',
    // Their checksums fit.
    '../AAAAAAAAAAAAY55',
    "'OAAAAAAAAAAAAAY55",
  ])('does not take %p for an id', (text) => {
    expect(parseId(text)).toBeUndefined();
    expect(() => to18(text)).toThrow(RangeError);
  });

  test('reads an id of 18 characters in any case, as the platform does', () => {
    fc.assert(
      fc.property(anyId15, fc.array(fc.boolean(), { minLength: 18, maxLength: 18 }), (id15, flips) => {
        const id18 = to18(id15);
        const folded = [...id18]
          .map((character, place) => (flips[place] ? character.toLowerCase() : character.toUpperCase()))
          .join('');
        expect(parseId(folded)).toBe(id18);
      }),
    );
  });

  test('takes an id whose checksum does not fit for none, or for the one that its letters spell', () => {
    fc.assert(
      fc.property(anyId15, fc.stringMatching(/^[A-Z0-5]{3}$/), (id15, checksum) => {
        const read = parseId(id15 + checksum);
        fc.pre(read !== undefined);
        expect(read).toBe(to18(read?.slice(0, 15) ?? ''));
        expect(read?.toLowerCase()).toBe((id15 + checksum).toLowerCase());
      }),
    );
  });

  test('gives every id of 15 characters a form of its own', () => {
    fc.assert(
      fc.property(anyId15, anyId15, (one, other) => {
        fc.pre(one !== other);
        expect(to18(one).toLowerCase()).not.toBe(to18(other).toLowerCase());
      }),
    );
  });
});
