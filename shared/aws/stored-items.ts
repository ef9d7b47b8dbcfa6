import * as z from 'zod/mini';
import { VERSION_ATTRIBUTE } from '../contracts/tables.ts';
import type { FieldValue, FieldValues } from '../sync/model/values.ts';
import { fromItem, type RawItem, toItem } from './attribute-values.ts';
import { NewerData, OlderData, UnreadableItem } from './errors.ts';

/** How the values of one kind of item are stored, and how they are read again. */
export interface StoredItems<T> {
  /** The version of the schema that is written, and the newest that is read. */
  readonly version: number;
  /** The values as attributes, with the version beside them; keys and what puts the item into an index come on top. */
  toItem(values: T & object): RawItem;
  /**
   * The values of an item, without attributes that are not in the schema (keys, index, expiry).
   *
   * @throws NewerData when a newer deployment wrote the item
   * @throws OlderData when an earlier release wrote it, in a layout that is not read any more
   * @throws UnreadableItem when an attribute does not fit the schema
   */
  fromItem(item: RawItem): T;
}

/**
 * A schema for each property of `T`, optional ones too: who adds a property to the model and forgets it here would
 * lose it at each read, so that does not compile.
 */
export type ShapeOf<T> = { readonly [Name in keyof T]-?: z.ZodMiniType };

/**
 * One kind of item that a store of ours writes and reads.
 *
 * @param store - what the items are, as the subject of a sentence: "links"
 * @param version - goes up by one when older code could not read, or would damage, what this code writes; the schema
 *   then still reads what older code wrote. Items without the attribute are of version 1.
 * @param oldest - the oldest version that is still read
 */
export const storedItems = <T>(
  store: string,
  schema: z.ZodMiniType<T>,
  version = 1,
  oldest = 1,
): StoredItems<T> => ({
  version,
  toItem: (values) => toItem({ ...values, [VERSION_ATTRIBUTE]: version }),
  fromItem(item) {
    const written = versionOf(store, item);
    if (written > version) throw new NewerData(store, written, version);
    if (written < oldest) throw new OlderData(store, written, oldest);
    const parsed = schema.safeParse(fromItem(item));
    if (parsed.success) return parsed.data;
    // The name alone: neither the issue's text nor a path into a map, whose names may be somebody's.
    throw new UnreadableItem(store, String(parsed.error.issues[0]?.path[0] ?? 'unknown'));
  },
});

const versionOf = (store: string, item: RawItem): number => {
  const stored = item[VERSION_ATTRIBUTE];
  if (stored === undefined) return 1;
  const version = Number(stored.N);
  if (!Number.isInteger(version) || version < 1) throw new UnreadableItem(store, VERSION_ATTRIBUTE);
  return version;
};

const isFieldValue = (value: unknown): value is FieldValue =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

const isFieldValues = (value: unknown): value is FieldValues =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(isFieldValue);

/** A mapped value as it is kept of either side. */
export const fieldValue = z.custom<FieldValue>(isFieldValue);

/** Mapped values by local attribute. One check by hand, since a record of unions takes six times as long. */
export const fieldValues = z.custom<FieldValues>(isFieldValues);
