import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSalesforceId, parseId, to18 } from '../../../shared/salesforce-client/ids.ts';

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
    '00D8H0000004dNlUAA',
    '00d8h0000004dnluai',
    '00D8H0000004dN!',
    ' 00D8H0000004dNl',
    // Their checksums fit.
    '../AAAAAAAAAAAAY55',
    "'OAAAAAAAAAAAAAY55",
  ])('takes %p for no id', (text) => {
    expect(parseId(text)).toBeUndefined();
    expect(isSalesforceId(text)).toBe(false);
    expect(() => to18(text)).toThrow(RangeError);
  });

  test('tells any change of case in an id of 18 characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9A-Za-z]{15}$/), fc.nat(14), (id15, place) => {
        const character = id15.charAt(place);
        const other =
          character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
        fc.pre(other !== character);
        const folded = id15.slice(0, place) + other + to18(id15).slice(place + 1);
        expect(parseId(folded)).toBeUndefined();
      }),
    );
  });
});
