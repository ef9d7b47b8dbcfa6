import {
  BatchGetItemCommand,
  DynamoDBClient,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoSyncStore } from '../../../../shared/aws/reconciliation/sync-store.ts';
import { MAX_FIELDS_FOR_PERSON } from '../../../../shared/contracts/dynamodb-limits.ts';
import { MAX_CONFLICTS_IN_COMMIT } from '../../../../shared/use-cases/reconciliation/records/conflicts.ts';
import { aMapping } from '../../../builders/sync.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const dynamo = mockClient(client);
const open = (tenantIndexes: Record<string, string> = {}) =>
  new DynamoSyncStore({
    client,
    syncStateTable: 'state',
    localTables: { contacts: 'physical' },
    tenantIndexes,
  });
const { tenant: _, ...untenanted } = aMapping();
const mapping = { ...untenanted, tenantField: 'tenant', localIdField: 'salesforceId' };

beforeEach(() => {
  dynamo.reset();
});

describe('scanning for keys', () => {
  test('goes on where a page ended, and reads nothing but the keys of the tenant', async () => {
    dynamo
      .on(ScanCommand)
      .resolvesOnce({ Items: [{ id: { S: 'a' } }], LastEvaluatedKey: { id: { S: 'b' } } })
      .resolvesOnce({ Items: [] });
    const store = open();

    const first = await store.localKeysPage(mapping);
    const second = await store.localKeysPage(mapping, first.next);

    expect([first, second]).toEqual([{ keys: ['a'], next: expect.any(String) }, { keys: [] }]);
    const inputs = dynamo.commandCalls(ScanCommand).map((call) => call.args[0].input);
    expect(inputs[1]).toMatchObject({
      TableName: 'physical',
      ExclusiveStartKey: { id: { S: 'b' } },
      FilterExpression: '#n0 = :v0',
      ProjectionExpression: '#n1',
      ExpressionAttributeNames: { '#n0': 'tenant', '#n1': 'id' },
      ExpressionAttributeValues: { ':v0': { S: mapping.tenantId } },
    });
  });

  test('costs nothing where the whole table belongs to another tenant', async () => {
    expect(await open().localKeysPage({ ...untenanted, tenant: 'another' })).toEqual({ keys: [] });
    expect(dynamo.calls()).toHaveLength(0);
  });
});

describe('listing the keys of a tenant by an index', () => {
  const place = { id: { S: 'b' }, tenant: { S: mapping.tenantId }, createdAt: { N: '7' } };
  const keysBy = async (tenantIndexes: Record<string, string>, after?: string) =>
    open(tenantIndexes).localKeysPage(mapping, after);

  test('asks for that tenant alone, and goes on at a place that has another sort key too', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ id: { S: 'a' } }], LastEvaluatedKey: place })
      .resolvesOnce({ Items: [{ id: { S: 'c' } }] });

    const first = await keysBy({ contacts: 'by-tenant' });
    const second = await keysBy({ contacts: 'by-tenant' }, first.next);

    expect([first.keys, second]).toEqual([['a'], { keys: ['c'] }]);
    const inputs = dynamo.commandCalls(QueryCommand).map((call) => call.args[0].input);
    expect(inputs[0]).not.toHaveProperty('ExclusiveStartKey');
    expect(inputs[1]).toMatchObject({
      TableName: 'physical',
      IndexName: 'by-tenant',
      KeyConditionExpression: '#n0 = :v0',
      ProjectionExpression: '#n1',
      ExpressionAttributeNames: { '#n0': 'tenant', '#n1': 'id' },
      ExpressionAttributeValues: { ':v0': { S: mapping.tenantId } },
      ExclusiveStartKey: place,
    });
    expect(dynamo.commandCalls(ScanCommand)).toEqual([]);
  });

  test.each(['b', '"b"', '7', 'null', '{"id":{"S":"b"}}'])(
    'begins anew at the place %s, where a scan or an earlier release left it',
    async (after) => {
      dynamo.on(QueryCommand).resolves({});

      await keysBy({ contacts: 'by-tenant' }, after);

      expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).not.toHaveProperty('ExclusiveStartKey');
    },
  );

  test('is left, and the scan begins anew, once the index is no longer named', async () => {
    dynamo.on(ScanCommand).resolves({});

    await keysBy({}, JSON.stringify(place));
    await keysBy({ others: 'by-tenant' }, 'b');

    for (const call of dynamo.commandCalls(ScanCommand)) {
      expect(call.args[0].input).not.toHaveProperty('ExclusiveStartKey');
    }
    expect(dynamo.calls()).toHaveLength(2);
  });
});

test('reads of an item only what the mapping compares', async () => {
  dynamo.on(BatchGetItemCommand).resolves({});

  await open().items(mapping, ['a']);

  const request = dynamo.commandCalls(BatchGetItemCommand)[0]?.args[0].input.RequestItems?.physical;
  expect(Object.values(request?.ExpressionAttributeNames ?? {})).toEqual([
    'id',
    'tenant',
    'firstName',
    'lastName',
    'email',
    'salesforceId',
  ]);
});

test('writes the pointer of a Salesforce id once, as long as it knows that it is there', async () => {
  dynamo.on(TransactWriteItemsCommand).resolves({});
  const store = open();
  const link = {
    mappingId: mapping.mappingId,
    localKey: 'a',
    sfId: '003',
    state: 'linked',
    revision: 1,
    base: {},
  } as const;

  for (const expectedVersion of [0, 1, 2]) await store.commit([{ mapping, link, expectedVersion }]);
  // Somebody else has written the link meanwhile, perhaps with another id.
  await store.commit([{ mapping, link, expectedVersion: 9 }]);

  const sizes = dynamo
    .commandCalls(TransactWriteItemsCommand)
    .map((call) => call.args[0].input.TransactItems?.length);
  expect(sizes).toEqual([2, 1, 1, 2]);
});

test('commits a record that decides and holds as much as it may in one transaction that DynamoDB takes', async () => {
  dynamo.on(TransactWriteItemsCommand).resolves({});
  const sfId = '003000000000001AAA';
  const pair = { mappingId: mapping.mappingId, localKey: 'a', sfId };
  const at = '2026-01-01T00:00:00.000Z';
  const link = { ...pair, state: 'linked', revision: 1, base: {} } as const;
  const sides = { base: 'before', local: 'here', remote: 'there' };
  const fieldsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `field-${index}`);

  const outcomes = await open().commit([
    {
      mapping,
      link,
      expectedVersion: 0,
      item: { kind: 'create', values: {}, sfId },
      conflicts: fieldsOf(MAX_CONFLICTS_IN_COMMIT).map((field) => ({
        ...{
          ...pair,
          ...sides,
          field,
          at,
          policy: 'local-wins',
          winner: 'local',
          reason: 'r',
          linkVersion: 1,
        },
      })),
      openConflicts: {
        put: fieldsOf(MAX_FIELDS_FOR_PERSON).map((field) => ({
          ...{ ...pair, ...sides, field, since: at, remoteChangedAt: at, version: 1 },
        })),
        remove: [],
      },
      history: { at, event: 'linked', causes: [], changes: [] },
    },
  ]);

  expect(outcomes).toEqual(['committed']);
  const [sent] = dynamo
    .commandCalls(TransactWriteItemsCommand)
    .map((call) => call.args[0].input.TransactItems);
  expect(sent?.length).toBe(MAX_CONFLICTS_IN_COMMIT + MAX_FIELDS_FOR_PERSON + 4);
  expect(sent?.length).toBeLessThanOrEqual(100);
});
