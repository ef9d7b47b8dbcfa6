import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { type Item, LocalItems } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { sweep } from '../../local/stack/runs.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { WHOLE_TENANT } from './deployment/sync.config.ts';
import { connectAndLoad, itemsOf, rejectionsOf, type Tenant } from './deployment/tenants.ts';

/*
 * One tenant with everything that a business has: accounts, contacts that refer to them, opportunities with record types,
 * a custom object without `IsDeleted`; deletions and marks both ways, an undelete, a merge; a conflict that a person
 * resolves; a mass clearing, and a mass deletion.
 */
const stack = stackWith('deletions');
const { admin } = stack;
const opportunities = new LocalItems(stack, 'opportunities', 'opportunityId');
const meters = new LocalItems(stack, 'meters', 'meterId');

let tenant: Tenant;
let mappingId: string;
let loaded: Item[];
/** Of an account, and of what is measured there; both are there before anybody connects. */
let site: string;
let meter: string;

beforeAll(async () => {
  site = await admin.create('Account', { Name: 'Site' });
  meter = await admin.create('Meter__c', { Name: 'M-1', Reading__c: 12.5, Site__c: site });
  tenant = await connectAndLoad(stack, WHOLE_TENANT, 4);
  mappingId = tenant.mappingId('contact');
  loaded = await itemsOf(tenant.contacts, tenant);
});

/** A contact that only one test touches. */
const contact = (index: number) => {
  const item = must(loaded[index], 'a contact');
  return { item, key: String(item.contactId), id: String(item.salesforceId) };
};

const isInOrg = async (id: string) =>
  (await admin.query(`SELECT Id FROM Contact WHERE Id = '${id}' AND IsDeleted = false`)).length === 1;

const aHeldList = z.looseObject({
  version: z.number(),
  count: z.number(),
  held: z.array(z.looseObject({ key: z.string(), deleted: z.string() })),
});
const held = async () =>
  aHeldList.parse(await operate(stack, { action: 'held-deletions', mappingId, limit: 200 }));

const keyOf = (sfId: string) => `sf-${tenant.connectionId}-${sfId}`;

const recordOf = async (key: string) =>
  (
    await admin.query(
      `SELECT Id, StageName, AccountId, RecordType.DeveloperName, Deleted_In_App__c FROM Opportunity WHERE Sync_Key__c = '${key}'`,
    )
  )[0];

describe('An opportunity', () => {
  test('goes out with its record type and its account, and comes in with another one', async () => {
    await opportunities.edit('deal-1', {
      name: 'Deal',
      stage: 'Prospecting',
      closeDate: '2031-05-01',
      amount: 1200,
      kind: 'Renewal',
      accountId: keyOf(site),
    });
    const record = await until('The record', () => recordOf('deal-1'));
    expect(record).toMatchObject({ AccountId: site, RecordType: { DeveloperName: 'Renewal' } });

    const [other] = await admin.query(
      "SELECT Id FROM RecordType WHERE SobjectType = 'Opportunity' AND DeveloperName = 'New_Business'",
    );
    await admin.edit('Opportunity', record.Id, { RecordTypeId: other?.Id, StageName: 'Closed Won' });
    await sweep(stack, tenant.mappingId('opportunity'));

    const item = await until('The edit', async () => {
      const now = await opportunities.get('deal-1');
      return now?.stage === 'Closed Won' && now;
    });
    expect(item).toMatchObject({ kind: 'New_Business', accountId: keyOf(site) });
  });

  test('of a record type that there is not is not made, and waits by that alone once it is', async () => {
    const item = { name: 'Odd', stage: 'Prospecting', closeDate: '2031-05-01', kind: 'Nobody' };
    await opportunities.edit('deal-2', item);
    await until('The rejection', async () => {
      const found = await rejectionsOf(stack, tenant.mappingId('opportunity'), 'deal-2');
      return found.some(({ code }) => code === 'UNKNOWN_NAME');
    });
    expect(await recordOf('deal-2')).toBeUndefined();

    await opportunities.edit('deal-2', { kind: 'Renewal' });
    await until('The record', () => recordOf('deal-2'));
    await opportunities.edit('deal-2', { kind: 'Nobody', stage: 'Closed Lost' });

    await until('The stage', async () => (await recordOf('deal-2'))?.StageName === 'Closed Lost');
    expect(await recordOf('deal-2')).toMatchObject({ RecordType: { DeveloperName: 'Renewal' } });
  });
});

