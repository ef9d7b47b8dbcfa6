import { beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { applyPlan, makePlan } from '../../local/stack/plans.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, rejectionsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('plans');
const { admin } = stack;
/** Longer than an ordinary sweep looks back. */
const UNSEEN_MS = 40 * 60_000;

let tenant: Tenant;
let mappingId: string;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'plans');
  mappingId = tenant.mappingId('contact');
  await admin.advance(UNSEEN_MS * 2);
  await sweep(stack, mappingId);
  await quiet(stack);
});

/** Does something of which no sweep knows, and nobody is told. */
async function unseen<T>(act: () => Promise<T>): Promise<T> {
  await admin.advance(-UNSEEN_MS);
  const done = await act();
  await admin.advance(UNSEEN_MS);
  return done;
}

async function someContacts(count: number) {
  const items = (await itemsOf(tenant.contacts, tenant))
    .map((item) => ({ key: String(item.contactId), id: String(item.salesforceId) }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return items.slice(0, count).map((one) => must(one, 'a contact'));
}

/** An edit of an item that Salesforce refuses, once: the sides differ, and nobody is to try it again. */
async function refusedEdit(key: string, title: string): Promise<void> {
  await admin.faults({
    ...{ kind: 'row', method: 'update', path: title, statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION' },
    message: 'Not today.',
  });
  await tenant.contacts.edit(key, { title });
  await until('The refusal', async () => (await rejectionsOf(stack, mappingId, key)).length > 0);
  await quiet(stack);
}

const entries = z.object({
  entries: z.array(
    z.looseObject({
      key: z.string(),
      localKey: z.optional(z.string()),
      actions: z.array(z.looseObject({ kind: z.string(), fields: z.optional(z.array(z.string())) })),
    }),
  ),
});
const leftovers = z.object({
  leftovers: z.array(
    z.looseObject({ key: z.string(), localKey: z.optional(z.string()), reason: z.string() }),
  ),
});

/** What the first page of a plan says. */
async function firstPage({ planId }: { readonly planId: string }) {
  const answer = await operate(stack, { action: 'plan-page', mappingId, planId });
  return entries.parse(answer).entries;
}

/** What was not done of the first page. */
async function firstLeftovers({ planId }: { readonly planId: string }) {
  const answer = await operate(stack, { action: 'plan-leftovers', mappingId, planId });
  return leftovers.parse(answer).leftovers;
}

const aRequest = z.looseObject({ method: z.string(), path: z.string() });

test('A plan applied exactly on a quiet pair, and with listed leftovers on a busy one', async () => {
  const [edited, ours, changed] = await someContacts(3);
  if (!edited || !ours || !changed) throw new Error('there are contacts');
  await unseen(() => admin.edit('Contact', edited.id, { Title: 'Unseen' }));
  await unseen(() => admin.create('Contact', { LastName: 'Unseen', Sync_Key__c: 'unseen-1' }));
  await refusedEdit(ours.key, 'Refused once');
  const before = (await admin.requests()).length;
  const { rows } = await admin.counts();

  const plan = await makePlan(stack, mappingId);

  const requests = z
    .array(aRequest)
    .parse(await admin.requests())
    .slice(before);
  expect(requests.length).toBeGreaterThan(0);
  expect(requests.filter(({ method, path }) => method !== 'GET' || !/\/query/.test(path))).toEqual([]);
  expect((await admin.counts()).rows).toEqual(rows);
  expect(plan).toMatchObject({
    outcome: 'planned',
    totals: { keys: 3, kinds: { 'change-item': 1, 'create-item': 1, 'change-record': 1 } },
  });
  expect(plan.toApply.calls).toBeGreaterThan(0);
  const entries = await firstPage(plan);
  expect(JSON.stringify(entries)).not.toContain('Refused once');
  expect(await tenant.contacts.get('unseen-1')).toBeUndefined();

  await expect(
    operate(stack, { action: 'apply-plan', mappingId, planId: plan.planId, hash: '0'.repeat(64) }),
  ).rejects.toThrow('PLAN_HASH_WRONG');
  const applied = await applyPlan(stack, mappingId, plan);

  expect(applied).toMatchObject({ outcome: 'applied', applying: { done: 3, leftovers: {} } });
  expect(await tenant.contacts.get(edited.key)).toMatchObject({ title: 'Unseen' });
  expect(await tenant.contacts.get('unseen-1')).toMatchObject({ lastName: 'Unseen' });
  expect(await admin.read('Contact', ours.id)).toMatchObject({ Title: 'Refused once' });
  await quiet(stack);
  expect(await makePlan(stack, mappingId)).toMatchObject({ totals: { keys: 0 } });

  await unseen(() => admin.edit('Contact', edited.id, { Title: 'Planned' }));
  await unseen(() => admin.edit('Contact', changed.id, { Title: 'Planned too' }));
  const busy = await makePlan(stack, mappingId);
  expect(busy.totals.keys).toBe(2);
  await unseen(() => admin.edit('Contact', changed.id, { Title: 'Changed since' }));
  const left = await applyPlan(stack, mappingId, busy);

  expect(left.applying).toMatchObject({ done: 1, leftovers: { changed: 1 } });
  expect(await firstLeftovers(busy)).toMatchObject([{ localKey: changed.key, reason: 'changed' }]);
  expect(await tenant.contacts.get(edited.key)).toMatchObject({ title: 'Planned' });
  expect(await tenant.contacts.get(changed.key)).not.toMatchObject({ title: 'Planned too' });
  expect(await tenant.contacts.get(changed.key)).not.toMatchObject({ title: 'Changed since' });
  await quiet(stack);
  expect(await deadLetters(stack)).toBe(0);
});
