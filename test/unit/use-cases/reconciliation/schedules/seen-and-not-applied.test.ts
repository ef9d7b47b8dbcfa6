import { describe, expect, test } from '@jest/globals';
import { aConfig, aSettledStack, aStack, beforeNext } from './a-stack.ts';

describe('a record that a bulk push holds', () => {
  test('and that is edited in Salesforce meanwhile has the edit brought over by its hint, without a sweep', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.withoutSweeps();
    stack.putItem('bob', { lastName: 'Ray', title: 'CFO' });
    stack.stream.length = 0;
    stack.beside.step = async (step) => {
      if (step !== 'settle-push') return;
      stack.beside.step = () => undefined;
      const sfId = stack.org.withKey('bob')?.Id ?? '';
      stack.clock.advance(60_000);
      stack.org.edit(sfId, { Title: 'COO' });
      await stack.hints.send([stack.remoteHint(sfId)]);
      await stack.work();
      expect(stack.parked()).toMatchObject([{ key: 'bob', remote: { reason: 'LEASE_HELD' } }]);
    };
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(30);

    expect(stack.item('bob')).toMatchObject({ title: 'COO' });
    expect(stack.org.withKey('bob')?.fields.Title).toBe('COO');
    expect(stack.parked()).toEqual([]);
  });
});

describe('an edit in Salesforce that waited by itself, and whose item waits for a person by now', () => {
  const aWaitingStack = async (isLinked: boolean) => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    const sfId = isLinked ? stack.sfId : stack.org.insert({ LastName: 'Ray', External_Id__c: 'ray' });
    const key = isLinked ? stack.key : 'ray';
    await stack.connections.setStatus('c1', 'paused', stack.clock.now());
    stack.org.edit(sfId, { Title: 'CTO' });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();
    expect(stack.parked()).toMatchObject([{ kind: 'record', key: sfId }]);
    stack.putItem(key, { lastName: 'Ray', email: 5 });
    await stack.connections.setStatus('c1', 'active', stack.clock.now());
    await stack.passes(30);
    return { stack, key };
  };

  test.each([true, false])('waits with the item alone, and costs no call (linked: %s)', async (isLinked) => {
    const { stack, key } = await aWaitingStack(isLinked);
    expect(stack.parked()).toMatchObject([
      { kind: 'local', key, remote: { reason: 'INVALID_ATTRIBUTE' }, local: { reason: 'INVALID_ATTRIBUTE' } },
    ]);
    const { length: calls } = stack.org.calls;
    await stack.passes(2 * 24 * 60);

    expect(stack.org.calls).toHaveLength(calls);
    expect(await stack.rejections()).toEqual([{ key, code: 'INVALID_ATTRIBUTE' }]);

    stack.putItem(key, { email: 'ray@example.com' });
    await stack.passes(5);
    expect(stack.item(key)).toMatchObject({ title: 'CTO' });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });
});

describe('an edit in Salesforce that meets an item which cannot be used just then', () => {
  const LARGE = 'x'.repeat(395_000);
  test.each([
    ['has an attribute of the wrong type', { email: 5 }, { email: 'ann@example.com' }, 'INVALID_ATTRIBUTE'],
    ['belongs to another tenant', { tenantId: 'other' }, { tenantId: 'acme' }, 'KEY_OF_ANOTHER_TENANT'],
    ['is too large', { note: LARGE }, { note: undefined }, 'ITEM_TOO_LARGE'],
  ])(
    'because it %s arrives once the item is as before, without a sweep',
    async (_why, broken, mended, code) => {
      const stack = await aSettledStack();
      await stack.withoutSweeps();
      stack.putItem(stack.key, broken);
      await stack.passes(1);
      stack.org.edit(stack.sfId, { Title: 'y'.repeat(20_000) });
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.passes(10);
      expect((await stack.rejections()).map((one) => one.code)).toEqual([code]);
      expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });

      stack.putItem(stack.key, mended);
      await stack.passes(70);

      expect(stack.item(stack.key)).toMatchObject({ title: 'y'.repeat(20_000) });
      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );
});

