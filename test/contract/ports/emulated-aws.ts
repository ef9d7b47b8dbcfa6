import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { SYNC_STATE_LIST_INDEX } from '../../../shared/contracts/environment.ts';
import { CONNECTIONS_TABLE, LOCAL_TENANT_INDEX, SYNC_STATE_TABLE } from '../../../shared/contracts/tables.ts';

/** Where the emulated AWS of this run is, as whoever started it says. */
const accessText = process.env.SALESFORCE_SYNC_E2E;

/** What every client of these tests is made with: the emulator's root credentials, and hosts that Node can resolve. */
export const clientSettings = () => ({
  endpoint: (JSON.parse(accessText ?? '{}') as { endpoint: string }).endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Runs a suite on the emulated AWS; without one it is left out with a sentence, or fails where it has to be there. */
export const describeOnAws = (name: string, suite: () => void): void => {
  if (accessText !== undefined) {
    describe(name, suite);
    return;
  }
  describe(name, () => {
    const sentence = 'needs the emulated AWS, which `npm run test:contract` starts';
    if (process.env.CI) {
      test(sentence, () => {
        expect(accessText).toBeDefined();
      });
    } else {
      test.skip(sentence, () => {});
    }
  });
};

/** A name that nobody else uses. */
export const freshName = (what: string): string => `${what}-${randomUUID()}`;

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

/** Tables that live as long as one test file. */
export const temporaryTables = () => {
  const made: string[] = [];
  let client: DynamoDBClient | undefined;
  return {
    client: (): DynamoDBClient => {
      client ??= new DynamoDBClient(clientSettings());
      return client;
    },
    async create(table: CreateTableCommandInput): Promise<void> {
      await this.client().send(new CreateTableCommand(table));
      made.push(table.TableName ?? '');
    },
    async deleteAll(): Promise<void> {
      for (const TableName of made) await this.client().send(new DeleteTableCommand({ TableName }));
      client?.destroy();
    },
  };
};
