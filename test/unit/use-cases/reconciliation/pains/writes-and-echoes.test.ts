import { describe, expect, test } from '@jest/globals';
import { aConfig, aSettledStack, aStack, beforeNext } from '../schedules/a-stack.ts';

const WITH_SCORE = { firstName: 'FirstName', lastName: 'LastName', title: 'Title', score: 'Score__c' };

/** Takes an attribute out of the item. */
function clear(stack: Awaited<ReturnType<typeof aSettledStack>>, attribute: string): void {
  const { [attribute]: _, ...rest } = stack.item(stack.key) ?? {};
  stack.tables.put('contacts', stack.key, rest);
}

describe('a new item', () => {
  test('whose answer from Salesforce is lost makes one record, however often that happens', async () => {
    const stack = aStack();
    await stack.passes(5);
    for (let n = 0; n < 5; n += 1) stack.org.failNext('upsert', 'lost-answer');

    stack.putItem('ann', { lastName: 'Lee' });
    await stack.passes(60);

    expect(stack.org.records.size).toBe(1);
    expect(stack.item('ann')?.salesforceId).toBe(stack.org.withKey('ann')?.Id);
  });

  test('that two workers look at in the same moment makes one record', async () => {
    const stack = aStack();
    await stack.passes(5);
    await stack.withoutSweeps();
    stack.putItem('ann', { lastName: 'Lee' });
    await stack.deliverStream();
    beforeNext(stack.org, 'upsert', async () => {
      stack.putItem('ann', { lastName: 'Lee', title: 'CTO' });
      await stack.deliverStream();
      await stack.work();
    });

    await stack.passes(10);

    expect(stack.org.records.size).toBe(1);
    expect(stack.org.withKey('ann')?.fields.Title).toBe('CTO');
  });

  test('whose record a person makes under its key in the same moment is linked to that one', async () => {
    const stack = aStack();
    await stack.passes(5);
    stack.putItem('ann', { lastName: 'Lee', title: 'CTO' });
    beforeNext(stack.org, 'upsert', () => stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' }));

    await stack.passes(10);

    expect(stack.org.records.size).toBe(1);
    expect(stack.item('ann')).toMatchObject({ title: 'CTO', salesforceId: stack.org.withKey('ann')?.Id });
    expect(stack.org.withKey('ann')?.fields.Title).toBe('CTO');
  });
});

describe('a value that is cleared', () => {
  test('locally is cleared in Salesforce, and stays so', async () => {
    const stack = await aSettledStack();
    clear(stack, 'title');

    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBeNull();
    expect(stack.item(stack.key)?.title).toBeUndefined();
  });

  test('in Salesforce leaves the item too, and nothing brings it back', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Title: null });

    await stack.passes(20);

    expect(stack.item(stack.key)).not.toHaveProperty('title');
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBeNull();
  });

  test('locally, of which the stream never tells, is cleared by the next push', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    clear(stack, 'title');
    stack.stream.length = 0;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBeNull();
  });

  test('in Salesforce, before a bulk load looks at everything anew, leaves the item by that load', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    stack.org.edit(stack.sfId, { Title: null });
    await stack.mappingStates.forgetPasses('c1.contact');

    await stack.passes(10);

    expect([...stack.org.jobs.values()].filter(({ info }) => info.kind === 'query')).toHaveLength(2);
    expect(stack.item(stack.key)).not.toHaveProperty('title');
  });
});

describe('an org whose trigger changes the record with each save', () => {
  const counting = () => {
    let saves = 0;
    return {
      saves: () => saves,
      trigger: (fields: Record<string, unknown>) => {
        saves += 1;
        fields.Score__c = saves;
      },
    };
  };

  test('gets one write for one edit, whose outcome comes home, and both sides rest', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { fieldMap: WITH_SCORE } }) });
    const { trigger, saves } = counting();
    stack.org.trigger = trigger;
    stack.org.writes = 0;

    await stack.withoutSweeps();
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(5);
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', score: 1 });
    await stack.mappingStates.makeDue('c1.contact', stack.clock.now());
    await stack.passes(24 * 60);

    expect(stack.org.writes).toBe(1);
    expect(saves()).toBe(1);
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', score: 1 });
    expect(stack.conflicts()).toEqual([]);
  });

  test('that comes with a person’s edit has both brought in, and gets no write', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { fieldMap: WITH_SCORE } }) });
    stack.org.trigger = counting().trigger;
    stack.org.writes = 0;
    const before = stack.tables.writes;

    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(24 * 60);

    expect(stack.org.writes).toBe(0);
    expect(stack.tables.writes - before).toBe(1);
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', score: 1 });
  });
});

describe('an edit of one field', () => {
  test('never writes an old value of another over a person’s edit of that', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.org.edit(stack.sfId, { Email: 'theirs@example.com' });

    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(5);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'theirs@example.com',
      Title: 'CTO',
    });
  });

  test('never does so either where the other is edited between our read and our write', async () => {
    const stack = await aSettledStack();
    beforeNext(stack.org, 'update', () => stack.org.edit(stack.sfId, { Email: 'theirs@example.com' }));

    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'theirs@example.com',
      Title: 'CTO',
    });
    expect(stack.item(stack.key)).toMatchObject({ email: 'theirs@example.com', title: 'CTO' });
  });

  test('of a field that only comes from Salesforce is put back, listed, and never sent', async () => {
    const fieldMap = {
      lastName: 'LastName',
      email: 'Email',
      title: { field: 'Title', direction: 'from-salesforce' as const },
    };
    const stack = await aSettledStack({ config: aConfig({ contact: { fieldMap } }) });
    stack.org.writes = 0;

    stack.putItem(stack.key, { title: 'ours', email: 'new@example.com' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'new@example.com',
      Title: 'CEO',
    });
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO', email: 'new@example.com' });
    expect(stack.conflicts()).toMatchObject([{ field: 'title', local: 'ours', winner: 'salesforce' }]);
  });
});

describe('a refusal of Salesforce', () => {
  test('is told with its code, its words and its fields, and costs the record nothing but that edit', async () => {
    const stack = await aSettledStack();
    stack.org.refuse = ({ Title }) =>
      Title === 'CTO'
        ? { code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message: 'bad value: CTO', fields: ['Title'] }
        : undefined;

    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    expect(await stack.journal.rejections('c1.contact', 10)).toMatchObject([
      {
        key: stack.key,
        by: 'salesforce',
        code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        message: expect.stringContaining('bad value: CTO'),
        fields: ['Title'],
      },
    ]);
    stack.org.edit(stack.sfId, { Email: 'theirs@example.com' });
    await stack.passes(10);
    expect(stack.item(stack.key)).toMatchObject({ email: 'theirs@example.com', title: 'CTO' });
  });
});
