import { beforeAll, describe, expect, test } from '@jest/globals';
import { deadLetters } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { until } from '../../local/stack/tenant.ts';
import { ExactNumber } from '../../shared/contracts/exact-number.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, rejectionsOf, type Tenant, tablesOf } from './deployment/tenants.ts';

const stack = stackWith('values');
const { admin } = stack;
const TENANT = 'values';
/** From the mapping's threshold on, so that they are pushed by a bulk job. */
const OWN_ACCOUNTS = 2_010;

let tenant: Tenant;

const ledgerNumber = (index: number) =>
  ExactNumber.of(String(100_000_000_000_000_007n + BigInt(index) * 10n));
const digitsOf = (value: unknown): string => (value instanceof ExactNumber ? value.text : String(value));

beforeAll(async () => {
  await tablesOf(stack).accounts.putAll(
    Array.from({ length: OWN_ACCOUNTS }, (_, index) => ({
      accountId: `ledger-${index}`,
      tenantId: TENANT,
      name: `Ledger ${index}`,
      ledgerNumber: ledgerNumber(index),
      regions: ['West', 'North'],
      billing: { city: 'Rome', note: 'kept' },
    })),
  );
  tenant = await connectAndLoad(stack, TENANT);
});

const recordOf = async (key: string) => {
  const [record] = await admin.query(
    `SELECT Id, Name, Ledger_Number__c, Regions__c, Tier__c, Origin__c, AccountSource, BillingCity, RecordType.DeveloperName FROM Account WHERE Sync_Key__c = '${key}'`,
  );
  return record;
};
const linked = (key: string) =>
  until(`The pair of ${key}`, async () => {
    const item = await tenant.accounts.get(key);
    return item?.salesforceId !== undefined && item;
  });

describe('A mass push by a bulk job', () => {
  test('carries long numbers, lists and maps', async () => {
    await until(
      'The push',
      async () =>
        (await admin.query("SELECT Id FROM Account WHERE Sync_Key__c LIKE 'ledger-%'")).length ===
        OWN_ACCOUNTS,
      { timeoutMs: 240_000, everyMs: 2_000 },
    );

    expect((await admin.jobs()).ingest.length).toBeGreaterThan(0);
    const records = await admin.query(
      "SELECT Id, Sync_Key__c, Ledger_Number__c, Regions__c, BillingCity, AccountSource, RecordType.DeveloperName FROM Account WHERE Sync_Key__c LIKE 'ledger-%'",
    );
    const found = new Map(records.map((record) => [record.Sync_Key__c, digitsOf(record.Ledger_Number__c)]));
    for (let index = 0; index < OWN_ACCOUNTS; index += 1)
      expect(found.get(`ledger-${index}`)).toBe(ledgerNumber(index).text);
    expect(records[0]).toMatchObject({
      Regions__c: 'North;West',
      BillingCity: 'Rome',
      AccountSource: 'Web',
      RecordType: { DeveloperName: 'Partner_Account' },
    });
  });
});

