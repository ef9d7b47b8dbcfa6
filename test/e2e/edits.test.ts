import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Item } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import {
  conflictsOf,
  connectAndLoad,
  dispatch,
  itemsOf,
  rejectionsOf,
  type Tenant,
} from './deployment/tenants.ts';

const stack = stackWith('edits');
const { admin } = stack;

let tenant: Tenant;
let loadedAccounts: Item[];
let loadedContacts: Item[];

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'edits');
  loadedAccounts = await itemsOf(tenant.accounts, tenant);
  loadedContacts = await itemsOf(tenant.contacts, tenant);
});

/** An account that only one test touches; no outbound message tells of changes of accounts in Salesforce. */
const account = (index: number) => {
  const item = must(loadedAccounts[index], 'an account');
  return { item, key: String(item.accountId), id: String(item.salesforceId) };
};

/** Times in Salesforce are whole seconds, so an edit is later for everybody when its second is. */
async function aLaterSecond(): Promise<void> {
  const startedAt = await admin.now();
  await until('A later second', async () => (await admin.now()) >= startedAt + 2_000, { everyMs: 100 });
}

const contactsWithKey = (key: string) =>
  admin.query(`SELECT Id, LastName, Email, Title FROM Contact WHERE Sync_Key__c = '${key}'`);

describe('A local edit', () => {
  test('reaches the record, and no other field of it', async () => {
    const item = must(loadedContacts[0], 'a contact');
    const id = String(item.salesforceId);
    const before = await admin.read('Contact', id);

    await tenant.contacts.edit(String(item.contactId), { title: 'Edited locally' });

    await until('The edit', async () => (await admin.read('Contact', id)).Title === 'Edited locally');
    const { Title: _, SystemModstamp, LastModifiedDate, LastModifiedById, ...rest } = before;
    expect(await admin.read('Contact', id)).toMatchObject(rest);
  });

  test('of a new item creates one record, whose id the item receives, and later edits change that one', async () => {
    await tenant.contacts.edit('new-1', { tenantId: tenant.orgId, lastName: 'Newcomer', cart: ['tea'] });

    const item = await until('The id', async () => {
      const found = await tenant.contacts.get('new-1');
      return found?.salesforceId !== undefined && found;
    });
    expect(await contactsWithKey('new-1')).toMatchObject([{ Id: item.salesforceId, LastName: 'Newcomer' }]);
    expect(item.cart).toEqual(['tea']);

    await tenant.contacts.edit('new-1', { title: 'Baker' });
    await until('The second edit', async () => (await contactsWithKey('new-1'))[0]?.Title === 'Baker');
    expect(await contactsWithKey('new-1')).toHaveLength(1);
  });

  test('of an item that names no tenant is shown as rejected, and goes through once it names one', async () => {
    await tenant.contacts.edit('stray-1', { lastName: 'Stray' });

    const [rejection] = await until('The rejection', async () => {
      const found = await rejectionsOf(stack, 'unassigned.contact', 'stray-1');
      return found.length > 0 && found;
    });
    expect(rejection).toMatchObject({ by: 'local-rules', code: 'NO_TENANT' });
    expect(rejection?.message).toContain('"tenantId"');
    expect(await contactsWithKey('stray-1')).toEqual([]);

    await tenant.contacts.edit('stray-1', { tenantId: tenant.orgId });
    await until('The record', async () => (await contactsWithKey('stray-1')).length === 1);
    expect(await rejectionsOf(stack, 'unassigned.contact', 'stray-1')).toEqual([]);
  });

  test('that Salesforce refuses is shown with its code, and goes through once it is put right', async () => {
    await tenant.contacts.edit('typo-1', {
      tenantId: tenant.orgId,
      lastName: 'Typo',
      email: 'not an address',
    });

    const [rejection] = await until('The rejection', async () => {
      const found = await rejectionsOf(stack, tenant.mappingId('contact'), 'typo-1');
      return found.length > 0 && found;
    });
    expect(rejection).toMatchObject({ by: 'salesforce', code: 'INVALID_EMAIL_ADDRESS', fields: ['Email'] });
    expect(await contactsWithKey('typo-1')).toEqual([]);

    await tenant.contacts.edit('typo-1', { email: 'typo@example.com' });
    await until('The record', async () => (await contactsWithKey('typo-1'))[0]?.Email === 'typo@example.com');
    await until(
      'The rejection going away',
      async () => (await rejectionsOf(stack, tenant.mappingId('contact'), 'typo-1')).length === 0,
    );
  });
});

