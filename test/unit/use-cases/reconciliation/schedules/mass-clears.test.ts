import { describe, expect, test } from '@jest/globals';
import type { MappingTemplate } from '../../../../../shared/contracts/sync-config.ts';
import {
  listHeldClears,
  refuseClears,
  releaseClears,
} from '../../../../../shared/use-cases/operations/clears.ts';
import { why } from '../../../../../shared/use-cases/operations/why.ts';
import { aConfig, aStack, MAPPING_ID, type Stack } from './a-stack.ts';

const deletionLimits = { most: 3, share: 0.5, least: 2 };
const RECORDS = 10;
const mappingId = MAPPING_ID;

/** Ten pairs, of which three may lose their title in a day. */
async function aGuardedStack(mapping: Partial<MappingTemplate> = {}) {
  const stack = aStack({ config: aConfig({ contact: mapping }), deletionLimits });
  for (let n = 0; n < RECORDS; n += 1) stack.org.insert({ LastName: `Lee ${n}`, Title: `CEO ${n}` });
  await stack.passes(10);
  return { ...stack, keys: stack.tables.keys('contacts') };
}
type Guarded = Awaited<ReturnType<typeof aGuardedStack>>;

const clearsOf = async (stack: Stack) => (await listHeldClears(stack, { mappingId, limit: 50 })).clears;
const heldOn = async (stack: Stack, side: 'local' | 'salesforce', field = 'title') =>
  (await clearsOf(stack)).find((one) => one.side === side && one.field === field);
const titled = (stack: Guarded) => ({
  items: stack.keys.filter((key) => (stack.item(key)?.title ?? null) !== null).length,
  records: stack.org.alive().filter(({ fields }) => (fields.Title ?? null) !== null).length,
});

/** As after the field was deleted and made again in the org; each record is edited elsewhere too. */
async function clearRecords(stack: Guarded, many = RECORDS) {
  for (const [n, { Id }] of stack.org.alive().slice(0, many).entries())
    stack.org.edit(Id, { Title: null, LastName: `Hill ${n}` });
  await stack.passes(10);
}

async function clearItems(stack: Guarded, many = RECORDS) {
  for (const [n, key] of stack.keys.slice(0, many).entries())
    stack.putItem(key, { title: null, lastName: `Hill ${n}` });
  await stack.passes(10);
}

const SIDES = [
  { cleared: 'records', loses: 'local', left: 'items', gone: 'records', clear: clearRecords },
  { cleared: 'items', loses: 'salesforce', left: 'records', gone: 'items', clear: clearItems },
] as const;

