import { describe, expect, test } from '@jest/globals';
import { syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { resolveConflict } from '../../../../../shared/use-cases/operations/open-conflicts.ts';
import { aStack, MAPPING_ID } from './a-stack.ts';

const short = (id: string): string => id.slice(0, 15);

const aConfig = (change: object = {}) =>
  syncConfig.parse({
    localTables: {
      contacts: {
        keyField: 'id',
        tenantField: 'tenantId',
        matchIndexes: { salesforceId: 'bySalesforceId', accountId: 'byAccount' },
      },
    },
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        fieldMap: { lastName: 'LastName', accountId: 'AccountId', ...change },
        externalIdField: 'External_Id__c',
        localIdField: 'salesforceId',
        match: ['salesforceId', 'externalId', { fields: ['accountId'] }],
        schedule: { everyMinutes: 5 },
      },
    },
  });

/** Two accounts, which no mapping has, and a pair whose item spells its account with 15 characters. */
async function aPair(change: object = {}) {
  const stack = aStack({ config: aConfig(change) });
  const [acme, globex] = ['Acme', 'Globex'].map((Name) => stack.org.insert({ Name }, 'Account'));
  const accounts = { acme: acme ?? '', globex: globex ?? '' };
  await stack.passes(6);
  stack.putItem('ann', { lastName: 'Lee', accountId: short(accounts.acme) });
  await stack.passes(2);
  const contact = () => stack.org.withKey('ann');
  return { ...stack, ...accounts, contact };
}

describe('an id of 15 characters in a field that holds ids', () => {
  test('is the id of 18 in Salesforce: it is sent once, written with 18, and never put right', async () => {
    const stack = await aPair();
    expect(stack.contact()?.fields.AccountId).toBe(stack.acme);
    expect(stack.link('ann')?.base.accountId).toBe(stack.acme);
    const stamp = stack.contact()?.SystemModstamp;

    stack.putItem('ann', { accountId: stack.acme.toLowerCase() });
    await stack.passes(12);
    stack.putItem('ann', { accountId: short(stack.acme) });
    await stack.passes(12);

    expect(stack.contact()?.SystemModstamp).toBe(stamp);
    expect(stack.item('ann')?.accountId).toBe(short(stack.acme));
    expect([await stack.rejections(), stack.conflicts()]).toEqual([[], []]);
  });

  test('is no conflict with the same id of 18, and one with another', async () => {
    const stack = await aPair({ accountId: { field: 'AccountId', conflictPolicy: 'manual' } });
    const both = async (ours: string, theirs: string) => {
      await stack.withoutSweeps();
      stack.org.edit(stack.contact()?.Id ?? '', { AccountId: theirs });
      stack.putItem('ann', { accountId: ours });
      await stack.passes(2);
    };

    await both(short(stack.globex), stack.globex);
    expect(stack.link('ann')).not.toHaveProperty('held');
    expect(stack.link('ann')?.base.accountId).toBe(stack.globex);

    const third = stack.org.insert({ Name: 'Third' }, 'Account');
    await both(short(stack.acme), third);
    const [held] = stack.link('ann')?.held ?? [];
    expect(held).toMatchObject({ local: stack.acme, remote: third });

    await resolveConflict(stack, {
      ...{ mappingId: MAPPING_ID, key: 'ann', field: 'accountId', version: held?.version ?? 0 },
      ...{ take: 'value', value: short(stack.globex) },
    });
    await stack.passes(2);
    expect(stack.contact()?.fields.AccountId).toBe(stack.globex);
    expect(stack.item('ann')?.accountId).toBe(stack.globex);
  });

  test('finds its record, and is found by it, as the id of 18', async () => {
    const stack = await aPair();
    stack.putItem('bo', { lastName: 'Ray', accountId: short(stack.globex) });
    // Not looked at yet when the record comes in.
    stack.stream.splice(0);
    const record = stack.org.insert({ LastName: 'Ray', AccountId: stack.globex });
    await stack.passes(12);

    expect(stack.link('bo')?.sfId).toBe(record);
    expect(stack.tables.keys('contacts')).toEqual(['ann', 'bo']);

    const third = stack.org.insert({ Name: 'Third' }, 'Account');
    await stack.withoutSweeps();
    const kim = stack.org.insert({ LastName: 'Kim', AccountId: third });
    stack.putItem('kim', { lastName: 'Kim', accountId: short(third) });
    await stack.passes(2);
    expect(stack.link('kim')?.sfId).toBe(kim);
  });
});
