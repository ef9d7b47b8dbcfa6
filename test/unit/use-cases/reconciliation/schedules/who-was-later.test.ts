import { describe, expect, test } from '@jest/globals';
import { REASONS } from '../../../../../shared/sync/reconcile/plan.ts';
import { aConfig, afterNext, aSettledStack, MAPPING_ID } from './a-stack.ts';

/** Ann's title is edited in Salesforce, and ten seconds later here; the stream has not told of it yet. */
async function aStackWithTwoEdits() {
  const stack = await aSettledStack();
  stack.putItem(stack.key, { title: 'an hour before' });
  await stack.passes(60);
  await stack.withoutSweeps();
  stack.org.edit(stack.sfId, { Title: 'theirs' });
  stack.clock.advance(10_000);
  stack.putItem(stack.key, { title: 'ours' });
  await stack.hints.send([stack.remoteHint(stack.sfId)]);
  return stack;
}

describe('an edit in Salesforce, and ten seconds later a local one of the same field', () => {
  test('end as the local one where the hint of Salesforce comes first: the stream gets a moment', async () => {
    const stack = await aStackWithTwoEdits();
    await stack.work();
    expect(stack.parked()).toMatchObject([{ remote: { reason: 'LOCAL_TIME_UNKNOWN' } }]);

    await stack.passes(5);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('ours');
    expect(stack.conflicts()).toMatchObject([{ local: 'ours', winner: 'local', reason: REASONS.localLater }]);
    expect(stack.parked()).toEqual([]);
  });

  test('end the same where the hint of the stream comes first', async () => {
    const stack = await aStackWithTwoEdits();
    const [remote] = stack.hints.take();
    await stack.deliverStream();
    await stack.work();
    if (remote) await stack.hints.send([remote]);

    await stack.passes(5);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('ours');
    expect(stack.conflicts()).toMatchObject([{ local: 'ours', winner: 'local', reason: REASONS.localLater }]);
  });

  test('end as the one in Salesforce where the stream never tells, and the conflict says that', async () => {
    const stack = await aStackWithTwoEdits();
    stack.stream.length = 0;

    await stack.passes(5);

    expect(stack.item(stack.key)).toMatchObject({ title: 'theirs' });
    expect(stack.conflicts()).toMatchObject([
      { local: 'ours', winner: 'salesforce', reason: REASONS.localTimeUnknown },
    ]);
    expect(stack.parked()).toEqual([]);
  });

  test('do not take what the stream tells of our own write for the time of an edit', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.org.edit(stack.sfId, { Email: 'new@example.com' });
    stack.clock.advance(60_000);
    stack.putItem(stack.key, { title: 'ours' });
    await stack.deliverStream();
    stack.clock.advance(5_000);
    afterNext(stack.org, 'select', () => {
      stack.clock.advance(5_000);
      stack.org.edit(stack.sfId, { Title: 'theirs' });
      stack.clock.advance(5_000);
    });
    stack.org.failNext('write', 'unreached');
    // The e-mail comes to the item, and the stream will tell of that; the title does not come to Salesforce.
    await stack.work();
    expect(stack.item(stack.key)).toMatchObject({ email: 'new@example.com' });

    await stack.passes(5);

    expect(stack.item(stack.key)).toMatchObject({ title: 'theirs' });
    expect(stack.conflicts()).toMatchObject([{ local: 'ours', winner: 'salesforce' }]);
  });
});

describe('of two local edits, with one in Salesforce between them, the stream has told of the first', () => {
  async function aStackWithThreeEdits() {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.clock.advance(60_000);
    stack.putItem(stack.key, { title: 'ours' });
    await stack.deliverStream();
    stack.clock.advance(5_000);
    stack.org.edit(stack.sfId, { Title: 'theirs' });
    stack.clock.advance(5_000);
    stack.putItem(stack.key, { title: 'ours, again' });
    return stack;
  }

  test('the second is the later one all the same', async () => {
    const stack = await aStackWithThreeEdits();
    await stack.work();
    expect(stack.parked()).toMatchObject([{ remote: { reason: 'LOCAL_TIME_UNKNOWN' } }]);

    await stack.passes(5);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('ours, again');
    expect(stack.conflicts()).toMatchObject([
      { local: 'ours, again', winner: 'local', reason: REASONS.localLater },
    ]);
  });

  test('nobody knows of the second when it was, where the stream never tells', async () => {
    const stack = await aStackWithThreeEdits();
    stack.stream.length = 0;

    await stack.passes(5);

    expect(stack.item(stack.key)).toMatchObject({ title: 'theirs' });
    expect(stack.conflicts()).toMatchObject([{ winner: 'salesforce', reason: REASONS.localTimeUnknown }]);
  });
});

