import { beforeAll, describe, expect, test } from '@jest/globals';
import { findSecrets } from '../../local/demo/secrets.ts';
import type { Item } from '../../local/stack/local-items.ts';
import type { OrgRecord } from '../../local/stack/org-admin.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { runsOf, sweep } from '../../local/stack/runs.ts';
import { until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { executionsOf, statesOf } from './deployment/executions.ts';
import { logsOf } from './deployment/function-logs.ts';
import { ORGS } from './deployment/orgs.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, type Tenant, tablesOf } from './deployment/tenants.ts';

const stack = stackWith('loads');
const { admin } = stack;
const TENANT = 'loads';
/** Above the mapping's threshold, from which a push is a bulk job. */
const OWN_CONTACTS = 2_100;

let tenant: Tenant;

beforeAll(async () => {
  await writeOwnContacts();
  tenant = await connectAndLoad(stack, TENANT);
});

/** Items from before the tenant had Salesforce. */
async function writeOwnContacts(): Promise<void> {
  const startedAt = Date.now();
  const own = Array.from({ length: OWN_CONTACTS }, (_, index) => ({
    contactId: `own-${index}`,
    tenantId: TENANT,
    firstName: `First${index % 97}`,
    lastName: `Own${index}`,
    email: `own${index}@example.com`,
    score: index % 100,
    // Named by no mapping.
    cart: ['kept', index],
  }));
  await tablesOf(stack).contacts.putAll(own);
  // Hints of theirs that came after the connection would be synced one by one, before the mass push.
  await until('The stream being read', async () => (await changesSince(startedAt)) >= OWN_CONTACTS);
}

/** Changes that the function behind the streams has said to have seen since then. */
const changesSince = async (sinceMs: number): Promise<number> =>
  (await logsOf(stack, 'local-changes', sinceMs)).reduce(
    (sum, line) => sum + Number(/"changes":(\d+)/.exec(line)?.[1] ?? 0),
    0,
  );

const isOwn = ({ contactId }: Item): boolean => String(contactId).startsWith('own-');
const ownRecords = () =>
  admin.query("SELECT Id, Sync_Key__c, LastName, Email FROM Contact WHERE Sync_Key__c LIKE 'own-%'");

const sameTime = (value: unknown) => (typeof value === 'string' ? Date.parse(value) : undefined);

/** The mapped fields as they stand on either side; what is empty in Salesforce is absent in an item. */
const contactOf = (record: OrgRecord) =>
  JSON.stringify([
    record.FirstName ?? undefined,
    record.LastName,
    record.Email ?? undefined,
    record.Phone ?? undefined,
    record.Title ?? undefined,
    record.Score__c ?? undefined,
    sameTime(record.Last_Seen__c),
  ]);
const contactIn = ({ firstName, lastName, email, phone, title, score, lastSeen }: Item) =>
  JSON.stringify([firstName, lastName, email, phone, title, score, sameTime(lastSeen)]);

describe('The initial load', () => {
  test('brings 5,000 contacts in by one query job, which one execution named after our job drives', async () => {
    const mappingId = tenant.mappingId('contact');
    const [execution, ...others] = await executionsOf(stack, 'load', mappingId);

    expect(others).toEqual([]);
    expect(execution?.status).toBe('SUCCEEDED');
    const load = (await runsOf(stack, mappingId)).find(({ cause }) => cause === 'bulk-load');
    expect(execution?.name).toBe(`load-${load?.runId}`);
    expect(load?.counts).toMatchObject({ read: ORGS.loads.contacts, createdLocally: ORGS.loads.contacts });
    expect(await admin.jobs()).toMatchObject({
      query: [{ object: 'Contact', state: 'JobComplete', numberRecordsProcessed: ORGS.loads.contacts }],
    });
  });

  test('goes through states that a person can read', async () => {
    const [execution] = await executionsOf(stack, 'load', tenant.mappingId('contact'));

    const states = await statesOf(stack, must(execution, 'the load'));

    expect(states).toEqual([
      'Submit query job',
      'Is the query job submitted?',
      'Wait for Salesforce',
      'Check query job',
      'Is the query job done?',
      'Fetch a page of results',
      'Is a page there?',
      'Reconcile the page',
      'Is the page reconciled?',
      'More pages?',
      'Finish the load',
      'Is the load finished?',
      'Loaded',
    ]);
  });

  test('makes every item equal to its record', async () => {
    const fields = 'Id, FirstName, LastName, Email, Phone, Title, Score__c, Last_Seen__c, Sync_Key__c';
    const records = (await admin.query(`SELECT ${fields} FROM Contact`)).filter(
      ({ Sync_Key__c }) => !String(Sync_Key__c ?? '').startsWith('own-'),
    );

    const items = (await itemsOf(tenant.contacts, tenant)).filter((item) => !isOwn(item));

    const byId = new Map(items.map((item) => [item.salesforceId, item]));
    expect([items.length, byId.size, records.length]).toEqual(Array(3).fill(ORGS.loads.contacts));
    const differing = records.filter((record) => {
      const item = byId.get(record.Id);
      return !item || contactIn(item) !== contactOf(record);
    });
    expect(differing.slice(0, 3)).toEqual([]);
  });

  test('brings accounts, which are fewer, in by REST', async () => {
    const mappingId = tenant.mappingId('account');

    const accounts = await itemsOf(tenant.accounts, tenant);

    const records = await admin.query('SELECT Id, Name, Phone, Website, Industry FROM Account');
    const expected = records.map(({ Id, Name, Phone, Website, Industry }) =>
      [Id, Name, Phone, Website, Industry].join(' | '),
    );
    const found = accounts.map(({ salesforceId, name, phone, website, industry }) =>
      [salesforceId, name, phone, website, industry].join(' | '),
    );
    expect(found.sort()).toEqual(expected.sort());
    expect(found).toHaveLength(ORGS.loads.accounts);
    expect(await executionsOf(stack, 'load', mappingId)).toEqual([]);
  });
});

describe('The mass push', () => {
  beforeAll(async () => {
    const mappingId = tenant.mappingId('contact');
    await until(
      'The mass push',
      async () => {
        const [push] = await executionsOf(stack, 'push', mappingId);
        if (push?.status === 'FAILED') throw new Error(`${push.name} failed`);
        return push?.status === 'SUCCEEDED';
      },
      { timeoutMs: 120_000, everyMs: 500 },
    );
    await quiet(stack);
  });

  test('creates every local contact once, by one ingest job', async () => {
    const { ingest } = await admin.jobs();
    const records = await ownRecords();

    expect(ingest).toMatchObject([
      { object: 'Contact', state: 'JobComplete', numberRecordsProcessed: OWN_CONTACTS },
    ]);
    expect(records).toHaveLength(OWN_CONTACTS);
    expect(new Set(records.map(({ Sync_Key__c }) => Sync_Key__c)).size).toBe(OWN_CONTACTS);
    expect(await admin.count('Contact')).toBe(ORGS.loads.contacts + OWN_CONTACTS);
  });

  test('gives every item its id, and touches nothing that is not mapped', async () => {
    const idOf = new Map((await ownRecords()).map(({ Id, Sync_Key__c }) => [Sync_Key__c, Id]));

    const own = (await itemsOf(tenant.contacts, tenant)).filter(isOwn);

    expect(own).toHaveLength(OWN_CONTACTS);
    const wrong = own.filter(
      ({ contactId, salesforceId, cart }) =>
        salesforceId !== idOf.get(contactId) || !Array.isArray(cart) || cart[0] !== 'kept',
    );
    expect(wrong.slice(0, 3)).toEqual([]);
  });
});

describe('When everything is in step', () => {
  test('a sweep of everything writes nothing on either side, and no echo follows', async () => {
    await quiet(stack);
    const { rows } = await admin.counts();
    const itemsBefore = JSON.stringify(await itemsOf(tenant.contacts, tenant));
    const startedAt = Date.now();

    const mappings = [tenant.mappingId('account'), tenant.mappingId('contact')];
    const swept = new Set<string>();
    for (const mappingId of mappings) swept.add((await sweep(stack, mappingId)).runId);

    await quiet(stack, 1_500);
    // Once more: a large sweep may have taken several turns.
    const all = await Promise.all(mappings.map((mappingId) => runsOf(stack, mappingId)));
    const runs = all.flat().filter(({ runId }) => swept.has(runId));
    expect(runs).toHaveLength(2);
    expect(runs[1]?.counts.read).toBeGreaterThanOrEqual(OWN_CONTACTS);
    for (const { counts } of runs) {
      expect(counts).toMatchObject({ createdLocally: 0, updatedLocally: 0 });
      expect(counts).toMatchObject({ createdInSalesforce: 0, updatedInSalesforce: 0 });
    }
    expect((await admin.counts()).rows).toEqual(rows);
    expect(JSON.stringify(await itemsOf(tenant.contacts, tenant))).toBe(itemsBefore);
    expect(await changesSince(startedAt)).toBe(0);
  });

  test('there is no dead letter, and no token or secret in anything that was written down', async () => {
    const { places, found } = await findSecrets(stack, [stack.clientSecret]);

    expect(found).toEqual([]);
    expect(places).toBeGreaterThan(10);
    expect(await deadLetters(stack)).toBe(0);
  });
});
