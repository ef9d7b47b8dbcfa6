import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { invoke } from '../../cli/invoke.ts';
import { LocalItems } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { connectTenant, operate, until } from '../../local/stack/tenant.ts';
import type { Hint } from '../../shared/contracts/hints.ts';
import { must } from '../../shared/sync/assert.ts';
import { eventsOf } from './deployment/events.ts';
import { functionNamed } from './deployment/iam.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, connectionsOf, dispatch, itemsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('tokens');
const { admin } = stack;
const WORKERS = 50;

let tenant: Tenant;
let sfIds: string[];

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'tokens');
  sfIds = (await itemsOf(tenant.contacts, tenant)).map(({ salesforceId }) => String(salesforceId));
});
afterAll(() => admin.settings({ tokenDelayMs: 0 }));

/** A batch as the queue hands it over; sent directly, since here the queue's source runs one batch at a time. */
const batchOf = (index: number, hint: Hint) => ({
  Records: [
    {
      messageId: `simultaneous-${index}`,
      receiptHandle: 'none',
      body: JSON.stringify(hint),
      attributes: { MessageGroupId: `group-${index}`, ApproximateReceiveCount: '1' },
    },
  ],
});

/** As many workers at once as it takes for none to wait for another. */
const allAtOnce = () =>
  Promise.all(
    Array.from({ length: WORKERS }, (_, index) => {
      const sfId = must(sfIds[index % sfIds.length], 'a contact');
      const hint: Hint = { kind: 'remote-ids', mappingId: tenant.mappingId('contact'), sfIds: [sfId] };
      return invoke(stack.clients.lambda, functionNamed(stack, 'sync-worker'), batchOf(index, hint));
    }),
  );

const refreshes = async () => (await admin.counts()).requests['token-refresh'] ?? 0;

const logged = z.array(z.object({ status: z.number() }));
const unauthorized = async () => {
  const requests = logged.parse(await admin.requests());
  return requests.filter(({ status }) => status === 401).length;
};

describe('An expired token', () => {
  test('that 50 workers meet at once is refreshed once', async () => {
    // The first time warms the workers: each then holds the token that is about to end.
    await allAtOnce();
    // Longer than all of them take to get there.
    await admin.settings({ tokenDelayMs: 4_000 });
    const [before] = await connectionsOf(stack, tenant.orgId);
    const refreshesBefore = await refreshes();
    const unauthorizedBefore = await unauthorized();
    await admin.expireAccessTokens();

    const answers = await allAtOnce();

    // Those without one of the connection's slots have their message come back; the others meet the expired token.
    for (const [index, answer] of answers.entries()) {
      const own = { itemIdentifier: `simultaneous-${index}` };
      expect([{ batchItemFailures: [] }, { batchItemFailures: [own] }]).toContainEqual(answer);
    }
    expect((await unauthorized()) - unauthorizedBefore).toBeGreaterThan(1);
    expect((await refreshes()) - refreshesBefore).toBe(1);
    const [after] = await connectionsOf(stack, tenant.orgId);
    expect(after).toMatchObject({ status: 'active', tokenVersion: (before?.tokenVersion ?? 0) + 1 });
  });

  test('does not end the rotated family: the next refresh works too', async () => {
    await admin.settings({ tokenDelayMs: 0 });
    await admin.expireAccessTokens();

    const { counts } = await sweep(stack, tenant.mappingId('contact'));

    expect(counts.calls).toBeGreaterThan(0);
    expect(await connectionsOf(stack, tenant.orgId)).toMatchObject([{ status: 'active' }]);
  });
});

describe('A revoked authorisation', () => {
  const accounts = () => new LocalItems(stack, 'accounts', 'accountId');

  test('stops the work without a dead letter, tells the event bus, and reconnecting brings the work back', async () => {
    const events = await eventsOf(stack, tenant, ['Connection Requires Reauthorization']);
    const [item] = await itemsOf(tenant.accounts, tenant);
    const key = String(item?.accountId);
    const id = String(item?.salesforceId);

    await admin.revokeAllTokens();
    await accounts().edit(key, { website: 'https://while-away.example.com' });

    await until('The verdict', async () => {
      const [connection] = await connectionsOf(stack, tenant.orgId);
      return connection?.status === 'reauthorization-required';
    });
    expect(await events.next()).toMatchObject({
      source: 'salesforce-sync',
      'detail-type': 'Connection Requires Reauthorization',
      detail: { connectionId: tenant.connectionId, orgId: tenant.orgId },
    });
    await events.stop();

    const refreshesBefore = await refreshes();
    await accounts().edit(key, { industry: 'Energy' });
    await admin.edit('Account', id, { Phone: '+1 555 0142' });
    await dispatch(stack);
    await quiet(stack, 1_000);
    expect(await deadLetters(stack)).toBe(0);
    expect((await refreshes()) - refreshesBefore).toBe(0);
    const run = { action: 'run-now', mappingId: tenant.mappingId('account') };
    await expect(operate(stack, run)).rejects.toThrow(/^CONNECTION_NOT_ACTIVE: .*reauthorization-required/);

    expect(await connectTenant(stack, tenant.orgId)).toBe(tenant.connectionId);
    await dispatch(stack);

    await until('The edit in Salesforce', async () => (await accounts().get(key))?.phone === '+1 555 0142');
    await until('The local edits', async () => {
      const { Website, Industry } = await admin.read('Account', id);
      return Website === 'https://while-away.example.com' && Industry === 'Energy';
    });
  });
});
