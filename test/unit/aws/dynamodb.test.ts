import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import type { RawItem } from '../../../shared/aws/attribute-values.ts';
import { inParallel, queryUpTo, readAll, readListed, writeAll } from '../../../shared/aws/dynamodb.ts';
import { UnreadableItem } from '../../../shared/aws/errors.ts';
import type { StoredItemError } from '../../../shared/contracts/stored-item-error.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const dynamo = mockClient(client);
const table = { client, name: 'table' };
const keyed = (id: number) => ({ pk: { S: `k${id}` } });

beforeEach(() => {
  dynamo.reset();
});

describe('reading many keys', () => {
  test('asks again for what DynamoDB left out, until all are read', async () => {
    dynamo
      .on(BatchGetItemCommand)
      .resolvesOnce({
        Responses: { table: [keyed(1)] },
        UnprocessedKeys: { table: { Keys: [keyed(2), keyed(3)] } },
      })
      .resolvesOnce({ Responses: { table: [] }, UnprocessedKeys: { table: { Keys: [keyed(2), keyed(3)] } } })
      .resolvesOnce({ Responses: { table: [keyed(2), keyed(3)] } });

    const found = await readAll(table, [keyed(1), keyed(2), keyed(3)], 'reading', ['pk']);

    expect(found).toEqual([keyed(1), keyed(2), keyed(3)]);
    const calls = dynamo.commandCalls(BatchGetItemCommand);
    const asked = calls.map((call) => call.args[0].input.RequestItems?.table);
    expect(asked.map((request) => request?.Keys?.length)).toEqual([3, 2, 2]);
    for (const request of asked) {
      expect(request).toMatchObject({
        ConsistentRead: true,
        ProjectionExpression: '#n0',
        ExpressionAttributeNames: { '#n0': 'pk' },
      });
    }
  });

  test('asks for a hundred at a time', async () => {
    dynamo.on(BatchGetItemCommand).resolves({});

    await readAll(
      table,
      Array.from({ length: 250 }, (_, id) => keyed(id)),
      'reading',
    );

    const sizes = dynamo
      .commandCalls(BatchGetItemCommand)
      .map((call) => call.args[0].input.RequestItems?.table?.Keys?.length);
    expect(sizes).toEqual([100, 100, 50]);
  });

  test('refuses more attributes than one request can name, before it sends any', async () => {
    const attributes = Array.from({ length: 1000 }, (_, index) => `attribute-${index}`);

    await expect(readAll(table, [keyed(1)], 'reading', attributes)).rejects.toMatchObject({
      name: 'Refused',
    });
    expect(dynamo.calls()).toHaveLength(0);
  });

  test('makes no call for no key', async () => {
    expect(await readAll(table, [], 'reading')).toEqual([]);
    expect(dynamo.calls()).toHaveLength(0);
  });
});

test('writing many items sends again what was left out', async () => {
  const put = (id: number) => ({ PutRequest: { Item: keyed(id) } });
  dynamo
    .on(BatchWriteItemCommand)
    .resolvesOnce({ UnprocessedItems: { table: [put(2)] } })
    .resolvesOnce({});

  await writeAll(table, [put(1), put(2)], 'writing');

  const sent = dynamo
    .commandCalls(BatchWriteItemCommand)
    .map((call) => call.args[0].input.RequestItems?.table);
  expect(sent).toEqual([[put(1), put(2)], [put(2)]]);
});

test('a query goes through its pages up to the limit, and no further', async () => {
  dynamo
    .on(QueryCommand)
    .resolvesOnce({ Items: [keyed(1)], LastEvaluatedKey: keyed(1) })
    .resolvesOnce({ Items: [], LastEvaluatedKey: keyed(2) })
    .resolvesOnce({ Items: [keyed(3), keyed(4)], LastEvaluatedKey: keyed(4) });

  const found = await queryUpTo(table, { KeyConditionExpression: 'pk = :pk' }, 3, 'listing');

  expect(found).toEqual([keyed(1), keyed(3), keyed(4)]);
  const inputs = dynamo.commandCalls(QueryCommand).map((call) => call.args[0].input);
  expect(inputs.map((input) => [input.Limit, input.ExclusiveStartKey])).toEqual([
    [3, undefined],
    [2, keyed(1)],
    [2, keyed(2)],
  ]);
});

describe('work in parallel', () => {
  test('keeps the order of the entries and the bound on how many run', async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel(
      [1, 2, 3, 4, 5, 6],
      async (entry) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return entry * 10;
      },
      2,
    );

    expect(results).toEqual([10, 20, 30, 40, 50, 60]);
    expect(most).toBe(2);
  });

  test('fails with the first error', async () => {
    const work = async (entry: number) => {
      if (entry === 2) throw new Error('second');
      return entry;
    };

    await expect(inParallel([1, 2, 3], work)).rejects.toThrow('second');
  });

  test('begins nothing after an error, and fails when what is under way has ended', async () => {
    const ended: number[] = [];
    const work = async (entry: number) => {
      if (entry === 1) throw new Error('first');
      await new Promise((resolve) => setImmediate(resolve));
      ended.push(entry);
    };

    await expect(inParallel([1, 2, 3, 4], work, 2)).rejects.toThrow('first');

    expect(ended).toEqual([2]);
  });
});

describe('a listing', () => {
  const read = ({ n }: RawItem): number => {
    if (n?.N === undefined) throw new UnreadableItem('numbers', 'n');
    return Number(n.N);
  };
  const items: RawItem[] = [{ n: { N: '1' } }, { n: { S: 'x' } }, { n: { N: '3' } }];

  test('passes over an item that cannot be read, and tells of it', () => {
    const told: string[] = [];
    const onUnreadable = (error: StoredItemError) => told.push(error.code);

    expect(readListed({ client, name: 'table', onUnreadable }, items, read)).toEqual([1, 3]);
    expect(told).toEqual(['STORED_ITEM_UNREADABLE']);
  });

  test('fails where nobody would be told', () => {
    expect(() => readListed({ client, name: 'table' }, items, read)).toThrow(UnreadableItem);
  });

  test('fails for a mistake of ours', () => {
    const mistake = () => {
      throw new TypeError('oops');
    };
    const table = { client, name: 'table', onUnreadable: () => undefined };

    expect(() => readListed(table, items, mistake)).toThrow(TypeError);
  });
});
