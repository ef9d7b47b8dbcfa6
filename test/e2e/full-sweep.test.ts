import { beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import { checkCertificate } from '../../local/stack/certificate.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { runsOf, sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('full-sweep');
const { admin } = stack;

/** Longer than an ordinary sweep looks back. */
const UNSEEN_MS = 40 * 60_000;

let tenant: Tenant;

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'full-sweep');
  // The watermark is well after everything that happens below.
  await admin.advance(UNSEEN_MS * 2);
  await sweep(stack, tenant.mappingId('contact'));
  await quiet(stack);
});

const aStatus = z.object({
  fullSweep: z.looseObject({
    sweepId: z.string(),
    outcome: z.string(),
    counts: z.record(z.string(), z.number()),
    calls: z.number(),
  }),
});
const someFindings = z.object({
  findings: z.array(
    z.object({
      kind: z.string(),
      localKey: z.optional(z.string()),
      sfId: z.optional(z.string()),
      isSettled: z.boolean(),
    }),
  ),
});

/** Asks for a full sweep of the contacts, or of their formulas alone, and waits for its end. */
async function fullSweep(scope: { readonly scope?: 'formulas' } = {}) {
  const mappingId = tenant.mappingId('contact');
  const { sweepId } = z
    .object({ sweepId: z.string() })
    .parse(await operate(stack, { action: 'full-sweep', mappingId, ...scope }));
  return until('The full sweep', async () => {
    const shown = await operate(stack, { action: 'full-sweep-status', mappingId, ...scope });
    const status = aStatus.safeParse(shown);
    const { fullSweep: found } = status.data ?? {};
    return found?.sweepId === sweepId && found.outcome !== 'under-way' ? found : undefined;
  });
}

const aSignedCertificate = z.looseObject({ certificate: z.looseObject({ statement: z.string() }) });
const aStatement = z.object({ fields: z.array(z.object({ field: z.string() })) });

const findings = async (kind: string) =>
  someFindings.parse(
    await operate(stack, { action: 'full-sweep-findings', mappingId: tenant.mappingId('contact'), kind }),
  ).findings;

/** Does something of which no later sweep knows, and nobody is told. */
async function unseen(act: () => Promise<void>): Promise<void> {
  await admin.advance(-UNSEEN_MS);
  await act();
  await admin.advance(UNSEEN_MS);
}

