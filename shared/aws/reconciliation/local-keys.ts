import { type DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { must } from '../../sync/assert.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { RawItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, type Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, equals, queryOf, scanOf } from '../expressions.ts';

/** Where the keys of a tenant are listed. */
export interface LocalKeyList {
  readonly client: DynamoDBClient;
  /** The local table's physical name. */
  readonly tableName: string;
  /** Its index by tenant; where it has none, the whole table is read for the keys of one tenant. */
  readonly tenantIndex: string | undefined;
  /** How many items a page looks at: the tenant's own by the index, anybody's without. */
  readonly pageItems: number;
}

/**
 * A page of the keys of the mapping's tenant, one request; perhaps none although there are more.
 *
 * An index is as the table was a moment ago. What it does not have yet was written in that moment, and the stream hints
 * it; a key whose item is gone by now is looked at in vain.
 *
 * @param after - the `next` of the page before; one of another kind, from before the table had an index, begins anew
 */
export const listLocalKeys = async (
  list: LocalKeyList,
  mapping: Mapping,
  after?: string,
): Promise<{ readonly keys: readonly string[]; readonly next?: string }> => {
  const { keyField } = mapping;
  const { Items = [], LastEvaluatedKey } = await readPage(list, mapping, placeOf(after));
  const keys = Items.map((item) => must(item[keyField]?.S, 'the key of a local item is text'));
  return LastEvaluatedKey === undefined ? { keys } : { keys, next: JSON.stringify(LastEvaluatedKey) };
};

/** Beside key and tenant, an index that exists already may have a sort key of its own. */
const readPage = (
  { client, tableName, tenantIndex, pageItems }: LocalKeyList,
  { tenantField, tenantId, keyField }: Mapping,
  place: RawItem,
) => {
  const page = { TableName: tableName, Limit: pageItems };
  if (tenantField === undefined || tenantIndex === undefined) {
    const filter = tenantField === undefined ? undefined : equals(tenantField, tenantId);
    const isPlace = keyField in place && Object.keys(place).length === 1;
    const scan = new ScanCommand({
      ...page,
      ConsistentRead: true,
      ...scanOf({ attributes: [keyField], ...(filter && { filter }) }),
      ...(isPlace && { ExclusiveStartKey: place }),
    });
    return attempt('scanning a local table', () => client.send(scan));
  }
  const isPlace = keyField in place && tenantField in place;
  const query = new QueryCommand({
    ...page,
    IndexName: tenantIndex,
    ...queryOf({ key: equals(tenantField, tenantId), attributes: [keyField] }),
    ...(isPlace && { ExclusiveStartKey: place }),
  });
  return attempt("listing a tenant's keys", () => client.send(query));
};

/** Where a page begins, as DynamoDB said it; empty for the first page, and for what was never such a place. */
const placeOf = (after: string | undefined): RawItem => {
  const place: RawItem = Object.create(null);
  try {
    return Object.assign(place, JSON.parse(after ?? '{}'));
  } catch {
    return place;
  }
};

/** More than one is too many already. */
const KEYS_OF_VALUE = 10;
const QUERIES_AT_ONCE = 16;

/** As `SyncStore.localKeysWith`; one request for each value. */
export const localKeysWith = async (
  table: Table,
  index: string,
  { keyField, tenantField, tenantId }: Mapping,
  attribute: string,
  values: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const keysOf = async (value: string): Promise<readonly string[]> => {
    const isValue = equals(attribute, value);
    const key = tenantField === undefined ? isValue : allOf(isValue, equals(tenantField, tenantId));
    const query = { IndexName: index, ...queryOf({ key, attributes: [keyField] }) };
    const items = await queryUpTo(table, query, KEYS_OF_VALUE, 'finding items by a value');
    return items.map((item) => must(item[keyField]?.S, 'the key of a local item is text'));
  };
  const unique = [...new Set(values)];
  const keys = await inParallel(unique, keysOf, QUERIES_AT_ONCE);
  return new Map(unique.flatMap((value, at) => (keys[at]?.length ? [[value, keys[at]] as const] : [])));
};