describe.each(SIDES)('a field that is cleared on many $cleared', ({ loses, left, clear }) => {
  test('is carried over up to the limit', async () => {
    const stack = await aGuardedStack();
    await clear(stack, 3);
    expect(titled(stack)).toEqual({ items: RECORDS - 3, records: RECORDS - 3 });
    expect(await clearsOf(stack)).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('stops beyond it, is listed, and the other fields of the records go on', async () => {
    const stack = await aGuardedStack();
    await clear(stack);

    expect(titled(stack)[left]).toBe(RECORDS - 3);
    const names = stack.keys.map((key) => stack.item(key)?.lastName);
    expect(names.every((name) => String(name).startsWith('Hill'))).toBe(true);
    expect(stack.org.alive().every(({ fields }) => String(fields.LastName).startsWith('Hill'))).toBe(true);
    const [held, ...others] = await clearsOf(stack);
    expect(others).toEqual([]);
    expect(held).toMatchObject({ side: loses, field: 'title', count: RECORDS - 3 });
    expect(held?.closedSince).toBeDefined();
    expect(held?.held).toHaveLength(RECORDS - 3);
    const rejections = await stack.rejections();
    expect(rejections).toHaveLength(RECORDS - 3);
    expect(new Set(rejections.map(({ code }) => code))).toEqual(new Set(['MANY_FIELDS_CLEARED']));
  });

  test('waits for a person, however many days pass, and however often the records are looked at', async () => {
    const stack = await aGuardedStack();
    await clear(stack);
    stack.clock.advance(3 * 86_400_000);
    for (const [n, { Id }] of stack.org.alive().entries()) stack.org.edit(Id, { FirstName: `Ann ${n}` });
    await stack.passes(70);
    expect(titled(stack)[left]).toBe(RECORDS - 3);
    expect((await heldOn(stack, loses))?.count).toBe(RECORDS - 3);
    expect(stack.keys.every((key) => String(stack.item(key)?.firstName).startsWith('Ann'))).toBe(true);
  });

  test('goes on when a person releases it, and leaves nothing behind', async () => {
    const stack = await aGuardedStack();
    await clear(stack);
    const { version = 0 } = (await heldOn(stack, loses)) ?? {};

    const asked = { mappingId, side: loses, field: 'title', version };
    expect(await releaseClears(stack, asked)).toEqual({ released: RECORDS - 3 });
    await stack.passes(10);

    expect(titled(stack)).toEqual({ items: 0, records: 0 });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(await clearsOf(stack)).toEqual([]);
    await expect(refuseClears(stack, asked)).rejects.toMatchObject({ code: 'NOTHING_HELD' });
  });

  test('comes back from the other side when a person refuses it', async () => {
    const stack = await aGuardedStack();
    await clear(stack);
    const { version = 0, held = [] } = (await heldOn(stack, loses)) ?? {};

    const asked = { mappingId, side: loses, field: 'title', version };
    expect(await refuseClears(stack, asked)).toEqual({ refused: RECORDS - 3 });
    await stack.passes(10);

    expect(titled(stack)).toEqual({ items: RECORDS - 3, records: RECORDS - 3 });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(stack.conflicts()).toEqual([]);
    const told = await Promise.all(
      held.map(async ({ key }) => (await why(stack, { mappingId, key, field: 'title', limit: 9 })).answers),
    );
    const back = loses === 'local' ? 'salesforce' : 'local';
    for (const [written, refused] of told) {
      expect(written?.fields).toMatchObject([{ side: back, rule: 'clearRefused' }]);
      expect(refused?.fields).toMatchObject([{ side: 'neither', rule: 'clearRefused' }]);
      expect(refused?.text).toMatch(/^title at .*: a person refused .*; neither side was written\. /);
    }
  });

  test('is decided by nobody who has not seen all of it', async () => {
    const stack = await aGuardedStack();
    await clear(stack, 5);
    const { version = 0 } = (await heldOn(stack, loses)) ?? {};
    await clear(stack);
    const asked = { mappingId, side: loses, field: 'title', version };
    await expect(releaseClears(stack, asked)).rejects.toMatchObject({ code: 'HELD_CHANGED' });
  });

  test('is none where the values come back before anybody decided', async () => {
    const stack = await aGuardedStack();
    await clear(stack);
    for (const key of stack.keys) stack.putItem(key, { title: 'CTO' });
    for (const { Id } of stack.org.alive()) stack.org.edit(Id, { Title: 'CTO' });
    await stack.passes(10);
    expect(titled(stack)).toEqual({ items: RECORDS, records: RECORDS });
    expect(stack.parked()).toEqual([]);
  });
});

describe('a guard of cleared fields', () => {
  test('counts across looks, and each field and side by itself', async () => {
    const stack = await aGuardedStack();
    for (const { Id } of stack.org.alive().slice(0, 4)) {
      stack.org.edit(Id, { Title: null });
      await stack.passes(10);
    }
    expect(titled(stack).items).toBe(RECORDS - 3);
    for (const key of stack.keys.slice(7)) stack.putItem(key, { title: null });
    for (const { Id } of stack.org.alive().slice(4, 7)) stack.org.edit(Id, { Email: 'ann@example.com' });
    await stack.passes(10);
    expect((await clearsOf(stack)).map(({ side }) => side)).toEqual(['local']);
  });

  test('lets a decision about one field say nothing of another that is cleared on the same records later', async () => {
    const stack = await aGuardedStack();
    for (const [n, { Id }] of stack.org.alive().entries()) stack.org.edit(Id, { FirstName: `Ann ${n}` });
    await stack.passes(10);
    await clearRecords(stack);
    for (const { Id } of stack.org.alive()) stack.org.edit(Id, { FirstName: null });
    await stack.passes(10);
    const { version = 0 } = (await heldOn(stack, 'local', 'firstName')) ?? {};
    await releaseClears(stack, { mappingId, side: 'local', field: 'firstName', version });
    await stack.passes(10);

    expect(stack.keys.filter((key) => stack.item(key)?.firstName !== undefined)).toEqual([]);
    expect(titled(stack).items).toBe(RECORDS - 3);
    for (const { key } of (await heldOn(stack, 'local'))?.held ?? [])
      expect(stack.item(key)?.title).toBeDefined();
  });

  test('holds nothing any more of a key that waits for another reason, once it was released', async () => {
    const stack = await aGuardedStack();
    const refuse = stack.org.refuse;
    stack.org.refuse = (fields) =>
      fields.LastName === 'Nobody' ? { code: 'STORAGE_LIMIT_EXCEEDED', message: 'full' } : refuse(fields, '');
    for (const [n, { Id }] of stack.org.alive().entries())
      stack.org.edit(Id, { Title: null, Email: `${n}@x.de` });
    await stack.passes(10);
    const waiting = (await heldOn(stack, 'local'))?.held.map(({ key }) => key) ?? [];
    for (const key of waiting) stack.putItem(key, { lastName: 'Nobody' });
    await stack.passes(10);
    const { version = 0 } = (await heldOn(stack, 'local')) ?? {};
    await releaseClears(stack, { mappingId, side: 'local', field: 'title', version });
    await stack.passes(10);
    for (const key of waiting) stack.putItem(key, { firstName: 'Ann' });
    await stack.passes(10);

    expect(titled(stack).items).toBe(0);
    expect(stack.parked()).toHaveLength(waiting.length);
    expect(await clearsOf(stack)).toEqual([]);
  });

  test('is open again in a day of its own', async () => {
    const stack = await aGuardedStack();
    await clearRecords(stack, 3);
    stack.clock.advance(26 * 3_600_000);
    await clearRecords(stack, 6);
    expect(titled(stack).items).toBe(RECORDS - 6);
  });

  test('leaves a refused field of one way as it is on both sides, and listed', async () => {
    const stack = await aGuardedStack({ direction: 'from-salesforce' });
    await clearRecords(stack);
    const { version = 0 } = (await heldOn(stack, 'local')) ?? {};
    await refuseClears(stack, { mappingId, side: 'local', field: 'title', version });
    await stack.passes(70);

    expect(titled(stack)).toEqual({ items: RECORDS - 3, records: 0 });
    expect((await heldOn(stack, 'local'))?.held).toHaveLength(RECORDS - 3);
  });

  test('records no conflict of a field before it is decided about', async () => {
    const stack = await aGuardedStack({ conflictPolicy: 'salesforce-wins' });
    await clearRecords(stack, 3);
    const [key = ''] = stack.keys.filter((one) => stack.item(one)?.title !== undefined);
    const { sfId = '' } = stack.link(key) ?? {};
    stack.putItem(key, { title: 'CTO' });
    stack.org.edit(sfId, { Title: null });
    await stack.passes(10);
    expect(stack.item(key)).toMatchObject({ title: 'CTO' });
    expect(stack.conflicts()).toEqual([]);

    const { version = 0 } = (await heldOn(stack, 'local')) ?? {};
    await releaseClears(stack, { mappingId, side: 'local', field: 'title', version });
    await stack.passes(10);
    expect(stack.item(key)?.title).toBeUndefined();
    expect(stack.conflicts()).toMatchObject([{ field: 'title', local: 'CTO', winner: 'salesforce' }]);
  });
});

describe('a checkbox that was made again in the org', () => {
  const fieldMap = {
    lastName: { field: 'LastName' },
    firstName: { field: 'FirstName' },
    isVip: { field: 'Opted_In__c' },
  };
  const ticked = (stack: Guarded) => stack.keys.filter((key) => stack.item(key)?.isVip === true).length;

  async function aTickedStack(mapping: Partial<MappingTemplate> = {}) {
    const stack = await aGuardedStack({ fieldMap, ...mapping });
    for (const { Id } of stack.org.alive()) stack.org.edit(Id, { Opted_In__c: true });
    await stack.passes(10);
    return stack;
  }

  /** No record is stamped for it. */
  async function makeAgain(stack: Guarded) {
    for (const { Id, SystemModstamp } of stack.org.alive())
      stack.org.asOf(Date.parse(SystemModstamp), () => stack.org.edit(Id, { Opted_In__c: false }));
    await stack.hints.send(stack.org.alive().map(({ Id }) => stack.remoteHint(Id)));
    await stack.passes(10);
  }

  test('unticks as many items as may lose a value in a day, and comes back where a person refuses it', async () => {
    const stack = await aTickedStack();
    await makeAgain(stack);
    expect(ticked(stack)).toBe(RECORDS - 3);
    const { version = 0, count } = (await heldOn(stack, 'local', 'isVip')) ?? {};
    expect(count).toBe(RECORDS - 3);

    for (const [n, { Id }] of stack.org.alive().entries()) stack.org.edit(Id, { FirstName: `Ann ${n}` });
    await stack.passes(10);
    expect(ticked(stack)).toBe(RECORDS - 3);

    await refuseClears(stack, { mappingId, side: 'local', field: 'isVip', version });
    await stack.passes(10);
    expect(ticked(stack)).toBe(RECORDS - 3);
    expect(stack.org.alive().filter(({ fields }) => fields.Opted_In__c === true)).toHaveLength(RECORDS - 3);
    expect(stack.parked()).toEqual([]);
  });

  test('unticks no more where it only comes from Salesforce', async () => {
    const stack = await aTickedStack({ direction: 'from-salesforce' });
    await makeAgain(stack);
    expect(ticked(stack)).toBe(RECORDS - 3);
  });

  test('is told from one that people untick, who save each record', async () => {
    const stack = await aTickedStack();
    stack.clock.advance(5_000);
    for (const { Id } of stack.org.alive()) stack.org.edit(Id, { Opted_In__c: false });
    await stack.passes(10);
    expect(ticked(stack)).toBe(0);
    expect(await clearsOf(stack)).toEqual([]);
  });
});
