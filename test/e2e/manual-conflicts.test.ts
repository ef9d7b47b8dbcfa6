import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { invoke } from '../../cli/invoke.ts';
import type { Item } from '../../local/stack/local-items.ts';
import { sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { EVENT_SOURCE } from '../../shared/contracts/environment.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { conflictsOf, connectAndLoad, itemsOf, type Tenant } from './deployment/tenants.ts';
import { readTestAws } from './deployment/test-aws.ts';

const stack = stackWith('conflicts');
const { admin, clients } = stack;
const NAME = 'manual-conflicts';
const events = new EventBridgeClient({
  endpoint: readTestAws().endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

let tenant: Tenant;
let items: Item[];
let queueUrl: string;

/** What somebody's own program would do with our events. */
beforeAll(async () => {
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: NAME }));
  queueUrl = must(QueueUrl, 'a queue');
  const { Attributes } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  );
  const QueueArn = must(Attributes?.QueueArn, 'an ARN');
  const statement = {
    ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } },
    ...{ Action: 'sqs:SendMessage', Resource: QueueArn },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes: { Policy } }));
  const EventPattern = JSON.stringify({ source: [EVENT_SOURCE], 'detail-type': ['Conflicts Held'] });
  await events.send(new PutRuleCommand({ Name: NAME, EventPattern }));
  await events.send(new PutTargetsCommand({ Rule: NAME, Targets: [{ Id: NAME, Arn: QueueArn }] }));
  tenant = await connectAndLoad(stack, NAME);
  items = await itemsOf(tenant.accounts, tenant);
});

afterAll(async () => {
  await events.send(new RemoveTargetsCommand({ Rule: NAME, Ids: [NAME] }));
  await events.send(new DeleteRuleCommand({ Name: NAME }));
  await clients.sqs.send(new DeleteQueueCommand({ QueueUrl: queueUrl }));
});

const aConflict = z.looseObject({
  localKey: z.string(),
  sfId: z.string(),
  field: z.string(),
  base: z.unknown(),
  local: z.unknown(),
  remote: z.unknown(),
  version: z.number(),
  remoteChangedBy: z.string(),
});

const openConflicts = async (key: string) => {
  const answer = await operate(stack, { action: 'open-conflicts', mappingId: tenant.mappingId('account') });
  const { conflicts } = z.object({ conflicts: z.array(aConflict) }).parse(answer);
  return conflicts.filter(({ localKey }) => localKey === key);
};

/** Both sides edit the industry of an account; Salesforce tells nobody, so it is swept. */
async function held(index: number) {
  const item = must(items[index], 'an account');
  const [key, id] = [String(item.accountId), String(item.salesforceId)];
  await admin.edit('Account', id, { Industry: 'Fishing' });
  await tenant.accounts.edit(key, { industry: 'Forestry' });
  await sweep(stack, tenant.mappingId('account'));
  const [conflict] = await until('The conflict', async () => {
    const found = await openConflicts(key);
    return found.length > 0 && found;
  });
  return { key, id, base: item.industry, conflict: must(conflict, 'a conflict') };
}

const industries = async (key: string, id: string) => [
  (await tenant.accounts.get(key))?.industry,
  (await admin.read('Account', id)).Industry,
];

const resolve = (key: string, version: number, choice: object) => ({
  ...{ action: 'resolve-conflict', mappingId: tenant.mappingId('account'), key, field: 'industry' },
  ...{ version, ...choice },
});

describe('A field that both sides edited, and that is left to a person', () => {
  test('is held, listed and told of; the other fields flow; a decision for a side arrives', async () => {
    const { key, id, base, conflict } = await held(0);

    expect(conflict).toMatchObject({ field: 'industry', local: 'Forestry', remote: 'Fishing', sfId: id });
    expect(conflict.base ?? undefined).toEqual(base);
    expect(conflict.remoteChangedBy).toMatch(/^005/);
    const detail = await until('The event', async () => {
      const { Messages = [] } = await clients.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      return Messages.map(({ Body = '' }) => JSON.parse(Body)).find(({ detail }) =>
        JSON.stringify(detail).includes(key),
      );
    });
    expect(detail).toMatchObject({
      'detail-type': 'Conflicts Held',
      detail: {
        mappingId: tenant.mappingId('account'),
        conflicts: expect.arrayContaining([{ localKey: key, sfId: id, fields: ['industry'] }]),
      },
    });
    expect(JSON.stringify(detail)).not.toMatch(/Forestry|Fishing/);

    await tenant.accounts.edit(key, { website: 'https://meanwhile.example.com' });
    await until(
      'The other field',
      async () => (await admin.read('Account', id)).Website === 'https://meanwhile.example.com',
    );
    expect(await industries(key, id)).toEqual(['Forestry', 'Fishing']);

    await operate(stack, resolve(key, conflict.version, { take: 'local' }));
    await until('The decision', async () => (await admin.read('Account', id)).Industry === 'Forestry');
    await until('The closed conflict', async () => (await openConflicts(key)).length === 0);
    expect(await conflictsOf(stack, tenant.mappingId('account'), key)).toMatchObject([
      { field: 'industry', policy: 'manual', winner: 'local' },
    ]);
  });

  test('takes a value of the person on both sides, but not from one who saw older values', async () => {
    const { key, id, conflict } = await held(1);
    await tenant.accounts.edit(key, { industry: 'Mining' });
    const newer = await until('The newer version', async () => {
      const [found] = await openConflicts(key);
      return found?.local === 'Mining' && found;
    });

    const stale = resolve(key, conflict.version, { take: 'value', value: 'Farming' });
    expect(await invoke(clients.lambda, stack.outputs.OperationsFunctionName, stale)).toMatchObject({
      error: { code: 'CONFLICT_CHANGED' },
    });
    expect(await industries(key, id)).toEqual(['Mining', 'Fishing']);

    await operate(stack, resolve(key, newer.version, { take: 'value', value: 'Farming' }));
    await until('Both sides', async () => (await industries(key, id)).every((value) => value === 'Farming'));
    await until('The closed conflict', async () => (await openConflicts(key)).length === 0);
  });

  test('is closed by itself when one side goes back to what was agreed', async () => {
    const { key, id, base } = await held(2);

    await admin.edit('Account', id, { Industry: base ?? null });
    await sweep(stack, tenant.mappingId('account'));

    await until('The local edit', async () => (await admin.read('Account', id)).Industry === 'Forestry');
    await until('The closed conflict', async () => (await openConflicts(key)).length === 0);
  });

  test('is decided with others by a filter', async () => {
    const both = [await held(3), await held(4)];

    const asked = { action: 'resolve-conflicts', mappingId: tenant.mappingId('account'), field: 'industry' };
    expect(await operate(stack, { ...asked, take: 'salesforce' })).toMatchObject({ decided: 2 });

    for (const { key, id } of both) {
      await until('Both sides', async () =>
        (await industries(key, id)).every((value) => value === 'Fishing'),
      );
    }
  });
});
