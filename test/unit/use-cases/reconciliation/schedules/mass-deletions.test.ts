import { describe, expect, test } from '@jest/globals';
import {
  listHeld,
  listTombstones,
  refuseDeletions,
  releaseDeletions,
  releaseTombstone,
  treatAsDeleted,
} from '../../../../../shared/use-cases/operations/deletions.ts';
import { aConfig, aStack, MAPPING_ID, type Stack } from './a-stack.ts';

const LIMITS = { most: 3, share: 0.5, least: 2 };
const RECORDS = 10;

/** Ten pairs, of which three may be deleted in a day. */
async function aGuardedStack(deletionLimits = LIMITS) {
  const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'propagate' } }), deletionLimits });
  for (let n = 0; n < RECORDS; n += 1) stack.org.insert({ LastName: `Lee ${n}` });
  await stack.passes(10);
  return { ...stack, keys: stack.tables.keys('contacts') };
}

const operator = (stack: Stack) => ({ ...stack, links: stack.syncStore });
const mappingId = MAPPING_ID;
const heldIn = (stack: Stack) => listHeld(operator(stack), { mappingId, limit: 50 });
const aliveIn = (stack: Stack) => stack.org.alive().length;

describe('a mass deletion of items', () => {
  const deleteAll = async (stack: Awaited<ReturnType<typeof aGuardedStack>>) => {
    for (const key of stack.keys) stack.deleteItem(key);
    await stack.passes(10);
  };

  test('stops at the limit of the day, and nothing of it is lost', async () => {
    const stack = await aGuardedStack();
    await deleteAll(stack);

    expect(aliveIn(stack)).toBe(RECORDS - 3);
    const { held, count, closedSince } = await heldIn(stack);
    expect(held).toHaveLength(RECORDS - 3);
    expect(held[0]).toMatchObject({ deleted: 'local' });
    expect(count).toBe(RECORDS - 3);
    expect(closedSince).toBeDefined();
    expect(await stack.rejections()).toHaveLength(RECORDS - 3);
  });

  test('waits for a person, however many days pass', async () => {
    const stack = await aGuardedStack();
    await deleteAll(stack);
    stack.clock.advance(3 * 86_400_000);
    await stack.passes(70);
    expect(aliveIn(stack)).toBe(RECORDS - 3);
  });

  test('goes on when a person releases it, and leaves nothing behind', async () => {
    const stack = await aGuardedStack();
    await deleteAll(stack);
    const { version } = await heldIn(stack);

    expect(await releaseDeletions(operator(stack), { mappingId, version })).toEqual({
      released: RECORDS - 3,
    });
    await stack.passes(10);

    expect(aliveIn(stack)).toBe(0);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect((await heldIn(stack)).held).toEqual([]);
  });

  test('leaves the records alone when a person refuses it', async () => {
    const stack = await aGuardedStack();
    await deleteAll(stack);
    const { version } = await heldIn(stack);

    expect(await refuseDeletions(operator(stack), { mappingId, version })).toEqual({ refused: RECORDS - 3 });
    await stack.passes(10);

    expect(aliveIn(stack)).toBe(RECORDS - 3);
    const states = stack.keys.map((key) => stack.link(key)?.state);
    expect(states.filter((state) => state === 'local-deleted')).toHaveLength(RECORDS - 3);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is released by nobody who has not seen all of it, nor twice', async () => {
    const stack = await aGuardedStack();
    for (const key of stack.keys.slice(0, 5)) stack.deleteItem(key);
    await stack.passes(10);
    const { version } = await heldIn(stack);
    for (const key of stack.keys.slice(5)) stack.deleteItem(key);
    await stack.passes(10);

    await expect(releaseDeletions(operator(stack), { mappingId, version })).rejects.toMatchObject({
      code: 'HELD_CHANGED',
    });
    const { version: now } = await heldIn(stack);
    await releaseDeletions(operator(stack), { mappingId, version: now });
    await expect(refuseDeletions(operator(stack), { mappingId, version: now })).rejects.toMatchObject({
      code: 'NOTHING_HELD',
    });
    // Whoever was interrupted after the decision says it again.
    expect(await releaseDeletions(operator(stack), { mappingId, version: now })).toEqual({ released: 7 });
    await stack.passes(10);
    expect(aliveIn(stack)).toBe(0);
  });

  test('is none where the items came back before anybody decided', async () => {
    const stack = await aGuardedStack();
    const items = new Map(stack.keys.map((key) => [key, stack.item(key) ?? {}]));
    await deleteAll(stack);
    for (const { key } of (await heldIn(stack)).held) stack.putItem(key, items.get(key) ?? {});
    await stack.passes(10);

    expect(aliveIn(stack)).toBe(RECORDS - 3);
    expect((await heldIn(stack)).held).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('counts what several hints and both sides delete', async () => {
    const stack = await aGuardedStack();
    stack.deleteItem(stack.keys[0] ?? '');
    await stack.passes(10);
    for (const { Id } of stack.org.alive().slice(0, 4)) stack.org.remove(Id);
    await stack.passes(10);

    expect(stack.tables.keys('contacts')).toHaveLength(RECORDS - 3);
    expect((await heldIn(stack)).held).toMatchObject([{ deleted: 'salesforce' }, { deleted: 'salesforce' }]);
  });

  test('of an earlier day does not count', async () => {
    const stack = await aGuardedStack();
    for (const key of stack.keys.slice(0, 3)) stack.deleteItem(key);
    await stack.passes(10);
    stack.clock.advance(26 * 3_600_000);
    for (const key of stack.keys.slice(3, 6)) stack.deleteItem(key);
    await stack.passes(10);
    expect(aliveIn(stack)).toBe(RECORDS - 6);
  });

  test('counts a deletion once, though its answer was lost', async () => {
    const stack = await aGuardedStack();
    stack.org.failNext('deleteRecords', 'unavailable');
    for (const key of stack.keys.slice(0, 3)) stack.deleteItem(key);
    await stack.passes(10);
    expect(aliveIn(stack)).toBe(RECORDS - 3);
    expect((await heldIn(stack)).held).toEqual([]);
  });
});

describe('tombstones', () => {
  test('are listed, and of one that is released the pair meets as for the first time', async () => {
    const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'ignore' } }) });
    const sfId = stack.org.insert({ LastName: 'Lee' });
    await stack.passes(10);
    const [key = ''] = stack.tables.keys('contacts');
    stack.deleteItem(key);
    await stack.passes(10);
    expect(await listTombstones(operator(stack), { mappingId, limit: 50 })).toMatchObject({
      tombstones: [{ localKey: key, sfId, state: 'local-deleted' }],
    });

    await releaseTombstone(operator(stack), { mappingId, key });
    await stack.passes(10);

    expect(stack.item(key)).toMatchObject({ lastName: 'Lee' });
    expect(stack.link(key)).toMatchObject({ state: 'linked' });
    await expect(releaseTombstone(operator(stack), { mappingId, key })).rejects.toMatchObject({
      code: 'NO_TOMBSTONE',
    });
  });

  test('of a deleted record make a new one when they are released', async () => {
    const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'ignore' } }) });
    const sfId = stack.org.insert({ LastName: 'Lee' });
    await stack.passes(10);
    const [key = ''] = stack.tables.keys('contacts');
    stack.org.remove(sfId);
    await stack.passes(10);
    expect(stack.link(key)).toMatchObject({ state: 'remote-deleted' });

    await releaseTombstone(operator(stack), { mappingId, key });
    await stack.passes(10);

    expect(stack.org.alive()).toMatchObject([{ fields: { LastName: 'Lee' } }]);
  });

  test.each(['local-deleted', 'remote-deleted'] as const)(
    'that is %s meets although the word of its release is lost',
    async (state) => {
      const stack = aStack({ config: aConfig({ contact: { deletePolicy: 'ignore' } }) });
      const sfId = stack.org.insert({ LastName: 'Lee' });
      await stack.passes(10);
      const [key = ''] = stack.tables.keys('contacts');
      if (state === 'local-deleted') stack.deleteItem(key);
      else stack.org.remove(sfId);
      await stack.passes(10);
      expect(stack.link(key)).toMatchObject({ state });
      const silent = { send: () => Promise.reject(new Error('killed')) };

      const released = releaseTombstone({ ...operator(stack), hints: silent }, { mappingId, key });
      await expect(released).rejects.toThrow('killed');
      await stack.passes(10);

      expect(stack.org.alive()).toMatchObject([{ fields: { LastName: 'Lee' } }]);
      expect(stack.tables.keys('contacts').map((one) => stack.link(one)?.state)).toEqual(['linked']);
      expect(stack.parked()).toEqual([]);
    },
  );
});