describe('a key that is parked again', () => {
  test.each(['used-up', 'paused'] as const)(
    'keeps the time of its edit, which wins over the earlier one in Salesforce (%s)',
    async (why) => {
      const stack = await aSettledStack();
      await stack.withoutSweeps();
      stack.org.edit(stack.sfId, { Title: 'theirs' });
      stack.clock.advance(60_000);
      stack.putItem(stack.key, { title: 'ours' });
      if (why === 'paused') await stack.connections.setStatus('c1', 'paused', stack.clock.now());
      else for (let n = 0; n < 3; n += 1) stack.org.failNext('any', 'used-up');
      await stack.passes(17);
      expect(stack.parked()).toMatchObject([{ key: stack.key, local: { changedAt: expect.any(String) } }]);
      if (why === 'paused') await stack.connections.setStatus('c1', 'active', stack.clock.now());

      // Three refusals: a quarter of an hour, half of one and a whole one.
      await stack.passes(106);

      expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('ours');
      expect(stack.conflicts()).toMatchObject([
        { field: 'title', winner: 'local', reason: 'the local edit is later' },
      ]);
    },
  );
});

describe('what a person was told of a record by its Salesforce id', () => {
  const MENDED = [
    ['is an item of another tenant', 'k1', 'KEY_OF_ANOTHER_TENANT'],
    ['is a key that we make', 'sf-0123456789', 'KEY_RESERVED'],
  ] as const;

  test.each(MENDED)(
    'is taken back when its external id, which %s, is another one',
    async (_what, key, code) => {
      const stack = aStack();
      stack.putItem('k1', { lastName: 'Theirs' }, 'other');
      const sfId = stack.org.insert({ LastName: 'Lee', External_Id__c: key });
      await stack.passes(10);
      expect(await stack.rejections()).toEqual([{ key: sfId, code }]);

      stack.org.edit(sfId, { External_Id__c: null });
      await stack.passes(10);

      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
      expect(stack.org.alive()).toHaveLength(1);
      expect(stack.tables.keys('contacts')).toHaveLength(2);
    },
  );

  test.each(MENDED)(
    'is taken back when the record, whose external id %s, is deleted',
    async (_what, key, _code) => {
      const stack = aStack();
      stack.putItem('k1', { lastName: 'Theirs' }, 'other');
      const sfId = stack.org.insert({ LastName: 'Lee', External_Id__c: key });
      await stack.passes(10);

      stack.org.remove(sfId);
      await stack.passes(10);

      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );

  test('is taken back when the item of another tenant, whose key it had claimed, is gone', async () => {
    const stack = aStack();
    stack.putItem('k1', { lastName: 'Theirs' }, 'other');
    stack.org.insert({ LastName: 'Lee', External_Id__c: 'k1' });
    await stack.passes(30);

    stack.deleteItem('k1');
    await stack.passes(70);

    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(stack.item('k1')).toMatchObject({ tenantId: 'acme', lastName: 'Lee' });
  });

  test('is taken back by a look whose write a trigger answers with more', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.putItem('bob', { lastName: 'Ray', title: 'CFO' });
    stack.stream.splice(0);
    const sfId = stack.org.insert({ LastName: 'Ray', External_Id__c: 'sf-foo' });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();
    expect(await stack.rejections()).toEqual([{ key: sfId, code: 'KEY_RESERVED' }]);

    stack.org.edit(sfId, { External_Id__c: 'bob' });
    beforeNext(stack.org, 'update', () => stack.org.edit(sfId, { Email: 'bob@example.com' }));
    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();

    expect(stack.item('bob')).toMatchObject({ email: 'bob@example.com' });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is taken back when the record is deleted, though it does not meet the filter', async () => {
    const stack = aStack({ config: aConfig({ contact: { filter: "Title = 'CEO'" } }) });
    const sfId = stack.org.insert({ LastName: 'Lee', Title: 'CEO', External_Id__c: 'sf-0123456789' });
    await stack.passes(10);
    expect(await stack.rejections()).toEqual([{ key: sfId, code: 'KEY_RESERVED' }]);

    stack.org.edit(sfId, { Title: 'CTO' });
    stack.org.remove(sfId);
    await stack.passes(10);

    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is taken back when a value that could not be read can be', async () => {
    const fieldMap = { lastName: 'LastName', birthday: 'Birthdate' };
    const stack = aStack({ config: aConfig({ contact: { fieldMap } }) });
    const sfId = stack.org.insert({ LastName: 'Lee' });
    const record = stack.org.records.get(sfId);
    Object.assign(record ?? {}, { fields: { ...record?.fields, Birthdate: 'some day' } });
    await stack.passes(10);
    expect(await stack.rejections()).toEqual([{ key: sfId, code: 'UNREADABLE_VALUE' }]);

    stack.org.edit(sfId, { Birthdate: '1988-01-01' });
    await stack.passes(10);

    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    const [key = ''] = stack.tables.keys('contacts');
    expect(stack.item(key)).toMatchObject({ birthday: '1988-01-01' });
  });
});
