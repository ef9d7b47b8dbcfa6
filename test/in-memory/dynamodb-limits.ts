import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { RawItem } from '../../shared/aws/attribute-values.ts';
import { Refused } from '../../shared/aws/errors.ts';
import { isTooLong } from '../../shared/aws/expressions.ts';
import { CONNECTIONS_TABLE, SYNC_STATE_TABLE } from '../../shared/contracts/tables.ts';

/*
 * What DynamoDB refuses, for the stores in memory: they make the same items, keys and expressions as the adapters do
 * and show them to these checks. The limits are those of the Developer Guide, "Quotas in Amazon DynamoDB".
 */

/** The most operators and functions of one expression; each comparison is one, and so is each AND between them. */
const MAX_OPERATORS = 300;
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;
/** Numbers of a larger or, but for 0, smaller magnitude are refused. */
const MAX_NUMBER = 1e126;
const MIN_NUMBER = 1e-130;

/** The key attributes of a table and its index, each with the most bytes that its value may have. */
export type KeyLimits = Readonly<Record<string, number>>;

export const SYNC_STATE_KEYS: KeyLimits = {
  [SYNC_STATE_TABLE.partitionKey]: MAX_PARTITION_KEY_BYTES,
  [SYNC_STATE_TABLE.sortKey]: MAX_SORT_KEY_BYTES,
  [SYNC_STATE_TABLE.listPartitionKey]: MAX_PARTITION_KEY_BYTES,
  [SYNC_STATE_TABLE.listSortKey]: MAX_SORT_KEY_BYTES,
};

export const CONNECTIONS_KEYS: KeyLimits = {
  [CONNECTIONS_TABLE.partitionKey]: MAX_PARTITION_KEY_BYTES,
  [CONNECTIONS_TABLE.sortKey]: MAX_SORT_KEY_BYTES,
  [CONNECTIONS_TABLE.listIndex.partitionKey]: MAX_PARTITION_KEY_BYTES,
  [CONNECTIONS_TABLE.listIndex.sortKey]: MAX_SORT_KEY_BYTES,
};

export const localTableKeys = (keyField: string): KeyLimits => ({ [keyField]: MAX_PARTITION_KEY_BYTES });

/** Why DynamoDB would not store an item, or not read at a key; undefined if it would. */
export const problemOf = (item: RawItem, keys: KeyLimits): 'too-large' | 'refused' | undefined => {
  const isKeyRefused = Object.entries(keys).some(([name, maxBytes]) => {
    const text = item[name]?.S;
    return text !== undefined && (text === '' || Buffer.byteLength(text) > maxBytes);
  });
  if (isKeyRefused || Object.values(item).some(hasBadNumber)) return 'refused';
  return itemBytes(item) > MAX_ITEM_BYTES ? 'too-large' : undefined;
};

/**
 * @param what - as the adapter calls it in its errors: "reading links"
 * @throws Refused for an item, or the key of one, as the adapter does with DynamoDB's `ValidationException`
 */
export const refuseUnstorable = (what: string, item: RawItem, keys: KeyLimits): void => {
  if (problemOf(item, keys) !== undefined) throw new Refused(what, 'ValidationException');
};

/** All that may be counted as one; no name or value stands in the text. */
const OPERATOR = /<>|<=|>=|[=<>+]|\b(?:AND|OR|NOT|IN|BETWEEN)\b|\w+\(/g;

/** True if DynamoDB would refuse an expression for the number of its operators. */
export const hasTooManyOperators = (expression: string): boolean =>
  (expression.match(OPERATOR)?.length ?? 0) > MAX_OPERATORS;

/** True if one of these expressions has more text, or more operators, than DynamoDB takes. */
export const isTooLongToSend = (request: object): boolean =>
  Object.entries(request).some(
    ([name, text]) =>
      name.endsWith('Expression') && (isTooLong(String(text)) || hasTooManyOperators(String(text))),
  );

/** What DynamoDB would say to an action of a transaction before it looks at any item. */
export const actionProblem = (
  { Put, Update, ConditionCheck }: TransactWriteItem,
  keys: KeyLimits,
): 'too-large' | 'refused' | undefined => {
  const request = Put ?? Update ?? ConditionCheck;
  if (request && isTooLongToSend(request)) return 'refused';
  const values = Object.values(Update?.ExpressionAttributeValues ?? {});
  if (values.some(hasBadNumber)) return 'refused';
  return problemOf(Put?.Item ?? Update?.Key ?? ConditionCheck?.Key ?? {}, keys);
};

/** As the Developer Guide counts, "DynamoDB item sizes and formats"; its numbers are approximate there too. */
const itemBytes = (item: RawItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);

const valueBytes = (value: AttributeValue): number => {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return Math.ceil(value.N.replace(/\D/g, '').length / 2) + 1;
  if (value.L) return value.L.reduce((sum, entry) => sum + 1 + valueBytes(entry), 3);
  if (value.M) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  return 1;
};

const hasBadNumber = (value: AttributeValue): boolean => {
  const size = Math.abs(Number(value.N ?? 0));
  if (size >= MAX_NUMBER || (size > 0 && size < MIN_NUMBER)) return true;
  return [...(value.L ?? []), ...Object.values(value.M ?? {})].some(hasBadNumber);
};