describe('A value of each kind', () => {
  const item = () => ({
    tenantId: TENANT,
    name: 'Long',
    ledgerNumber: ExactNumber.of('123456789012345678'),
    regions: ['West', 'East', 'West'],
    tier: 'Gold',
    origin: 'fair',
    billing: { city: 'Rome', note: 'mine' },
  });

  test('goes out with a new item, and comes back as it is', async () => {
    await tenant.accounts.edit('long-1', item());
    const made = await linked('long-1');

    const record = await recordOf('long-1');
    expect(digitsOf(record?.Ledger_Number__c)).toBe('123456789012345678');
    expect(record).toMatchObject({
      Regions__c: 'East;West',
      Tier__c: 'Gold',
      Origin__c: 'fair',
      AccountSource: 'Web',
      BillingCity: 'Rome',
      RecordType: { DeveloperName: 'Partner_Account' },
    });
    expect(digitsOf(made.ledgerNumber)).toBe('123456789012345678');
    await until(
      'The record type',
      async () => (await tenant.accounts.get('long-1'))?.kind === 'Partner_Account',
    );
    const now = await tenant.accounts.get('long-1');
    expect(now).toMatchObject({ regions: ['West', 'East', 'West'], billing: { city: 'Rome', note: 'mine' } });
  });

  test('comes in from Salesforce, and into the map without touching what else is there', async () => {
    const { salesforceId } = await linked('long-1');
    await admin.edit('Account', String(salesforceId), {
      Ledger_Number__c: ExactNumber.of('987654321098765432'),
      Regions__c: 'South;North',
      BillingCity: 'Oslo',
      BillingCountry: 'NO',
    });
    await sweep(stack, tenant.mappingId('account'));

    const found = await until('The edit', async () => {
      const now = await tenant.accounts.get('long-1');
      return digitsOf(now?.ledgerNumber) === '987654321098765432' && now;
    });
    expect(found).toMatchObject({
      regions: ['North', 'South'],
      billing: { city: 'Oslo', country: 'NO', note: 'mine' },
    });
  });

  test('goes out with a change; what is for the creation stays in the item', async () => {
    await tenant.accounts.edit('long-1', {
      ledgerNumber: ExactNumber.of('111111111111111117'),
      origin: 'street',
      billing: { note: 'mine' },
    });

    await until(
      'The edit',
      async () => digitsOf((await recordOf('long-1'))?.Ledger_Number__c) === '111111111111111117',
    );
    expect(await recordOf('long-1')).toMatchObject({ Origin__c: 'fair', BillingCity: null });
    expect(await tenant.accounts.get('long-1')).toMatchObject({ origin: 'street' });
    expect(await rejectionsOf(stack, tenant.mappingId('account'), 'long-1')).toEqual([]);
  });

  test('that Salesforce does not have is rejected with those that it has, and the others go', async () => {
    await tenant.accounts.edit('odd-1', { ...item(), tier: 'Platinum' });

    const [rejection] = await until('The rejection', async () => {
      const found = await rejectionsOf(stack, tenant.mappingId('account'), 'odd-1');
      return found.length > 0 && found;
    });
    expect(rejection).toMatchObject({
      code: 'UNKNOWN_NAME',
      message: expect.stringContaining('Gold, Silver, Bronze'),
    });
    await linked('odd-1');
    expect(await recordOf('odd-1')).toMatchObject({ Tier__c: null });

    await tenant.accounts.edit('odd-1', { tier: 'Silver' });
    await until('The tier', async () => (await recordOf('odd-1'))?.Tier__c === 'Silver');
  });

  test('of an item that stays at home goes nowhere, until it is to go out', async () => {
    await tenant.accounts.edit('draft-1', { ...item(), isDraft: true });
    await tenant.accounts.edit('after-draft-1', item());
    await linked('after-draft-1');
    expect(await recordOf('draft-1')).toBeUndefined();

    await tenant.accounts.edit('draft-1', { isDraft: null });
    await linked('draft-1');
  });

  test('of a record born in Salesforce makes an item with the defaults of the mapping', async () => {
    const id = await admin.create('Account', {
      Name: 'Born there',
      Ledger_Number__c: ExactNumber.of('555555555555555557'),
      Regions__c: 'North',
    });
    await sweep(stack, tenant.mappingId('account'));

    const made = await until('The item', async () =>
      (await itemsOf(tenant.accounts, tenant)).find(({ salesforceId }) => salesforceId === id),
    );
    expect(digitsOf(made.ledgerNumber)).toBe('555555555555555557');
    expect(made).toMatchObject({ regions: ['North'], source: 'salesforce' });
    expect(await deadLetters(stack)).toBe(0);
  });
});

test('A duplicate of which a rule warns is saved or rejected, as the mapping says', async () => {
  await admin.addDuplicateRule('Account', ['Name'], 'alert');
  await admin.addDuplicateRule('Contact', ['LastName'], 'alert');
  const first = await admin.create('Contact', { LastName: 'Lovelace-Byron' });
  await admin.create('Account', { Name: 'Analytical Engines' });

  await tenant.accounts.edit('twin', { tenantId: TENANT, name: 'Analytical Engines' });
  await tenant.contacts.edit('twin', { tenantId: TENANT, lastName: 'Lovelace-Byron' });

  await linked('twin');
  expect(await rejectionsOf(stack, tenant.mappingId('account'), 'twin')).toEqual([]);
  const [rejection] = await until('The rejection', async () => {
    const found = await rejectionsOf(stack, tenant.mappingId('contact'), 'twin');
    return found.length > 0 && found;
  });
  expect(rejection).toMatchObject({
    code: 'DUPLICATES_DETECTED',
    message: `Use one of these records? The duplicate rule Standard_Contact_Duplicate_Rule found: ${first}. It only warns: with duplicateRules 'allow' the mapping saves such records.`,
  });
});
