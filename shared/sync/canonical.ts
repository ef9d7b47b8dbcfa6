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
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
};