describe('Edits on both sides', () => {
  test('of different fields both survive', async () => {
    const { key, id } = account(0);
    await admin.edit('Account', id, { Phone: '+1 555 0100' });

    await tenant.accounts.edit(key, { website: 'https://both.example.com' });

    await until('The local edit', async () => {
      const { Website } = await admin.read('Account', id);
      return Website === 'https://both.example.com';
    });
    await until('The edit in Salesforce', async () => {
      const item = await tenant.accounts.get(key);
      return item?.phone === '+1 555 0100';
    });
    expect(await admin.read('Account', id)).toMatchObject({ Phone: '+1 555 0100' });
    expect(await tenant.accounts.get(key)).toMatchObject({ website: 'https://both.example.com' });
    expect(await conflictsOf(stack, tenant.mappingId('account'), key)).toEqual([]);
  });

  test('of the same field go to the local side when its edit is the later one, and the decision is recorded', async () => {
    const { key, id } = account(1);
    await admin.edit('Account', id, { Phone: 'earlier, in Salesforce' });
    await aLaterSecond();

    await tenant.accounts.edit(key, { phone: 'later, local' });

    await until('The decision', async () => (await admin.read('Account', id)).Phone === 'later, local');
    expect(await tenant.accounts.get(key)).toMatchObject({ phone: 'later, local' });
    expect(await conflictsOf(stack, tenant.mappingId('account'), key)).toMatchObject([
      { field: 'phone', winner: 'local', policy: 'last-write-wins', reason: expect.stringMatching(/later/) },
    ]);

    // The link is settled, and the line left, a moment after Salesforce has the value.
    const why = await until('The line of the history', async () => {
      const answer = (await operate(stack, {
        action: 'why',
        mappingId: tenant.mappingId('account'),
        sfId: id,
        field: 'phone',
      })) as { answers: { causes: { by: string }[] }[] };
      return answer.answers[0]?.causes[0]?.by === 'stream' ? answer : undefined;
    });
    expect(why).toMatchObject({
      key,
      sfId: id,
      state: 'linked',
      now: { waiting: [], held: [], rejected: [] },
    });
    const [newest] = why.answers;
    expect(newest).toMatchObject({
      text: expect.stringMatching(
        /^phone is "later, local" \(before: "earlier, in Salesforce"\) since .*: a conflict was decided: the local edit is later; the record in Salesforce got it\. The cause: the table's stream/,
      ),
      fields: [
        {
          ...{ field: 'phone', side: 'salesforce', rule: 'localLater' },
          ...{ before: 'earlier, in Salesforce', after: 'later, local' },
        },
      ],
      causes: [{ by: 'stream' }],
      requestId: expect.stringMatching(/./),
    });
  });

  test('of the same field go to Salesforce when its edit is the later one, and the decision is recorded', async () => {
    const { connectionId } = tenant;
    const { key, id } = account(2);
    await operate(stack, { action: 'pause', connectionId });
    await tenant.accounts.edit(key, { phone: 'earlier, local' });
    await quiet(stack, 1_000);
    await aLaterSecond();
    await admin.edit('Account', id, { Phone: 'later, in Salesforce' });

    await operate(stack, { action: 'resume', connectionId });
    await dispatch(stack);

    await until(
      'The decision',
      async () => (await tenant.accounts.get(key))?.phone === 'later, in Salesforce',
    );
    expect(await admin.read('Account', id)).toMatchObject({ Phone: 'later, in Salesforce' });
    expect(await conflictsOf(stack, tenant.mappingId('account'), key)).toMatchObject([
      // The item is still what the stream told of.
      {
        field: 'phone',
        winner: 'salesforce',
        policy: 'last-write-wins',
        reason: expect.stringMatching(/later/),
      },
    ]);
  });

  test('leave no hint behind that nobody could handle', async () => {
    await quiet(stack, 1_000);

    expect(await deadLetters(stack)).toBe(0);
  });
});
