import { describe, expect, test } from '@jest/globals';
import { listHeld, refuseDeletions } from '../../../../../shared/use-cases/operations/deletions.ts';
import { aConfig, aSettledStack, aStack, beforeNext, MAPPING_ID, type Stack } from './a-stack.ts';

const FIELD = 'Opted_In__c';
const deletePolicy = { fromSalesforce: { mark: 'deletedAt' }, toSalesforce: { mark: FIELD } };
const config = aConfig({ contact: { deletePolicy } });

const aMarkingStack = () => aSettledStack({ config });
type Pair = Awaited<ReturnType<typeof aMarkingStack>>;

const markOfRecord = ({ org, sfId }: Pair) => org.records.get(sfId)?.fields[FIELD];
const markOfItem = ({ item, key }: Pair) => item(key)?.deletedAt;
const writesOf = ({ org }: Pick<Stack, 'org'>) => org.calls.filter((call) => call === 'update').length;

describe('a record whose item is deleted', () => {
  test('stays, and is marked', async () => {
    const stack = await aMarkingStack();
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(false);
    expect(markOfRecord(stack)).toBe(true);
    expect(stack.link(stack.key)).toMatchObject({ state: 'local-deleted', marked: 'record' });
    expect(stack.link(stack.key)).not.toHaveProperty('lease');
    expect(stack.parked()).toEqual([]);
  });

  test('is marked once: the mark makes no item, and no further write', async () => {
    const stack = await aMarkingStack();
    stack.deleteItem(stack.key);
    await stack.passes(10);
    const writes = writesOf(stack);
    await stack.passes(90);

    expect(writesOf(stack)).toBe(writes);
    expect(stack.item(stack.key)).toBeUndefined();
  });

  test('loses its mark when the item is made again, and is its pair as before', async () => {
    const stack = await aMarkingStack();
    const before = stack.item(stack.key) ?? {};
    stack.deleteItem(stack.key);
    await stack.passes(10);
    stack.putItem(stack.key, before);
    await stack.passes(10);

    expect(markOfRecord(stack)).toBe(false);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: stack.sfId });
    expect(stack.link(stack.key)).not.toHaveProperty('marked');
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('is marked though a duplicate rule warns, where the mapping allows duplicates', async () => {
    const allowing = aConfig({ contact: { deletePolicy, duplicateRules: 'allow' } });
    const stack = await aSettledStack({ config: allowing });
    stack.org.refuse = () => ({
      code: 'DUPLICATES_DETECTED',
      message: 'Use one of these?',
      duplicates: { recordIds: [], allowSave: true },
    });
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(markOfRecord(stack)).toBe(true);
    expect(await stack.rejections()).toEqual([]);
  });

  test('is not marked where the item expired', async () => {
    const stack = await aMarkingStack();
    stack.expireItem(stack.key);
    await stack.passes(10);
    expect(markOfRecord(stack)).not.toBe(true);
  });

  test.each(['lost-answer', 'unavailable', 'unreached', 'used-up'] as const)(
    'is marked though the call met %s',
    async (fault) => {
      const stack = await aMarkingStack();
      stack.org.failNext('update', fault);
      stack.deleteItem(stack.key);
      await stack.passes(30);

      expect(markOfRecord(stack)).toBe(true);
      expect(stack.link(stack.key)).toMatchObject({ state: 'local-deleted', marked: 'record' });
    },
  );

  test('loses a mark of which nobody knew whether it was set, where the item is back', async () => {
    const stack = await aMarkingStack();
    const before = stack.item(stack.key) ?? {};
    stack.org.failNext('update', 'lost-answer');
    beforeNext(stack.org, 'update', () => stack.putItem(stack.key, before));
    stack.deleteItem(stack.key);
    await stack.passes(30);

    expect(markOfRecord(stack)).toBe(false);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('and deleted in the same moment leaves a pair of which neither side is there', async () => {
    const stack = await aMarkingStack();
    beforeNext(stack.org, 'update', () => stack.org.remove(stack.sfId));
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
    expect(stack.link(stack.key)).not.toHaveProperty('marked');
  });
});

describe('an item whose record is deleted', () => {
  test('stays, and says when', async () => {
    const stack = await aMarkingStack();
    stack.org.remove(stack.sfId);
    await stack.passes(10);

    expect(markOfItem(stack)).toBe(stack.org.records.get(stack.sfId)?.SystemModstamp);
    expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted', marked: 'item' });
    expect(stack.org.alive()).toEqual([]);
  });

  test('costs no call by the change that the mark itself is', async () => {
    const stack = await aMarkingStack();
    stack.org.remove(stack.sfId);
    await stack.passes(1);
    const calls = stack.org.calls.length;
    await stack.deliverStream();
    await stack.work();

    expect(stack.org.calls).toHaveLength(calls);
  });

  test('loses its mark when the record is undeleted', async () => {
    const stack = await aMarkingStack();
    stack.org.remove(stack.sfId);
    await stack.passes(10);
    stack.org.undelete(stack.sfId);
    await stack.passes(10);

    expect(stack.item(stack.key)).toBeDefined();
    expect(markOfItem(stack)).toBeUndefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: stack.sfId });
    expect(stack.link(stack.key)).not.toHaveProperty('marked');
  });
});

describe('many marks', () => {
  test('wait for a person as many deletions do, and a refusal sets none', async () => {
    const stack = aStack({ config, deletionLimits: { most: 3, share: 0.5, least: 2 } });
    for (let n = 0; n < 10; n += 1) stack.org.insert({ LastName: `Lee ${n}` });
    await stack.passes(10);
    for (const key of stack.tables.keys('contacts')) stack.deleteItem(key);
    await stack.passes(10);
    const marked = () => stack.org.alive().filter(({ fields }) => fields[FIELD] === true).length;
    expect(marked()).toBe(3);

    const operator = { ...stack, links: stack.syncStore };
    const { version, held } = await listHeld(operator, { mappingId: MAPPING_ID, limit: 50 });
    expect(held).toHaveLength(7);
    await refuseDeletions(operator, { mappingId: MAPPING_ID, version });
    await stack.passes(10);
    expect(marked()).toBe(3);
    expect(stack.parked()).toEqual([]);
  });
});
