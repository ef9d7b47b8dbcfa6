/** JSON that is the same for the same value, whatever the order of its keys. Members that are undefined are left out. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/** As arrays of pairs, because objects put keys that look like numbers first. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // By code unit: the order must not depend on a locale.
  return [
    'object',
    ...entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  ];
};

/** FNV-1a of 64 bits over UTF-16 code units, as 16 hexadecimal digits. No protection against forgery. */
export const fnv1a64 = (text: string): string => {
  // In halves of 32 bits, whose products a double holds: BigInt takes some thirty times as long.
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (let index = 0; index < text.length; index += 1) {
    low = (low ^ text.charCodeAt(index)) >>> 0;
    const product = low * 0x1b3;
    // The prime is 2^40 + 0x1b3: times 2^40 shifts the lower half into the upper one, by 8 bits.
    high = (high * 0x1b3 + Math.floor(product / 0x1_0000_0000) + ((low << 8) >>> 0)) >>> 0;
    low = product >>> 0;
  }
  return [high, low].map((half) => half.toString(16).padStart(8, '0')).join('');
};
