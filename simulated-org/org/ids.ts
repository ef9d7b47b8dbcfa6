const BASE_62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/**
 * Lengthens a 15-character id by its three checksum characters: one for each block of five, whose bits (lowest
 * first) say which characters of the block are capitals.
 */
export function toId18(id15: string): string {
  let checksum = '';
  for (let block = 0; block < 15; block += 5) {
    let bits = 0;
    for (let place = 0; place < 5; place += 1) {
      const character = id15.charAt(block + place);
      if (character >= 'A' && character <= 'Z') bits |= 1 << place;
    }
    checksum += CHECKSUM_ALPHABET.charAt(bits);
  }
  return id15 + checksum;
}

/**
 * Reads an id in either length.
 *
 * @returns the 18-character form, or `undefined` if the text is not a valid id (wrong length, characters or checksum)
 */
export function parseId(text: string): string | undefined {
  if (!/^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/.test(text)) return undefined;
  const id18 = toId18(text.slice(0, 15));
  return text.length === 15 || text.slice(15).toUpperCase() === id18.slice(15) ? id18 : undefined;
}

/** Issues the ids of one org in increasing order, counted separately for each key prefix. */
export class IdSequence {
  readonly #pod: string;
  readonly #counters = new Map<string, number>();

  /** @param pod - two characters that tell the orgs apart, as the instance's letters do */
  constructor(pod: string) {
    this.#pod = pod;
  }

  /** The next 18-character id that begins with `keyPrefix` (three characters). */
  next(keyPrefix: string): string {
    const count = (this.#counters.get(keyPrefix) ?? 0) + 1;
    this.#counters.set(keyPrefix, count);
    return toId18(`${keyPrefix}${this.#pod}0${toBase62(count).padStart(9, '0')}`);
  }
}

function toBase62(value: number): string {
  let rest = value;
  let text = '';
  do {
    text = BASE_62.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return text;
}
