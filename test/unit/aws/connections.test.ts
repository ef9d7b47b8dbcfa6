import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoConnections } from '../../../shared/aws/connections/connections.ts';
import { aStoredConnection } from '../../builders/a-connection.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const dynamo = mockClient(client);
const metadata = { message: 'x', $metadata: { httpStatusCode: 400 } };
const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({ ...metadata, CancellationReasons: codes.map((Code) => ({ Code })) });

beforeEach(() => {
  dynamo.reset();
  dynamo.on(GetItemCommand).resolves({});
  dynamo.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException(metadata));
});

test.each([
  ['is throttled, not lost, when the table was', 'ThrottlingError', 'Throttled', 'retry'],
  ['is lost to another writer who was first each time', 'ConditionalCheckFailed', 'LostRace', 'reread'],
])('a new connection %s', async (_, code, name, next) => {
  dynamo.on(TransactWriteItemsCommand).rejects(cancelled('None', code));
  const connections = new DynamoConnections({ client, name: 'connections' });

  await expect(
    connections.saveAuthorization(aStoredConnection(), '2026-01-01T00:00:00.000Z'),
  ).rejects.toMatchObject({
    name,
    next: { do: next },
  });
});
