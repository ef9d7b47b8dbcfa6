import { beforeAll, describe, expect, test } from '@jest/globals';
import { deadLetters } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { logsOf } from './deployment/function-logs.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, rejectionsOf, type Tenant, tablesOf } from './deployment/tenants.ts';

const stack = stackWith('references');
const { admin } = stack;
const TENANT = 'references';
/** Above the mapping's threshold, from which a push is a bulk job. */
const CHILDREN = 2_100;
const PARENTS = 3;

let tenant: Tenant;
/** Contacts that were in the org before anybody connected it. */
const before = new Map<string, string>();

beforeAll(async () => {
  const startedAt = Date.now();
  const email = (name: string) => `${name}@references.example`;
  for (const name of ['by-mail', 'by-id']) {
    before.set(name, await admin.create('Contact', { LastName: name, Email: email(name), Title: 'CEO' }));
  }
  for (const name of ['one', 'two'])
    before.set(name, await admin.create('Contact', { LastName: name, Email: email('several') }));
  const tables = tablesOf(stack);
  await tables.accounts.putAll(
    Array.from({ length: PARENTS }, (_, n) => ({
      accountId: `parent-${n}`,
      tenantId: TENANT,
      name: `Parent ${n}`,
    })),
  );
  const children = Array.from({ length: CHILDREN }, (_, n) => ({
    contactId: `child-${n}`,
    tenantId: TENANT,
    lastName: `Child${n}`,
    accountId: `parent-${n % PARENTS}`,
  }));
  await tables.contacts.putAll([
    { contactId: 'mail', tenantId: TENANT, lastName: 'by-mail', email: email('by-mail') },
    { contactId: 'id', tenantId: TENANT, lastName: 'by-id', salesforceId: before.get('by-id') },
    { contactId: 'several', tenantId: TENANT, lastName: 'several', email: email('several') },
    ...children,
  ]);
  // Hints of theirs that came after the connection would be synced one by one, before the mass push.
  await until('The stream being read', async () => (await changesSince(startedAt)) >= CHILDREN + PARENTS);
  tenant = await connectAndLoad(stack, TENANT);
});

const changesSince = async (sinceMs: number): Promise<number> =>
  (await logsOf(stack, 'local-changes', sinceMs)).reduce(
    (sum, line) => sum + Number(/"changes":(\d+)/.exec(line)?.[1] ?? 0),
    0,
  );

const byKey = async (sObject: string, key: string) =>
  (await admin.query(`SELECT Id, Title, AccountId FROM ${sObject} WHERE Sync_Key__c = '${key}'`))[0];
const accountId = async (key: string): Promise<string> =>
  String((await admin.query(`SELECT Id FROM Account WHERE Sync_Key__c = '${key}'`))[0]?.Id);

describe('Pairs that exist before anybody connects', () => {
  test('are linked by e-mail and by the id that the item holds, and nothing is doubled', async () => {
    const [mail, id] = await until('The keys in the org', async () => {
      const found = await Promise.all(['mail', 'id'].map((key) => byKey('Contact', key)));
      return found.every((record) => record !== undefined) ? found : undefined;
    });

    expect(mail?.Id).toBe(before.get('by-mail'));
    expect(id?.Id).toBe(before.get('by-id'));
    expect(await tenant.contacts.get('mail')).toMatchObject({ title: 'CEO', salesforceId: mail?.Id });
    const alike = await admin.query("SELECT Id FROM Contact WHERE LastName IN ('by-mail', 'by-id')");
    expect(alike).toHaveLength(2);
  });

  test('of which several could be one are listed, and none of them is taken', async () => {
    const [rejection] = await until('The rejection', async () => {
      const found = await rejectionsOf(stack, tenant.mappingId('contact'), 'several');
      return found.length > 0 ? found : undefined;
    });

    expect(rejection?.code).toBe('SEVERAL_MATCHES');
    for (const name of ['one', 'two']) expect(rejection?.message).toContain(must(before.get(name), name));
    expect(await byKey('Contact', 'several')).toBeUndefined();
  });
});

describe('Contacts that refer to accounts', () => {
  test('come to Salesforce by a bulk job with the ids of their accounts', async () => {
    await until(
      'All children',
      async () =>
        (await admin.query("SELECT Id FROM Contact WHERE Sync_Key__c LIKE 'child-%' AND AccountId != null"))
          .length === CHILDREN,
      { timeoutMs: 240_000 },
    );

    const { ingest } = await admin.jobs();
    expect(ingest.some(({ object }) => object === 'Contact')).toBe(true);
    for (let n = 0; n < PARENTS; n += 1) {
      const parent = await accountId(`parent-${n}`);
      expect((await byKey('Contact', `child-${n}`))?.AccountId).toBe(parent);
    }
  });

  test('wait for an account that comes later, and then go within seconds', async () => {
    await tenant.contacts.edit('early', { tenantId: TENANT, lastName: 'Early', accountId: 'late' });
    await until('The child being looked at', async () => {
      const lines = await logsOf(stack, 'sync-worker', Date.now() - 60_000);
      return lines.some((line) => line.includes(tenant.mappingId('contact')));
    });
    expect(await byKey('Contact', 'early')).toBeUndefined();

    await tenant.accounts.edit('late', { tenantId: TENANT, name: 'Late' });

    const early = await until('The child', () => byKey('Contact', 'early'));
    expect(early.AccountId).toBe(await accountId('late'));
  });

  test('bring the keys of their accounts into the items', async () => {
    const parent = await admin.create('Account', { Name: 'Born there' });
    const child = await admin.create('Contact', { LastName: 'Born there', AccountId: parent });
    await sweep(stack, tenant.mappingId('contact'));
    await sweep(stack, tenant.mappingId('account'));

    const key = `sf-${tenant.connectionId}-${child}`;
    const item = await until('The key in the item', async () => {
      const found = await tenant.contacts.get(key);
      return found?.accountId === undefined ? undefined : found;
    });
    expect(item.accountId).toBe(`sf-${tenant.connectionId}-${parent}`);
    expect(
      (await itemsOf(tenant.contacts, tenant)).filter(({ lastName }) => lastName === 'Born there'),
    ).toHaveLength(1);
    expect(await deadLetters(stack)).toBe(0);
  });
});
