import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../../shared/contracts/environment.ts';
import { CONNECTIONS_TABLE, LOCAL_TENANT_INDEX, SYNC_STATE_TABLE } from '../../../shared/contracts/tables.ts';

const text = (...names: readonly string[]) =>
  names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));

const keys = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  { AttributeName: sort, KeyType: 'RANGE' as const },
];

/** The connections table, as the stack makes it. */
export const connectionsTable = (TableName: string): CreateTableCommandInput => {
  const { partitionKey, sortKey, listIndex } = CONNECTIONS_TABLE;
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: text(partitionKey, sortKey, listIndex.partitionKey, listIndex.sortKey),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: listIndex.name,
        KeySchema: keys(listIndex.partitionKey, listIndex.sortKey),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...listIndex.nonKeyAttributes] },
      },
    ],
  };
};

/** The sync-state table, as the stack makes it. */
export const syncStateTable = (TableName: string): CreateTableCommandInput => {
  const { partitionKey, sortKey, listPartitionKey, listSortKey } = SYNC_STATE_TABLE;
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: text(partitionKey, sortKey, listPartitionKey, listSortKey),
    KeySchema: keys(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: SYNC_STATE_LIST_INDEX,
        KeySchema: keys(listPartitionKey, listSortKey),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
};

/** A user's own table: nothing but a key. */
export const localTable = (TableName: string, keyField: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: text(keyField),
  KeySchema: [{ AttributeName: keyField, KeyType: 'HASH' }],
});

/** The same with an index by an attribute, as the stack makes it for records that look for their items. */
export const matchedLocalTable = (
  TableName: string,
  keyField: string,
  tenantField: string,
  attribute: string,
): CreateTableCommandInput => ({
  ...localTable(TableName, keyField),
  AttributeDefinitions: text(keyField, tenantField, attribute),
  GlobalSecondaryIndexes: [
    {
      IndexName: `by-${attribute}`,
      KeySchema: keys(attribute, tenantField),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});

/** The same with an index by tenant, as the stack makes it where many tenants share a table. */
export const sharedLocalTable = (
  TableName: string,
  keyField: string,
  tenantField: string,
): CreateTableCommandInput => ({
  ...localTable(TableName, keyField),
  AttributeDefinitions: text(keyField, tenantField),
  GlobalSecondaryIndexes: [
    {
      IndexName: LOCAL_TENANT_INDEX,
      KeySchema: keys(tenantField, keyField),
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
});
