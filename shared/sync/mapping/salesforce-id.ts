import { must } from '../assert.ts';

const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * The 18-character form of a Salesforce id, in which ids are compared; undefined where the text is not an id. The
 * checksum says which letters are capitals, so it also mends an 18-character id that lost its case.
 *
 * @see contract.md §2: each of three blocks of five characters gives one character of the checksum
 */
export const toId18 = (id: string): string | undefined => {
  if (/^[A-Za-z0-9]{15}$/.test(id)) return id + checksumOf(id);
  if (!/^[A-Za-z0-9]{15}[A-Za-z0-5]{3}$/.test(id)) return undefined;
  const id15 = withCaseFrom(id.slice(15).toUpperCase(), id.slice(0, 15));
  const id18 = id15 + checksumOf(id15);
  // A checksum that claims a digit to be a capital cannot come out again.
  return id18 === id15 + id.slice(15).toUpperCase() ? id18 : undefined;
};

const checksumOf = (id15: string): string =>
  [0, 5, 10].map((start) => CHECKSUM.charAt(capitalsOf(id15.slice(start, start + 5)))).join('');

const capitalsOf = (block: string): number =>
  [...block].reduce((bits, char, index) => bits + (/[A-Z]/.test(char) ? 2 ** index : 0), 0);

const withCaseFrom = (checksum: string, id15: string): string =>
  [...id15]
    .map((char, index) => {
      const bits = CHECKSUM.indexOf(must(checksum[Math.floor(index / 5)], 'a checksum has three characters'));
      return (bits >> (index % 5)) & 1 ? char.toUpperCase() : char.toLowerCase();
    })
    .join('');
