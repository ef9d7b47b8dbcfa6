import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, paginateListSecrets } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { findSecrets } from '../../local/demo/secrets.ts';
import { sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf } from './deployment/tenants.ts';

const stack = stackWith('secrets');
const { admin, clients } = stack;

/** Everything secret that the stack knows, but the org's tokens, which the search asks for itself. */
const secrets: string[] = [stack.clientSecret];

beforeAll(async () => {
  const tenant = await connectAndLoad(stack, 'discreet');
  const { connectionId } = tenant;
  const answer = await operate(stack, { action: 'outbound-message-url', connectionId });
  const { url } = z.object({ url: z.string() }).parse(answer);
  secrets.push(url.slice(url.lastIndexOf('/') + 1));
  const ticket = await operate(stack, { action: 'issue-ticket', orgId: 'discreet' });
  const { authorizeUrl } = z.object({ authorizeUrl: z.string() }).parse(ticket);
  secrets.push(must(new URL(authorizeUrl).searchParams.get('ticket'), 'a ticket'));
  secrets.push(...(await secretValues()));
  await admin.sendOutboundMessages('Contact', url, ['Id']);
  await admin.expireAccessTokens();
  const [item] = await itemsOf(tenant.contacts, tenant);
  await admin.edit('Contact', String(item?.salesforceId), { Title: 'Keeper' });
  await until('The edit', async () => {
    const found = await tenant.contacts.get(String(item?.contactId));
    return found?.title === 'Keeper';
  });
  await sweep(stack, tenant.mappingId('contact'));
});

async function secretValues(): Promise<string[]> {
  const values: string[] = [];
  for await (const { SecretList = [] } of paginateListSecrets({ client: clients.secretsManager }, {})) {
    for (const { ARN } of SecretList) {
      const { SecretString = '' } = await clients.secretsManager.send(
        new GetSecretValueCommand({ SecretId: ARN }),
      );
      values.push(SecretString);
    }
  }
  return values;
}

describe('Tokens and secrets', () => {
  test('are in no log, no item and no execution history after connecting, loading, messages and a refresh', async () => {
    expect((await admin.tokens()).length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => secret.length > 20)).toHaveLength(5);

    const { found, places } = await findSecrets(stack, secrets);

    expect(found).toEqual([]);
    expect(places).toBeGreaterThan(8);
  });

  test('would be found where they were', async () => {
    const logGroupName = '/e2e/planted';
    const planted = { pk: { S: 'planted' }, sk: { S: 'planted' } };
    const TableName = stack.outputs.SyncStateTableName;
    const token = must((await admin.tokens()).at(-1), 'a token');
    const stream = { logGroupName, logStreamName: 'planted' };
    await clients.logs.send(new CreateLogGroupCommand({ logGroupName }));
    await clients.logs.send(new CreateLogStreamCommand(stream));
    const message = `{"authorization":"Bearer ${token}"}`;
    const logEvents = [{ timestamp: Date.now(), message }];
    await clients.logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const Item = { ...planted, note: { S: `secret ${stack.clientSecret}` } };
    await clients.dynamoDb.send(new PutItemCommand({ TableName, Item }));

    try {
      const { found } = await findSecrets(stack, secrets);

      expect(found).toHaveLength(2);
      expect(found.join()).toContain(logGroupName);
      expect(found.join()).toContain(TableName);
    } finally {
      await clients.logs.send(new DeleteLogGroupCommand({ logGroupName }));
      await clients.dynamoDb.send(new DeleteItemCommand({ TableName, Key: planted }));
    }
  });
});
