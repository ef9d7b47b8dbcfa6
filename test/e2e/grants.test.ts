import { randomUUID } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { invoke } from '../../cli/invoke.ts';
import { Browser } from '../../local/stack/browser.ts';
import { quiet } from '../../local/stack/queues.ts';
import { operate, textOf, until } from '../../local/stack/tenant.ts';
import type { Hint } from '../../shared/contracts/hints.ts';
import { writeEnvelope } from '../../simulated-org/outbound-messages/envelope.ts';
import { executionsOf } from './deployment/executions.ts';
import { logsOf } from './deployment/function-logs.ts';
import { functionNamed, withoutGrant } from './deployment/iam.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, connectionsOf, itemsOf, type Tenant } from './deployment/tenants.ts';
import { killWorkers } from './deployment/workers.ts';

const stack = stackWith('grants');
const { admin } = stack;

let tenant: Tenant;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'grants');
});

/** What a warm process remembers, a new one asks for. */
async function newProcess(entry: string): Promise<void> {
  // A message in a worker that is killed would stay hidden for as long as a dead worker could still hold it.
  await quiet(stack, 300);
  killWorkers(stack, entry);
  // The emulated AWS may only notice by an invocation that fails; what this one says does not matter.
  const FunctionName = functionNamed(stack, entry);
  await stack.clients.lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{}') }));
}

/** Does something while a function may not do one thing; its log has to say which. */
async function denied<T>(entry: string, action: string, work: () => Promise<T>): Promise<T> {
  const since = Date.now();
  return withoutGrant(stack, entry, action, async () => {
    await newProcess(entry);
    const outcome = await work();
    await until(`${action} in the log of ${entry}`, async () =>
      (await logsOf(stack, entry, since)).some((line) => line.includes(action)),
    );
    return outcome;
  });
}

const linkFor = async (orgId: string): Promise<string> => {
  const answer = await operate(stack, { action: 'issue-ticket', orgId, loginHost: stack.org.origin });
  return z.object({ authorizeUrl: z.string() }).parse(answer).authorizeUrl;
};

/** The worker's answer to a hint at a contact of the tenant. */
const hintAtContact = async () => {
  const [item] = await itemsOf(tenant.contacts, tenant);
  const sfIds = [String(item?.salesforceId)];
  const hint: Hint = { kind: 'remote-ids', mappingId: tenant.mappingId('contact'), sfIds };
  const attributes = { MessageGroupId: 'denied', ApproximateReceiveCount: '1' };
  const record = { messageId: 'denied', receiptHandle: 'none', body: JSON.stringify(hint), attributes };
  return invoke(stack.clients.lambda, functionNamed(stack, 'sync-worker'), { Records: [record] });
};
const handled = { batchItemFailures: [] };
const failed = { batchItemFailures: [{ itemIdentifier: 'denied' }] };

