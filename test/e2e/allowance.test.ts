import { PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { mappingStates, operate, until } from '../../local/stack/tenant.ts';
import { fromItem, toItem } from '../../shared/aws/attribute-values.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, dispatch, itemsOf, type Tenant } from './deployment/tenants.ts';
import { killWorkers } from './deployment/workers.ts';

const stack = stackWith('allowance');
const { admin } = stack;

const HOUR_MS = 3_600_000;
/** A day, and the hour that it cuts. */
const DAY_HOURS = 25;
const DAY_MS = DAY_HOURS * HOUR_MS;
/** The org's calls of 24 hours, once everything is loaded. */
const MAX = 400;
/** As its schedule says. */
const EVERY_MS = 5 * 60_000;

let tenant: Tenant;
let other: string;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'allowance');
  await quiet(stack);
  other = await anAccessToken();
  await admin.settings({ apiMax: MAX });
});

const url = `${stack.org.origin}/services/data/v59.0/sobjects`;
const callAs = async (token: string): Promise<number> =>
  (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;

async function anAccessToken(): Promise<string> {
  for (const token of await admin.tokens()) if ((await callAs(token)) === 200) return token;
  throw new Error('no token gives access');
}

/** Another integration calls the org until so many of its calls are used. */
async function othersUseUpTo(used: number): Promise<void> {
  const { apiUsage } = await admin.counts();
  for (let left = used - apiUsage; left > 0; left -= 20)
    await Promise.all(Array.from({ length: Math.min(20, left) }, () => callAs(other)));
}

const anAllowance = z.object({
  org: z.object({ max: z.number(), others: z.number() }),
  budget: z.number(),
  used: z.looseObject({ all: z.number() }),
  stopped: z.array(z.string()),
  forecast: z.looseObject({ stretch: z.number() }),
});
const allowance = async () =>
  anAllowance.parse(await operate(stack, { action: 'allowance', connectionId: tenant.connectionId }));

const someWaiting = z.object({ waiting: z.array(z.looseObject({ key: z.string() })) });
const waitingOf = async (key: string) => {
  const answer = await operate(stack, { action: 'waiting', mappingId: tenant.mappingId('contact') });
  return someWaiting.parse(answer).waiting.filter((one) => one.key === key);
};

async function nextRunMs(): Promise<number> {
  const states = await mappingStates(stack, tenant.connectionId);
  const state = must(
    states.find(({ name }) => name === 'contact'),
    'the mapping',
  );
  return Date.parse(z.string().parse(state.nextRunAt));
}

/**
 * The org's clock can be moved on and that of the functions cannot, so what they have stored becomes a day older: calls
 * that were counted, what the org said of its own, and the times that something waits for.
 */
async function aDayPasses(): Promise<void> {
  // No warm function lives that long, and what it remembers of the org's count is not stored.
  killWorkers(stack, 'sync-worker');
  await admin.advance(DAY_MS);
  await rewrite(aDayOlder);
}

type Change = (item: Record<string, unknown>) => Record<string, unknown> | undefined;

/** Changes what is stored of the connection; what has no change stays. */
async function rewrite(change: Change): Promise<void> {
  const { SyncStateTableName: TableName } = stack.outputs;
  const { dynamoDb } = stack.clients;
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, { TableName }))
    for (const raw of Items) {
      const item = fromItem(raw);
      const changed = String(item.pk).includes(tenant.connectionId) ? change(item) : undefined;
      if (changed) await dynamoDb.send(new PutItemCommand({ TableName, Item: toItem(changed) }));
    }
}

const past = (): string => new Date(Date.now() - 1_000).toISOString();

const dueForSweep: Change = (item) =>
  String(item.listKey).startsWith('due#') ? { ...item, nextRunAt: past(), listSort: past() } : undefined;

const aDayOlder: Change = (item) => {
  if (String(item.listKey).startsWith('parked#')) return { ...item, waitUntil: past(), listSort: past() };
  if (item.sk !== 'slots') return undefined;
  const usage = z.looseObject({ atMs: z.number() }).parse(item.usage);
  const attributes = Object.entries(item).map(([name, value]) => {
    const [, hour] = /^calls#(\d+)#/.exec(name) ?? [];
    return [hour === undefined ? name : name.replace(hour, String(Number(hour) - DAY_HOURS)), value];
  });
  return { ...Object.fromEntries(attributes), usage: { ...usage, atMs: usage.atMs - DAY_MS } };
};

test('An allowance that others use up: sweeps stretch, edits go through, then all waits and arrives after a day', async () => {
  const [first, second] = (await itemsOf(tenant.contacts, tenant)).map((item) => ({
    key: String(item.contactId),
    id: String(item.salesforceId),
  }));
  if (!first || !second) throw new Error('there are contacts');
  const mappingId = tenant.mappingId('contact');

  // Nearly used up: far too little is left for a sweep each five minutes, and enough for edits.
  await othersUseUpTo(MAX / 2);
  await admin.edit('Contact', first.id, { Title: 'Asked for' });
  await sweep(stack, mappingId);
  expect(await tenant.contacts.get(first.key)).toMatchObject({ title: 'Asked for' });
  await tenant.contacts.edit(second.key, { title: 'Edited' });
  await until('The edit', async () => (await admin.read('Contact', second.id)).Title === 'Edited');
  await quiet(stack);
  const scarce = await allowance();
  expect(scarce.stopped).not.toContain('hints');
  expect(scarce.forecast.stretch).toBeGreaterThan(2);
  expect((await nextRunMs()) - Date.now()).toBeGreaterThan(EVERY_MS);

  // Used up: nothing of ours takes what is left, and what people do waits outside the queue.
  await othersUseUpTo(MAX - 4);
  await tenant.contacts.edit(first.key, { email: 'waits@example.com' });
  await until('The org tells', async () => (await allowance()).stopped.includes('interactive'));
  await tenant.contacts.edit(second.key, { email: 'waits.too@example.com' });
  await until('The edit waits', async () => (await waitingOf(second.key)).length === 1);
  await admin.edit('Contact', second.id, { Title: 'Meanwhile' });
  await operate(stack, { action: 'run-now', mappingId });
  await quiet(stack);
  expect((await admin.counts()).requests['over-limit'] ?? 0).toBe(0);
  expect(await admin.read('Contact', second.id)).not.toMatchObject({ Email: 'waits.too@example.com' });
  expect(await tenant.contacts.get(second.key)).toMatchObject({ title: 'Edited' });

  await aDayPasses();
  await dispatch(stack);
  await until('What waited', async () => {
    const [one, two] = [await admin.read('Contact', first.id), await admin.read('Contact', second.id)];
    return one.Email === 'waits@example.com' && two.Email === 'waits.too@example.com';
  });
  await quiet(stack);
  // By itself, since a sweep would park what it finds under the lease of another look for longer than this test lives.
  await rewrite(dueForSweep);
  await dispatch(stack);
  await until('The sweep', async () => (await tenant.contacts.get(second.key))?.title === 'Meanwhile');
  await quiet(stack);
  expect(await waitingOf(first.key)).toEqual([]);
  expect(await waitingOf(second.key)).toEqual([]);
  expect((await allowance()).stopped).not.toContain('hints');
  expect(await deadLetters(stack)).toBe(0);
});
