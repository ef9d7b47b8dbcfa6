import { describe, expect, test } from '@jest/globals';
import { afterNext, aSettledStack, beforeNext, type Stack } from './a-stack.ts';

/** To the eyes of another worker that is an echo: the item is as both sides last agreed. */
async function takeBack(stack: Stack, key: string): Promise<void> {
  stack.clock.advance(2_000);
  stack.putItem(key, { title: 'CEO' });
  await stack.deliverStream();
  await stack.work();
}

describe('an edit of an item that is taken back while the first look at it is under way', () => {
  test('is taken back in Salesforce too', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();

    beforeNext(stack.org, 'select', () => takeBack(stack, stack.key));
    await stack.work();
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CEO');
  });

  test('is no agreement, though Salesforce has the same', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();

    const { commit } = stack.syncStore;
    stack.syncStore.commit = async (commits) => {
      stack.syncStore.commit = commit;
      await takeBack(stack, stack.key);
      return stack.syncStore.commit(commits);
    };
    await stack.work();
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ title: stack.org.records.get(stack.sfId)?.fields.Title });
  });
});

test('an edit in Salesforce that is taken back between a look and its commit is taken back in the item too, without a sweep', async () => {
  const stack = await aSettledStack();
  await stack.withoutSweeps();
  stack.org.edit(stack.sfId, { Title: 'CTO' });
  await stack.hints.send([stack.remoteHint(stack.sfId)]);

  afterNext(stack.org, 'select', async () => {
    stack.clock.advance(2_000);
    stack.org.edit(stack.sfId, { Title: 'CEO' });
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();
  });
  await stack.work();
  await stack.passes(10);

  expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
});
