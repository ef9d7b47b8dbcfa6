import { paginateScan, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { LocalStack } from '../../../local/stack/local-stack.ts';

const PAST = '2000-01-01T00:00:00.000Z';

/**
 * Lets the time pass for which keys of a mapping wait outside the queue: the functions' clock cannot be moved.
 *
 * @returns how many waited
 */
export async function endWaiting({ clients, outputs }: LocalStack, mappingId: string): Promise<number> {
  const TableName = outputs.SyncStateTableName;
  const scan = {
    TableName,
    FilterExpression: 'begins_with(pk, :dirty)',
    ExpressionAttributeValues: { ':dirty': { S: `dirty#${mappingId}#` } },
  };
  let waiting = 0;
  for await (const { Items = [] } of paginateScan({ client: clients.dynamoDb }, scan)) {
    for (const { pk, sk } of Items) {
      if (!pk || !sk) continue;
      waiting += 1;
      await clients.dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk, sk },
          UpdateExpression: 'SET waitUntil = :past, listSort = :past',
          ExpressionAttributeValues: { ':past': { S: PAST } },
        }),
      );
    }
  }
  return waiting;
}
