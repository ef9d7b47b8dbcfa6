import { Refused } from '../../shared/aws/errors.ts';

/** DynamoDB counts a key's UTF-8 bytes. */
const MAX_PARTITION_KEY_BYTES = 2_048;
const MAX_SORT_KEY_BYTES = 1_024;
/** DynamoDB counts names and values; their JSON is a little larger. */
const MAX_ITEM_BYTES = 400 * 1024;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * Refuses a key as DynamoDB does, on reads and writes alike.
 *
 * @throws Refused for one that is empty or too long
 */
export function checkKey(what: string, { pk, sk }: { readonly pk: string; readonly sk?: string }): void {
  const isFine =
    pk !== '' &&
    bytesOf(pk) <= MAX_PARTITION_KEY_BYTES &&
    (sk === undefined || (sk !== '' && bytesOf(sk) <= MAX_SORT_KEY_BYTES));
  if (!isFine) throw new Refused(what, 'ValidationException');
}

/**
 * Refuses to store what DynamoDB does not store.
 *
 * @throws Refused for a key that `checkKey` refuses, and for an item of more than 400 KB
 */
export function checkItem(
  what: string,
  key: { readonly pk: string; readonly sk?: string },
  item: unknown,
): void {
  checkKey(what, key);
  if (isTooLarge(item)) throw new Refused(what, 'ValidationException');
}

/** Whether an item would be larger than 400 KB. */
export const isTooLarge = (item: unknown): boolean => bytesOf(JSON.stringify(item ?? null)) > MAX_ITEM_BYTES;