describe('A custom object without IsDeleted', () => {
  test('came in with the key of its account, and follows its record', async () => {
    expect(await meters.get(keyOf(meter))).toMatchObject({ name: 'M-1', reading: 12.5, site: keyOf(site) });

    await admin.edit('Meter__c', meter, { Reading__c: 13 });
    await sweep(stack, tenant.mappingId('meter'));

    await until('The reading', async () => (await meters.get(keyOf(meter)))?.reading === 13);
  });
});

const anOpenList = z.looseObject({
  conflicts: z.array(z.looseObject({ localKey: z.string(), field: z.string(), version: z.number() })),
});

describe('A conflict that is left to a person', () => {
  test('waits for the decision, and both sides have it then', async () => {
    const account = tenant.mappingId('account');
    await admin.edit('Account', site, { Industry: 'Energy' });
    await sweep(stack, account);
    await until('The industry', async () => (await tenant.accounts.get(keyOf(site)))?.industry === 'Energy');

    await admin.edit('Account', site, { Industry: 'Banking' });
    await tenant.accounts.edit(keyOf(site), { industry: 'Technology' });
    const open = await until('The open conflict', async () => {
      const found = await operate(stack, { action: 'open-conflicts', mappingId: account });
      return anOpenList.parse(found).conflicts.find(({ localKey }) => localKey === keyOf(site));
    });
    const { field, version } = open;
    await operate(stack, {
      action: 'resolve-conflict',
      mappingId: account,
      key: keyOf(site),
      field,
      version,
      take: 'local',
    });

    await until('The decision', async () => {
      const [record] = await admin.query(`SELECT Id, Industry FROM Account WHERE Id = '${site}'`);
      return record?.Industry === 'Technology';
    });
    expect(await tenant.accounts.get(keyOf(site))).toMatchObject({ industry: 'Technology' });
  });
});

describe('A deletion', () => {
  test('of an item puts its record into the recycle bin, and an undelete brings the item back', async () => {
    const { item, key, id } = contact(0);

    await tenant.contacts.remove(key);
    await until('The record going', async () => !(await isInOrg(id)));

    await admin.undelete('Contact', id);
    await sweep(stack, mappingId);
    const back = await until('The item coming back', () => tenant.contacts.get(key));
    expect(back).toMatchObject({ lastName: item.lastName, salesforceId: id, tenantId: tenant.orgId });
  });

  test('of a record takes its item along, and the item, made again, makes a new record', async () => {
    const { item, key, id } = contact(1);

    await admin.remove('Contact', id);
    await sweep(stack, mappingId);
    await until('The item going', async () => (await tenant.contacts.get(key)) === undefined);

    await tenant.contacts.edit(key, { tenantId: tenant.orgId, lastName: item.lastName });
    const [made] = await until('The new record', async () => {
      const found = await admin.query(
        `SELECT Id FROM Contact WHERE Sync_Key__c = '${key}' AND IsDeleted = false`,
      );
      return found.length > 0 && found;
    });
    expect(made?.Id).not.toBe(id);
  });

  test('by a merge takes the item of the record that went, and leaves that of the other', async () => {
    const [staying, going] = [contact(2), contact(3)];

    await admin.merge('Contact', staying.id, [going.id]);
    await sweep(stack, mappingId);

    await until('The item going', async () => (await tenant.contacts.get(going.key)) === undefined);
    expect(await tenant.contacts.get(staying.key)).toMatchObject({ salesforceId: staying.id });
  });
});