describe('an item that vanished', () => {
  const vanished = async () => {
    const stack = await aGuardedStack();
    const [key = ''] = stack.keys;
    const { sfId = '' } = stack.link(key) ?? {};
    stack.expireItem(key);
    await stack.passes(10);
    stack.org.edit(sfId, { Title: 'CTO' });
    await stack.passes(10);
    expect(await stack.rejections()).toEqual([{ key, code: 'ITEM_VANISHED' }]);
    return { ...stack, key, sfId };
  };

  test('counts as deleted when a person says so', async () => {
    const stack = await vanished();
    stack.clock.advance(60_000);
    expect(await treatAsDeleted(operator(stack), { mappingId, keys: [stack.key, stack.key] })).toEqual({
      sent: 1,
    });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.conflicts()).toMatchObject([{ remote: 'CTO', winner: 'local', deleted: 'local' }]);
  });

  test('is not deleted by that where it is there', async () => {
    const stack = await aGuardedStack();
    const [key = ''] = stack.keys;
    await treatAsDeleted(operator(stack), { mappingId, keys: [key] });
    await stack.passes(10);
    expect(stack.org.alive()).toHaveLength(RECORDS);
    expect(stack.link(key)).toMatchObject({ state: 'linked' });
  });
});

describe('many records that a person says were deleted', () => {
  const aPurge = async () => {
    const stack = await aGuardedStack();
    const sfIds = stack.org.alive().map(({ Id }) => Id);
    for (const id of sfIds) stack.org.hide(id, true);
    await treatAsDeleted(operator(stack), { mappingId, sfIds });
    await stack.passes(10);
    return stack;
  };
  const itemsIn = (stack: Stack) => stack.tables.keys('contacts').length;

  test('wait as a mass deletion does, and the word still counts when it is released', async () => {
    const stack = await aPurge();
    expect(itemsIn(stack)).toBe(RECORDS - 3);

    const { version, held } = await heldIn(stack);
    expect(held).toHaveLength(RECORDS - 3);
    await releaseDeletions(operator(stack), { mappingId, version });
    await stack.passes(10);
    expect(itemsIn(stack)).toBe(0);
    expect(stack.parked()).toEqual([]);
  });

  test('are taken for deleted no longer once they are seen', async () => {
    const stack = await aPurge();
    const { version, held } = await heldIn(stack);
    for (const { Id } of stack.org.records.values()) stack.org.hide(Id, false);
    await releaseDeletions(operator(stack), { mappingId, version });
    await stack.passes(10);

    for (const { key } of held) expect(stack.item(key)).toBeDefined();
    expect(stack.parked()).toEqual([]);
  });
});