/** Each of these goes well with the grant, which other tests show or the same one at its end. */
describe('A function that lacks one of its grants says which in its log, and', () => {
  test('secretsmanager:GetSecretValue of oauth-authorize: opens no link', async () => {
    const link = await linkFor('denied');

    const page = await denied('oauth-authorize', 'secretsmanager:GetSecretValue', () =>
      new Browser().open(link),
    );

    expect(page).toMatchObject({ status: 500, url: link });
    const browser = new Browser();
    const consent = await browser.press(await browser.open(link), 'continue');
    expect(consent.url).toContain(stack.org.origin);
  });

  test('kms:GenerateDataKey of oauth-callback: connects nothing', async () => {
    const browser = new Browser();
    const consent = await browser.press(await browser.open(await linkFor('denied')), 'continue');

    const page = await denied('oauth-callback', 'kms:GenerateDataKey', () => browser.press(consent, 'allow'));

    expect(page.status).toBe(500);
    expect(textOf(page.text)).toContain('The org was not connected');
    expect(await connectionsOf(stack, 'denied')).toEqual([]);
  });

  test('kms:Decrypt of sync-worker: fails its hints', async () => {
    expect(await denied('sync-worker', 'kms:Decrypt', hintAtContact)).toEqual(failed);
    expect(await hintAtContact()).toEqual(handled);
  });

  test('dynamodb:BatchGetItem of sync-worker: fails its hints', async () => {
    const [item] = await itemsOf(tenant.contacts, tenant);
    const edit = (Title: string) => admin.edit('Contact', String(item?.salesforceId), { Title });
    await edit('Unreadable');

    expect(await denied('sync-worker', 'dynamodb:BatchGetItem', hintAtContact)).toEqual(failed);
    expect((await tenant.contacts.get(String(item?.contactId)))?.title).toBe(item?.title);

    expect(await hintAtContact()).toEqual(handled);
    expect((await tenant.contacts.get(String(item?.contactId)))?.title).toBe('Unreadable');
  });

  test('dynamodb:UpdateItem of operations: pauses nothing', async () => {
    const pause = { action: 'pause', connectionId: tenant.connectionId };

    const answer = await denied('operations', 'dynamodb:UpdateItem', () =>
      invoke(stack.clients.lambda, stack.outputs.OperationsFunctionName, pause),
    );

    expect(answer).toMatchObject({ error: { code: 'STORE_REFUSED' } });
    expect(await connectionsOf(stack, tenant.orgId)).toMatchObject([{ status: 'active' }]);
  });

  test('sqs:SendMessage of outbound-message: acknowledges nothing, so that Salesforce sends again', async () => {
    const { connectionId } = tenant;
    const answer = await operate(stack, { action: 'outbound-message-url', connectionId });
    const { url } = z.object({ url: z.string() }).parse(answer);
    const [item] = await itemsOf(tenant.accounts, tenant);
    const id = String(item?.salesforceId);
    const head = { orgId: stack.org.orgId, actionId: '04k000000000001AAA', origin: stack.org.origin };
    const body = writeEnvelope(head, [{ id: '04l000000000001AAA', type: 'Account', fields: [['Id', id]] }]);
    const send = () => fetch(url, { method: 'POST', headers: { 'content-type': 'text/xml' }, body });

    const refused = await denied('outbound-message', 'sqs:SendMessage', send);

    expect(refused.status).toBe(503);
    expect(await refused.text()).not.toContain('true');
    expect((await send()).status).toBe(200);
  });

  test('sqs:SendMessage of local-changes: keeps the change until it may', async () => {
    const [item] = await itemsOf(tenant.accounts, tenant);
    const id = String(item?.salesforceId);

    await denied('local-changes', 'sqs:SendMessage', () =>
      tenant.accounts.edit(String(item?.accountId), { website: 'https://kept.example.com' }),
    );

    expect(await admin.read('Account', id)).not.toMatchObject({ Website: 'https://kept.example.com' });
    await until('The edit', async () => {
      const { Website } = await admin.read('Account', id);
      return Website === 'https://kept.example.com';
    });
  });

  test('states:StartExecution of operations: begins no push', async () => {
    const mappingId = tenant.mappingId('contact');
    const pushes = (await executionsOf(stack, 'push', mappingId)).length;

    const answer = await denied('operations', 'states:StartExecution', () =>
      invoke(stack.clients.lambda, stack.outputs.OperationsFunctionName, { action: 'push-now', mappingId }),
    );

    expect(answer).toMatchObject({ error: { code: 'STORE_REFUSED' } });
    expect(await executionsOf(stack, 'push', mappingId)).toHaveLength(pushes);
  });

  test('s3:PutObject of bulk-step: fails the load, whose execution says why', async () => {
    const refused = await denied('bulk-step', 's3:PutObject', load);

    expect(refused).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('s3:PutObject') });
    expect(await load()).toMatchObject({ status: 'SUCCEEDED' });
  });
});

/** Loads the contacts as one execution, however few they are. */
async function load() {
  const { stepFunctions } = stack.clients;
  const bulkJobId = randomUUID();
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: stack.outputs.LoadStateMachineArn,
      name: `load-${bulkJobId}`,
      input: JSON.stringify({ bulkJobId, mappingId: tenant.mappingId('contact') }),
    }),
  );
  return until('The end of the load', async () => {
    const found = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return found.status !== 'RUNNING' && found;
  });
}