describe('A mark', () => {
  const deal = { name: 'Marked', stage: 'Prospecting', closeDate: '2031-05-01' };
  const made = async (key: string) => {
    await opportunities.edit(key, deal);
    return until('The record', () => recordOf(key));
  };

  test('says of a record that its item was deleted, until the item is back', async () => {
    const { Id } = await made('deal-3');

    await opportunities.remove('deal-3');
    await until('The mark', async () => (await recordOf('deal-3'))?.Deleted_In_App__c === true);

    await opportunities.edit('deal-3', deal);
    await until('The mark going', async () => (await recordOf('deal-3'))?.Deleted_In_App__c === false);
    expect((await recordOf('deal-3'))?.Id).toBe(Id);
  });

  test('says of an item since when its record is deleted, until the record is back', async () => {
    const { Id } = await made('deal-4');

    await admin.remove('Opportunity', Id);
    await sweep(stack, tenant.mappingId('opportunity'));
    const { deletedAt } = await until('The mark', async () => {
      const item = await opportunities.get('deal-4');
      return item?.deletedAt !== undefined && item;
    });
    expect(deletedAt).toMatch(/^\d{4}-\d\d-\d\dT/);

    await admin.undelete('Opportunity', Id);
    await sweep(stack, tenant.mappingId('opportunity'));
    await until('The mark going', async () => {
      const item = await opportunities.get('deal-4');
      return item !== undefined && !Object.hasOwn(item, 'deletedAt');
    });
    expect(await opportunities.get('deal-4')).toMatchObject(deal);
  });
});

const aClearedList = z.object({
  clears: z.array(
    z.looseObject({ side: z.string(), field: z.string(), version: z.number(), held: z.array(z.unknown()) }),
  ),
});

describe('A mass clearing', () => {
  /** Of so few pairs twenty may lose a field in a day. */
  const CLEARED = 22;
  const HELD = CLEARED - 20;
  const cleared = async () =>
    aClearedList.parse(await operate(stack, { action: 'held-clears', mappingId, limit: 200 })).clears;

  test('stops at what may go in a day, and goes on when a person has released it', async () => {
    const many = Array.from({ length: CLEARED }, (_, index) => contact(10 + index));
    const ids = many.map(({ id }) => `'${id}'`).join(', ');
    const left = async () =>
      (await admin.query(`SELECT Id FROM Contact WHERE Id IN (${ids}) AND Title != null`)).length;
    expect(await left()).toBe(CLEARED);

    await Promise.all(many.map(({ key }) => tenant.contacts.edit(key, { title: null })));
    await until('The held clears', async () => (await cleared())[0]?.held.length === HELD);
    await quiet(stack, 1_000);
    expect(await left()).toBe(HELD);

    const [held] = await cleared();
    expect(held).toMatchObject({ side: 'salesforce', field: 'title', count: HELD });
    const { side, field, version } = must(held, 'what is held');
    expect(await operate(stack, { action: 'release-clears', mappingId, side, field, version })).toEqual({
      released: HELD,
    });
    await until('The rest being cleared', async () => (await left()) === 0);
    await until('The list being empty', async () => (await cleared()).length === 0);
  });
});

describe('A mass deletion', () => {
  /** Three went before, and of so few pairs twenty may go in a day. */
  const DELETED = 24;
  const HELD = 3 + DELETED - 20;

  test('stops at what may go in a day, and goes on when a person has released it', async () => {
    const many = Array.from({ length: DELETED }, (_, index) => contact(10 + index));
    const left = async () =>
      (await Promise.all(many.map(({ id }) => isInOrg(id)))).filter((isThere) => isThere).length;

    await Promise.all(many.map(({ key }) => tenant.contacts.remove(key)));
    const list = await until('The held deletions', async () => {
      const found = await held();
      return found.held.length === HELD && found;
    });
    await quiet(stack, 1_000);
    expect(await left()).toBe(HELD);
    expect(list.held.every(({ deleted }) => deleted === 'local')).toBe(true);
    const [first] = list.held;
    expect(await rejectionsOf(stack, mappingId, String(first?.key))).toMatchObject([
      { code: 'DELETION_HELD' },
    ]);

    const { version } = await held();
    expect(await operate(stack, { action: 'release-deletions', mappingId, version })).toEqual({
      released: HELD,
    });
    await until('The rest going', async () => (await left()) === 0);
    await until('The list being empty', async () => (await held()).held.length === 0);
  });

  test('leaves no hint behind that nobody could handle', async () => {
    await quiet(stack, 1_000);
    expect(await deadLetters(stack)).toBe(0);
  });
});
