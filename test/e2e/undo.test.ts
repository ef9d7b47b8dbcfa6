import { beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { executions } from '../../local/stack/executions.ts';
import { applyPlan, makeUndo } from '../../local/stack/plans.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('undo');
const { admin } = stack;
const WRONG = 'Imported by mistake';
const ROWS = 5_000;
/** Edits by people after the import, on each side. */
const LATER = 100;

let tenant: Tenant;
let mappingId: string;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'undo');
  mappingId = tenant.mappingId('contact');
  // What a bulk push writes leaves no lines.
  await until('The first push', async () =>
    (await executions(stack, 'push')).every(({ status }) => status !== 'RUNNING'),
  );
  await quiet(stack);
});

/** The titles of both sides, by the key of the item. */
async function titles() {
  const records = new Map(
    (await admin.query('SELECT Id, Title FROM Contact')).map(({ Id, Title }) => [String(Id), Title ?? null]),
  );
  const items = await itemsOf(tenant.contacts, tenant);
  return new Map(
    items
      .toSorted((a, b) => (String(a.contactId) < String(b.contactId) ? -1 : 1))
      .map((item) => [
        String(item.contactId),
        {
          id: String(item.salesforceId),
          item: item.title ?? null,
          record: records.get(String(item.salesforceId)),
        },
      ]),
  );
}

const recordsWith = async (title: string) =>
  (await admin.query('SELECT Id, Title FROM Contact')).filter(({ Title }) => Title === title).length;

const answers = z.object({
  answers: z.array(z.looseObject({ text: z.string(), causes: z.array(z.unknown()) })),
});

test('A bad import of five thousand rows is taken back, and two hundred later edits by people stay', async () => {
  const before = await titles();
  const keys = [...before.keys()];
  expect(keys).toHaveLength(ROWS);
  const from = new Date().toISOString();
  const items = await itemsOf(tenant.contacts, tenant);
  await tenant.contacts.putAll(items.map((item) => ({ ...item, title: WRONG })));
  await until('The import', async () => (await recordsWith(WRONG)) === ROWS, {
    timeoutMs: 240_000,
    everyMs: 2_000,
  });
  await quiet(stack);
  const to = new Date().toISOString();
  const ours = keys.slice(0, LATER);
  const theirs = keys.slice(LATER, 2 * LATER);
  for (const key of ours) await tenant.contacts.edit(key, { title: `Corrected ${key}` });
  for (const key of theirs)
    await admin.edit('Contact', before.get(key)?.id ?? '', { Title: `Corrected ${key}` });
  await sweep(stack, mappingId);
  await until('The corrections', async () => (await recordsWith(WRONG)) === ROWS - 2 * LATER, {
    everyMs: 500,
  });
  await quiet(stack);

  const plan = await makeUndo(stack, mappingId, { from, to });
  expect(plan.totals).toEqual({
    keys: ROWS,
    kinds: { 'change-item': ROWS - 2 * LATER, 'change-record': ROWS - 2 * LATER, keep: 2 * LATER },
  });
  const applied = await applyPlan(stack, mappingId, plan);
  expect(applied).toMatchObject({ outcome: 'applied', applying: { done: ROWS, leftovers: {} } });
  await quiet(stack);

  const after = await titles();
  const corrected = new Set([...ours, ...theirs]);
  for (const [key, { item, record }] of after) {
    const wanted = corrected.has(key) ? `Corrected ${key}` : before.get(key)?.item;
    expect([key, item, record]).toEqual([key, wanted, wanted]);
  }
  const [key = ''] = keys.slice(2 * LATER);
  const told = answers.parse(await operate(stack, { action: 'why', mappingId, key, field: 'title' }));
  expect(told.answers[0]?.text).toContain('an earlier change was taken back');
  expect(told.answers[0]?.causes).toEqual([{ by: 'undo', runId: plan.planId }]);

  // Undone in turn, for one record, all is as before the undo.
  const back = await makeUndo(stack, mappingId, { runId: plan.planId, key });
  expect(await applyPlan(stack, mappingId, back)).toMatchObject({ applying: { done: 1, leftovers: {} } });
  expect((await tenant.contacts.get(key))?.title).toBe(WRONG);
  expect((await admin.read('Contact', before.get(key)?.id ?? '')).Title).toBe(WRONG);
  await quiet(stack);
  expect(await deadLetters(stack)).toBe(0);
});
