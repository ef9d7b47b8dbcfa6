import {
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { beforeAll, expect, test } from '@jest/globals';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { until } from '../../local/stack/tenant.ts';
import type { Hint } from '../../shared/contracts/hints.ts';
import { must } from '../../shared/sync/assert.ts';
import { functionNamed } from './deployment/iam.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('gathering');
const { admin } = stack;

let tenant: Tenant;
let keys: readonly string[];

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'gathering');
  keys = (await itemsOf(tenant.contacts, tenant)).map(({ contactId }) => String(contactId));
});

/** Does something while a function's event source rests, so that what it brings is there at once. */
async function whileResting(entry: string, source: string, act: () => Promise<void>): Promise<void> {
  const { lambda } = stack.clients;
  const FunctionName = functionNamed(stack, entry);
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName }),
  );
  const found = EventSourceMappings.find(({ EventSourceArn }) => EventSourceArn?.includes(source));
  const { UUID } = must(found, `an event source ${source} of ${entry}`);
  const turn = async (state: 'Enabled' | 'Disabled') => {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: state === 'Enabled' }));
    await until(`The source of ${entry} being ${state}`, async () => {
      const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID }));
      return State === state;
    });
  };
  await turn('Disabled');
  try {
    await act();
  } finally {
    await turn('Enabled');
  }
}

/** Calls that the org has counted against its allowance. */
const calls = async (): Promise<number> => (await admin.counts()).apiUsage;

const titles = async (): Promise<unknown[]> =>
  (await admin.query('SELECT Id, Title FROM Contact')).map(({ Title }) => Title);

test('Two hundred local edits of one stream batch cost two calls', async () => {
  await quiet(stack);
  const before = await calls();

  await whileResting('local-changes', tableName('contacts'), async () => {
    for (const key of keys) await tenant.contacts.edit(key, { title: 'Gathered' });
  });

  await until('All edits', async () => (await titles()).every((title) => title === 'Gathered'));
  await quiet(stack);
  expect((await calls()) - before).toBe(2);
});

test('Ten hints of one key each cost two calls', async () => {
  const ten = keys.slice(0, 10);
  await quiet(stack);
  const before = await calls();

  // The stream's own hints come when everything is done: echoes, which cost no call.
  await whileResting('local-changes', tableName('contacts'), async () => {
    await whileResting('sync-worker', queueName(), async () => {
      for (const key of ten) await tenant.contacts.edit(key, { title: 'Alone' });
      await sendHints(ten);
    });
    await until('All edits', async () => (await titles()).filter((title) => title === 'Alone').length === 10);
  });
  await quiet(stack);
  expect((await calls()) - before).toBe(2);
  expect(await deadLetters(stack)).toBe(0);
});

/** A hint for each key, in one batch. */
async function sendHints(some: readonly string[]): Promise<void> {
  const hints = some.map(
    (key): Hint => ({
      kind: 'local-keys',
      mappingId: tenant.mappingId('contact'),
      keys: [{ key, changedAt: new Date().toISOString() }],
    }),
  );
  await stack.clients.sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: stack.outputs.HintQueueUrl,
      Entries: hints.map((hint, index) => ({
        Id: `hint-${index}`,
        MessageBody: JSON.stringify(hint),
        MessageGroupId: tenant.connectionId,
      })),
    }),
  );
}

const tableName = (table: string): string =>
  must(stack.outputs.LocalTableNames[table], `there is a table ${table}`);

const queueName = (): string => must(stack.outputs.HintQueueUrl.split('/').at(-1), 'the name in a queue URL');
