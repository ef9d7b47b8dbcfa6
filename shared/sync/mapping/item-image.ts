import { canonicalJson, fnv1a64 } from '../canonical.ts';
import type { Mapping } from '../model/mapping.ts';
import { isMap, rootOf } from './paths.ts';

/** An item's attributes in DynamoDB's own JSON (`{ S: '...' }`), bytes as such or in Base64. */
export type StoredAttributes = Readonly<Record<string, unknown>>;

/**
 * What an item holds in some attributes, as 8 and 16 hexadecimal digits: of which attributes it is, and of what they
 * hold. Images of the same attributes are equal where the item holds the same.
 *
 * @param localFields - local names of fields, of which the first part of a path counts
 */
export const imageOf = (localFields: readonly string[], item: StoredAttributes): string => {
  const names = [...new Set(localFields.map(rootOf))].sort();
  const values = names.map((name) => plain(Object.hasOwn(item, name) ? item[name] : undefined));
  return `${fnv1a64(JSON.stringify(names)).slice(8)}.${fnv1a64(canonicalJson(values))}`;
};

/** The image of all that a mapping maps. */
export const imageFor = ({ fields }: Mapping, item: StoredAttributes): string =>
  imageOf(
    fields.map(({ localField }) => localField),
    item,
  );

/** Whether an item has changed since an image of it. Of images of different attributes nobody can tell. */
export const hasChangedSince = (image: string, now: string): boolean =>
  image !== now && image.split('.')[0] === now.split('.')[0];

/** Sets have no order, and bytes come as such from a table and as text from its stream. */
const plain = (value: unknown): unknown => {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SETS.has(name) ? inOrder(plain(inner)) : plain(inner),
    ]),
  );
};

/** Under an attribute of a map that is named so lies no list, but an attribute of its own. */
const SETS: ReadonlySet<string> = new Set(['SS', 'NS', 'BS']);

const inOrder = (members: unknown): unknown => (Array.isArray(members) ? [...members].sort() : members);

/** One character after the other: as arguments of one call, those of a large attribute are too many. */
const base64 = (bytes: Uint8Array): string =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