describe('a write whose answer was lost', () => {
  test('and after which a person sets the old value again is written once more, and recorded as a conflict', async () => {
    const stack = await aSettledStack();
    stack.putItem(stack.key, { title: 'CTO' });
    stack.org.failNext('write', 'lost-answer');
    await stack.deliverStream();
    await stack.work();
    stack.clock.advance(30_000);
    stack.org.edit(stack.sfId, { Title: 'CEO' });

    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(stack.conflicts()).toMatchObject([
      {
        field: 'title',
        base: 'CEO',
        local: 'CTO',
        remote: 'CEO',
        winner: 'local',
        reason: REASONS.outcomeUnknown,
      },
    ]);
  });

  test.each(['salesforce-wins', 'last-write-wins'] as const)(
    'and whose record is deleted and undeleted since was no edit in Salesforce, by the policy %s',
    async (conflictPolicy) => {
      const stack = await aSettledStack({ config: aConfig({ contact: { conflictPolicy } }) });
      stack.putItem(stack.key, { title: 'CTO' });
      stack.org.failNext('write', 'lost-answer');
      await stack.deliverStream();
      await stack.work();
      stack.clock.advance(90_000);
      stack.putItem(stack.key, { title: 'CFO' });
      stack.org.remove(stack.sfId);
      await stack.deliverStream();
      await stack.work();
      expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted', base: { title: 'CTO' } });
      stack.clock.advance(60_000);
      stack.org.undelete(stack.sfId);

      await stack.passes(10);

      expect([stack.item(stack.key)?.title, stack.org.records.get(stack.sfId)?.fields.Title]).toEqual([
        'CFO',
        'CFO',
      ]);
      expect(stack.conflicts()).toEqual([]);
    },
  );

  test('and after which a person sets another value is decided by time', async () => {
    const stack = await aSettledStack();
    stack.putItem(stack.key, { title: 'CTO' });
    stack.org.failNext('write', 'lost-answer');
    await stack.deliverStream();
    await stack.work();
    stack.clock.advance(30_000);
    stack.org.edit(stack.sfId, { Title: 'CFO' });

    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CFO' });
  });

  test.each(['lost-answer', 'unavailable', 'unreached'] as const)(
    'and after which nobody does anything arrives, once, without a conflict (%s)',
    async (fault) => {
      const stack = await aSettledStack();
      stack.putItem(stack.key, { title: 'CTO' });
      stack.org.failNext('write', fault);

      await stack.passes(20);

      expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
      expect(stack.org.writes).toBe(1);
      expect(stack.conflicts()).toEqual([]);
    },
  );
});

test('a key that has waited for another reason gives the stream its moment all the same', async () => {
  const stack = await aSettledStack();
  await stack.withoutSweeps();
  await stack.parkedKeys.park([
    {
      mappingId: MAPPING_ID,
      kind: 'local',
      key: stack.key,
      side: 'remote',
      reason: 'SLOTS_TAKEN',
      waitUntil: '2026-01-01T00:12:00.000Z',
    },
  ]);
  stack.clock.advance(60_000);
  stack.org.edit(stack.sfId, { Title: 'CTO' });
  stack.clock.advance(5_000);
  stack.putItem(stack.key, { title: 'CFO' });
  // The record's hint comes twice, before the stream's.
  await stack.hints.send([stack.remoteHint(stack.sfId)]);
  await stack.work();
  await stack.hints.send([stack.remoteHint(stack.sfId)]);
  await stack.work();
  await stack.deliverStream();
  await stack.work();
  await stack.passes(10);
  expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CFO');
  expect(stack.item(stack.key)).toMatchObject({ title: 'CFO' });
});