test('A full sweep finds, tells apart, counts and lists what nothing else does; formulas have one of their own', async () => {
  const contacts = await itemsOf(tenant.contacts, tenant);
  const withAccounts = await admin.query('SELECT Id, AccountId FROM Contact WHERE AccountId != null');
  const moved = must(withAccounts[0], 'a contact of an account');
  const ofAccount = new Set(
    withAccounts.filter(({ AccountId }) => AccountId === moved.AccountId).map(({ Id }) => Id),
  );
  // A record whose item is gone keeps the formula's difference for as long as nobody decides about it.
  const some = contacts
    .map((item) => ({ key: String(item.contactId), id: String(item.salesforceId) }))
    .filter(({ id }) => !ofAccount.has(id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const [edited, purged, given] = some.map((one) => must(one, 'a contact'));
  if (!edited || !purged || !given) throw new Error('there are contacts');

  await unseen(() => admin.edit('Contact', edited.id, { Title: 'Never told of' }));
  await admin.purge('Contact', purged.id);
  await admin.edit('Account', String(moved.AccountId), { Industry: 'Shipping' });
  // Whoever gives an item to another tenant leaves no evidence that it was deleted.
  await tenant.contacts.edit(given.key, { tenantId: 'nobody' });
  await sweep(stack, tenant.mappingId('contact'));
  await quiet(stack);
  expect(await tenant.contacts.get(edited.key)).not.toMatchObject({ title: 'Never told of' });

  const first = await fullSweep();

  expect(first).toMatchObject({
    outcome: 'done',
    counts: { records: 11, 'missed-in-salesforce': 1, 'record-not-given': 1, 'item-vanished': 1 },
  });
  expect(first.counts['moved-without-stamp']).toBeGreaterThan(0);
  expect(await findings('record-not-given')).toEqual([
    { kind: 'record-not-given', localKey: purged.key, sfId: purged.id, isSettled: false },
  ]);
  expect(await findings('item-vanished')).toMatchObject([{ localKey: given.key, isSettled: false }]);

  await until('The unseen edit', async () => {
    const item = await tenant.contacts.get(edited.key);
    return item?.title === 'Never told of';
  });
  await until('The formula', async () =>
    (await itemsOf(tenant.contacts, tenant)).some(({ industry }) => industry === 'Shipping'),
  );
  await quiet(stack);
  const why = await operate(stack, {
    action: 'why',
    mappingId: tenant.mappingId('contact'),
    key: edited.key,
    field: 'title',
  });
  expect((why as { answers: unknown[] }).answers[0]).toMatchObject({
    text: expect.stringMatching(
      /^title is "Never told of" .*: edited in Salesforce alone; the item got it\./,
    ),
    fields: [{ field: 'title', side: 'local', rule: 'salesforceEdit' }],
    causes: [{ by: 'full-sweep', runId: first.sweepId }],
  });
  expect(await findings('missed-in-salesforce')).toMatchObject([{ sfId: edited.id, isSettled: true }]);
  // Nothing is deleted on anybody's behalf.
  expect(await tenant.contacts.get(purged.key)).toBeDefined();
  expect(await admin.read('Contact', given.id)).toMatchObject({ Id: given.id });
  expect((await runsOf(stack, tenant.mappingId('contact'))).map(({ cause }) => cause)).toContain(
    'full-sweep',
  );

  const second = await fullSweep();

  expect(second.counts).not.toHaveProperty('missed-in-salesforce');
  expect(second.counts).not.toHaveProperty('moved-without-stamp');
  expect(second.counts).toMatchObject({ 'record-not-given': 1, 'item-vanished': 1 });

  // What it has proven, anybody can check with exports of both sides.
  const mappingId = tenant.mappingId('contact');
  expect(await operate(stack, { action: 'proof', mappingId })).toMatchObject({
    proof: { isProven: false, pairs: 10, open: { 'record-not-given': 1, 'item-vanished': 1 } },
  });
  const signed = aSignedCertificate.parse(await operate(stack, { action: 'certificate', mappingId }));
  const statement = aStatement.parse(JSON.parse(signed.certificate.statement));
  const columns = ['Id', ...statement.fields.map(({ field }) => field)];
  const exported = {
    columns,
    items: await itemsOf(tenant.contacts, tenant),
    records: await admin.query(`SELECT ${columns.join(', ')} FROM Contact`),
  };
  expect(checkCertificate(signed, exported)).toMatchObject({
    code: 0,
    text: expect.stringContaining('10 pairs'),
  });
  const [flipped, ...others] = exported.items.filter(({ contactId }) => contactId !== purged.key);
  const wrong = [...others, { ...flipped, title: 'Nobody' }];
  expect(checkCertificate(signed, { ...exported, items: wrong })).toMatchObject({
    code: 1,
    text: expect.stringMatching(/^local, bucket \d+: its \d+ rows differ$/m),
  });
  await admin.edit('Account', String(moved.AccountId), { Industry: 'Energy' });
  const refreshed = await fullSweep({ scope: 'formulas' });

  expect(refreshed).toMatchObject({
    outcome: 'done',
    counts: { 'moved-without-stamp': first.counts['moved-without-stamp'] },
    calls: expect.any(Number),
  });
  expect(refreshed.counts).not.toHaveProperty('record-not-given');
  await until('The refreshed formula', async () =>
    (await itemsOf(tenant.contacts, tenant)).some(({ industry }) => industry === 'Energy'),
  );
  await quiet(stack);
  expect(await deadLetters(stack)).toBe(0);
});
