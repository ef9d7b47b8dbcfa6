const CHECKSUM_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const ID = /^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/;

/**
 * Reads a Salesforce id of either length.
 *
 * @returns its 18-character form; `undefined` for a wrong length, a foreign character or a checksum that does not
 *   fit, which is what an id looks like after something folded its case
 * @see SOAP API guide, "ID Field Type"
 */
export function parseId(text: string): string | undefined {
  if (!ID.test(text)) return undefined;
  const id18 = withChecksum(text.slice(0, 15));
  return text.length === 15 || text.slice(15).toUpperCase() === id18.slice(15) ? id18 : undefined;
}

/** Whether a text is an id of 15 or 18 characters; says nothing about whether such a record exists. */
export const isSalesforceId = (text: string): boolean => parseId(text) !== undefined;

/**
 * The 18-character form of an id that must be one.
 *
 * @throws RangeError for anything else, without quoting it
 */
export function to18(text: string): string {
  const id = parseId(text);
  if (id === undefined) throw new RangeError('Not a Salesforce id');
  return id;
}

/** One checksum character for each block of five, whose bits, lowest first, say which characters are capitals. */
function withChecksum(id15: string): string {
  let checksum = '';
  for (let block = 0; block < 15; block += 5) {
    let capitals = 0;
    for (let place = 0; place < 5; place += 1) {
      const character = id15.charAt(block + place);
      if (character >= 'A' && character <= 'Z') capitals += 2 ** place;
    }
    checksum += CHECKSUM_ALPHABET.charAt(capitals);
  }
  return id15 + checksum;
}
