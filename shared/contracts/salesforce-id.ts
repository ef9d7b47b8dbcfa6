const CHECKSUM_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';
const ID15 = /^[0-9A-Za-z]{15}$/;
const ID18 = /^[0-9A-Za-z]{15}[A-Za-z0-5]{3}$/;
const BLOCK = 5;

/**
 * Reads a Salesforce id of either length. All ids are compared in this form.
 *
 * The last three characters of an 18-character id say which of the others are capitals. So an id of that length is
 * read in any case, as the platform reads it, and one that a spreadsheet has folded is mended.
 *
 * @returns the 18-character form; `undefined` for a wrong length, a foreign character, or a checksum that no letters
 *   of the id fit
 * @see SOAP API guide, "ID Field Type"
 */
export function parseId(text: string): string | undefined {
  // Nearly every id comes so, and rows come by the million.
  if (isId18(text)) return text;
  if (ID15.test(text)) return text + checksumOf(text);
  if (!ID18.test(text)) return undefined;
  const checksum = text.slice(15).toUpperCase();
  const id15 = withCapitals(text.slice(0, 15), checksum);
  // A checksum that calls a digit a capital does not come out again.
  return checksumOf(id15) === checksum ? id15 + checksum : undefined;
}

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

/** Whether a text is an id as this module writes it: 18 characters whose checksum fits, letter by letter. */
function isId18(text: string): boolean {
  if (text.length !== 18) return false;
  for (let block = 0; block < 3; block += 1) {
    let capitals = 0;
    for (let place = 0; place < BLOCK; place += 1) {
      const code = text.charCodeAt(block * BLOCK + place);
      const isCapital = code >= 0x41 && code <= 0x5a;
      if (isCapital) capitals |= 1 << place;
      else if (!((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39))) return false;
    }
    if (text.charCodeAt(3 * BLOCK + block) !== CHECKSUM_ALPHABET.charCodeAt(capitals)) return false;
  }
  return true;
}

/** One character for each block of five, whose bits, lowest first, say which characters are capitals. */
function checksumOf(id15: string): string {
  let checksum = '';
  for (let block = 0; block < id15.length; block += BLOCK) {
    let capitals = 0;
    for (let place = 0; place < BLOCK; place += 1) {
      const character = id15.charAt(block + place);
      if (character >= 'A' && character <= 'Z') capitals += 2 ** place;
    }
    checksum += CHECKSUM_ALPHABET.charAt(capitals);
  }
  return checksum;
}

function withCapitals(id15: string, checksum: string): string {
  let mended = '';
  for (let place = 0; place < id15.length; place += 1) {
    const capitals = CHECKSUM_ALPHABET.indexOf(checksum.charAt(Math.floor(place / BLOCK)));
    const character = id15.charAt(place);
    mended += (capitals >> (place % BLOCK)) & 1 ? character.toUpperCase() : character.toLowerCase();
  }
  return mended;
}
