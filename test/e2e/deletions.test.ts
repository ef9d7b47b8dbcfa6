import { beforeAll, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { Item } from '../../local/stack/local-items.ts';
import { deadLetters, quiet } from '../../local/stack/queues.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, itemsOf, rejectionsOf, sweep, type Tenant } from './deployment/tenants.ts';

const stack = stackWith('deletions');
const { admin } = stack;

let tenant: Tenant;
let mappingId: string;
let loaded: Item[];

beforeAll(async () => {
  tenant = await connectAndLoad(stack, 'deletions');
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
