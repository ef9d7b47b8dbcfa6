import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { DynamoBulkJobs } from '../../../shared/aws/bulk/bulk-jobs.ts';
import { DynamoAuthorizations } from '../../../shared/aws/connections/authorizations.ts';
import { DynamoConnections } from '../../../shared/aws/connections/connections.ts';
import { DynamoJournal } from '../../../shared/aws/reconciliation/journal.ts';
import { DynamoParkedKeys } from '../../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoSyncStore } from '../../../shared/aws/reconciliation/sync-store.ts';
import { DynamoConfigDigest } from '../../../shared/aws/schedules/config-digest.ts';
import { NO_COUNTS } from '../../../shared/use-cases/ports/counts.ts';
import { aStoredConnection } from '../../builders/a-connection.ts';
import { aLink, aMapping } from '../../builders/sync.ts';
import { manualClock } from '../../in-memory/clock.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const dynamo = mockClient(client);
const table = { client, name: 'table' };
const syncStore = () =>
  new DynamoSyncStore({ client, syncStateTable: table.name, localTables: { contacts: 'contacts' } });

beforeEach(() => {
  dynamo.reset();
});

describe('a read of some attributes', () => {
  const namesOf = (request: { ExpressionAttributeNames?: Record<string, string> | undefined } = {}) =>
    Object.values(request.ExpressionAttributeNames ?? {});

  test('of Salesforce ids asks for the version too', async () => {
    dynamo.on(BatchGetItemCommand).resolves({});

    await syncStore().localKeysOf('c.contact', ['003']);

    const request = dynamo.commandCalls(BatchGetItemCommand)[0]?.args[0].input.RequestItems?.table;
    expect(namesOf(request)).toContain('v');
  });

  test('of the connections of a tenant asks for the version too', async () => {
    dynamo.on(QueryCommand).resolves({});

    await new DynamoConnections(table).listOfTenant('acme');

    expect(namesOf(dynamo.commandCalls(QueryCommand)[0]?.args[0].input)).toContain('v');
  });
});

test('the ids of a tenant are read also of connections that cannot be read otherwise', async () => {
  const id = (connectionId: string) => ({ connectionId: { S: connectionId } });
  dynamo.on(QueryCommand).resolves({
    Items: [
      { ...id('later'), status: { S: 'resting' }, v: { N: '99' } },
      { ...id('damaged'), status: { N: '1' } },
      { ...id('revoked'), status: { S: 'revoked' } },
      { status: { S: 'active' } },
    ],
  });

  expect(await new DynamoConnections(table).idsOfTenant('acme')).toEqual(['later', 'damaged']);
});

test("Salesforce's ids of open bulk jobs are read also from records that cannot be read otherwise", async () => {
  dynamo.on(QueryCommand).resolves({
    Items: [{ jobId: { S: '750A' }, v: { N: '99' } }, { jobId: { S: '750B' } }, { bulkJobId: { S: 'b' } }],
  });

  expect(await new DynamoBulkJobs(table).openIds(10)).toEqual(['750A', '750B']);
});

describe('what a store writes has the version', () => {
  test('of a link and its pointer', async () => {
    dynamo.on(TransactWriteItemsCommand).resolves({});
    const { version: _, ...link } = aLink();

    await syncStore().commit([{ mapping: aMapping(), link, expectedVersion: 0 }]);

    const [call] = dynamo.commandCalls(TransactWriteItemsCommand);
    const written = call?.args[0].input.TransactItems?.map(({ Put }) => Put?.Item?.v);
    expect(written).toEqual([{ N: '2' }, { N: '1' }]);
  });

  test('of a connection and its pointer', async () => {
    dynamo
      .on(UpdateItemCommand)
      .rejects(Object.assign(new Error('no such item'), { name: 'ConditionalCheckFailedException' }));
    dynamo.on(TransactWriteItemsCommand).resolves({});

    await new DynamoConnections(table).saveAuthorization(aStoredConnection(), '2026-01-01T00:00:00.000Z');

    const [call] = dynamo.commandCalls(TransactWriteItemsCommand);
    const written = call?.args[0].input.TransactItems?.map(({ Put }) => Put?.Item?.v);
    expect(written).toEqual([{ N: '1' }, { N: '1' }]);
  });

  test('of a run, which an update makes', async () => {
    dynamo.on(UpdateItemCommand).resolves({});
    const run = {
      mappingId: 'c.contact',
      runId: 'r',
      cause: 'hint',
      startedAt: '2026-01-01T00:00:00Z',
    } as const;

    await new DynamoJournal(table).recordRun({ ...run, counts: NO_COUNTS });

    const input = dynamo.commandCalls(UpdateItemCommand)[0]?.args[0].input;
    const [placeholder] =
      Object.entries(input?.ExpressionAttributeNames ?? {}).find(([, name]) => name === 'v') ?? [];
    expect(input?.UpdateExpression).toContain(`${placeholder} = if_not_exists(${placeholder}, :v7)`);
    expect(input?.ExpressionAttributeValues?.[':v7']).toEqual({ N: '1' });
  });

  test('of waiting keys and of what is put one by one', async () => {
    dynamo.on(BatchGetItemCommand).resolves({});
    dynamo.on(PutItemCommand).resolves({});

    await new DynamoParkedKeys(table, manualClock()).park([
      { mappingId: 'c.contact', kind: 'local', side: 'local', key: 'a', reason: 'paused' },
    ]);
    await new DynamoConfigDigest(table).set({ digest: 'd' });
    await new DynamoAuthorizations(table).consumeTicket('ticket', 1);

    const puts = dynamo.commandCalls(PutItemCommand).map((call) => call.args[0].input.Item);
    expect(puts.map((item) => item?.v)).toEqual([{ N: '1' }, { N: '1' }, { N: '1' }]);
  });
});
