import { expect, test } from '@jest/globals';
import { aSettledStack } from './a-stack.ts';

test('a stack brings an edit of each side to the other, and rests', async () => {
  const stack = await aSettledStack();
  stack.putItem(stack.key, { title: 'CTO' });
  stack.org.edit(stack.sfId, { Email: 'new@example.com' });
  stack.putItem('local', { lastName: 'Born here' });
  await stack.passes(10);
  expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'new@example.com' });
  expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({ Title: 'CTO', Email: 'new@example.com' });
  expect(stack.org.withKey('local')?.fields.LastName).toBe('Born here');
  expect(stack.parked()).toEqual([]);
  const calls = stack.org.calls.length;
  await stack.passes(60);
  expect(stack.org.calls.length - calls).toBeLessThanOrEqual(13);
});
