import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tooLongIn } from '../../../../shared/sync/mapping/too-long.ts';
import { aField, aMapping } from '../../../builders/sync.ts';
import { aSettledStack, type Stack } from './schedules/a-stack.ts';

/** From the next check on the title holds so many characters. */
const holdTitles = async (stack: Stack, length: number): Promise<void> => {
  const { describe: real } = stack.org;
  stack.org.describe = async (sObject) => {
    const found = await Reflect.apply(real, stack.org, [sObject]);
    const fields = found.fields.map((field) => (field.name === 'Title' ? { ...field, length } : field));
    return { ...found, fields };
  };
  await stack.mappingStates.expireCheck('c1.contact');
  await stack.opened();
};

describe('a text that is longer than its field', () => {
  test('is listed with the length, and costs no write', async () => {
    const stack = await aSettledStack();
    await holdTitles(stack, 5);
    stack.putItem(stack.key, { title: 'Director', email: 'ours@example.com' });
    const writes = stack.org.calls.filter((call) => call === 'update').length;
    await stack.passes(3 * 60);

    const rejections = await stack.journal.rejections('c1.contact', 10);
    expect(rejections).toMatchObject([{ code: 'TEXT_TOO_LONG', by: 'local-rules', fields: ['title'] }]);
    expect(rejections[0]?.message).toContain('title (5 characters)');
    expect(rejections[0]?.message).not.toContain('Director');
    expect(stack.org.calls.filter((call) => call === 'update')).toHaveLength(writes);
  });

  test('holds back none of what Salesforce has for the item', async () => {
    const stack = await aSettledStack();
    await holdTitles(stack, 5);
    stack.org.edit(stack.sfId, { FirstName: 'Anna' });
    stack.putItem(stack.key, { title: 'Director' });
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ firstName: 'Anna', title: 'Director' });
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'TEXT_TOO_LONG' }]);
  });

  test('keeps a new item from being made, and no other beside it', async () => {
    const stack = await aSettledStack();
    await holdTitles(stack, 5);
    stack.putItem('p1', { lastName: 'Ray', title: 'Director' });
    stack.putItem('p2', { lastName: 'Poe', title: 'CFO' });
    await stack.passes(10);

    expect(stack.org.withKey('p1')).toBeUndefined();
    expect(stack.org.withKey('p2')?.fields.Title).toBe('CFO');
    expect(await stack.rejections()).toEqual([{ key: 'p1', code: 'TEXT_TOO_LONG' }]);
  });

  test('goes once it is shorter', async () => {
    const stack = await aSettledStack();
    await holdTitles(stack, 5);
    stack.putItem(stack.key, { title: 'Director' });
    await stack.passes(10);
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(await stack.rejections()).toEqual([]);
  });

  test('goes by itself once the field is longer', async () => {
    const stack = await aSettledStack();
    await holdTitles(stack, 5);
    stack.putItem(stack.key, { title: 'Director' });
    await stack.passes(10);
    await holdTitles(stack, 128);
    await stack.passes(3 * 60);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('Director');
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });
});

test('no text counts as too long that any way of counting finds short enough', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.integer({ min: 1, max: 30 }),
      (text, maxLength) => {
        const mapping = aMapping({ fields: [aField({ localField: 'title', type: 'text', maxLength })] });
        const isTooLong = tooLongIn(mapping, { title: text }).length > 0;

        expect(isTooLong).toBe([...text].length > maxLength);
      },
    ),
  );
});
