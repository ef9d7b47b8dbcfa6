import { describe, expect, test } from '@jest/globals';
import type { CheckedField } from '../../../../shared/sync/model/schema.ts';
import { aConfig, aSettledStack, type Stack } from './schedules/a-stack.ts';

const TIERS = aConfig({
  contact: {
    fieldMap: {
      lastName: 'LastName',
      email: 'Email',
      title: 'Title',
      tier: { field: 'Department', as: 'label' },
      source: { field: 'Source__c', createOnly: true, as: 'label' },
    },
  },
});

const picklist = [
  { value: 'tier_1', label: 'Gold', isActive: true },
  { value: 'tier_2', label: 'Silver', isActive: true },
];

/** From the next check on the two fields are picklists. */
const describeTiers = async (stack: Stack, change: Partial<CheckedField> = {}): Promise<void> => {
  const { describe: real } = stack.org;
  stack.org.describe = async (sObject) => {
    const found = await Reflect.apply(real, stack.org, [sObject]);
    const fields = found.fields.map((field) => {
      if (field.name === 'Source__c') return { ...field, picklist };
      return field.name === 'Department' ? { ...field, picklist, ...change } : field;
    });
    return { ...found, fields };
  };
  stack.deploy(TIERS);
  await stack.passes(10);
};

const aTieredStack = async (change: Partial<CheckedField> = {}) => {
  const stack = await aSettledStack();
  await describeTiers(stack, change);
  return stack;
};

describe('a label that the picklist does not have', () => {
  test('waits by itself, and the other fields of its record go out and come in', async () => {
    const stack = await aTieredStack();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stack.putItem(stack.key, { tier: 'Platinum', email: 'ours@example.com' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'ours@example.com',
      Department: null,
    });
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', tier: 'Platinum' });
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'UNKNOWN_NAME' }]);
  });

  test('costs no write while it waits, and goes once it is one that there is', async () => {
    const stack = await aTieredStack();
    stack.putItem(stack.key, { tier: 'Platinum' });
    await stack.passes(10);
    const before = stack.org.writes;
    await stack.passes(3 * 60);
    expect(stack.org.writes).toBe(before);

    stack.putItem(stack.key, { tier: 'Gold' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields.Department).toBe('tier_1');
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is made a record without, which gets it later', async () => {
    const stack = await aTieredStack();
    stack.putItem('p1', { lastName: 'Ray', tier: 'Platinum' });
    await stack.passes(10);
    expect(stack.org.withKey('p1')?.fields).toMatchObject({ LastName: 'Ray', Department: null });
    expect(stack.item('p1')).toMatchObject({ tier: 'Platinum' });
    expect(await stack.rejections()).toEqual([{ key: 'p1', code: 'UNKNOWN_NAME' }]);

    stack.putItem('p1', { tier: 'Silver' });
    await stack.passes(10);

    expect(stack.org.withKey('p1')?.fields.Department).toBe('tier_2');
    expect(await stack.rejections()).toEqual([]);
  });

  test('stays in its item when somebody gives the record another one, by the policy', async () => {
    const stack = await aTieredStack();
    stack.putItem('p1', { lastName: 'Ray', tier: 'Platinum' });
    await stack.passes(10);
    stack.org.edit(stack.org.withKey('p1')?.Id ?? '', { Department: 'tier_1' });
    await stack.passes(10);

    expect(stack.item('p1')).toMatchObject({ tier: 'Gold' });
    expect(stack.conflicts()).toMatchObject([{ field: 'tier', local: 'Platinum', winner: 'salesforce' }]);
    expect(await stack.rejections()).toEqual([]);
  });

  test.each<[string, Partial<CheckedField>]>([
    ['required', { required: true }],
    ['given by Salesforce where nobody else does', { isDefaulted: true }],
  ])('keeps a record from being made where the field is %s', async (_what, change) => {
    const stack = await aTieredStack(change);
    stack.putItem('p1', { lastName: 'Ray', tier: 'Platinum' });
    stack.putItem('p2', { lastName: 'Poe', tier: 'Gold' });
    await stack.passes(10);
    expect(stack.org.withKey('p1')).toBeUndefined();
    expect(stack.org.withKey('p2')?.fields.Department).toBe('tier_1');
    expect(await stack.rejections()).toEqual([{ key: 'p1', code: 'UNKNOWN_NAME' }]);

    stack.putItem('p1', { tier: 'Silver' });
    await stack.passes(10);

    expect(stack.org.withKey('p1')?.fields.Department).toBe('tier_2');
    expect(await stack.rejections()).toEqual([]);
  });

  test('keeps a record from being made where the field is for the creation alone', async () => {
    const stack = await aTieredStack();
    stack.putItem('p1', { lastName: 'Ray', source: 'Platinum' });
    await stack.passes(10);

    expect(stack.org.withKey('p1')).toBeUndefined();
    expect(await stack.rejections()).toEqual([{ key: 'p1', code: 'UNKNOWN_NAME' }]);
  });
});
