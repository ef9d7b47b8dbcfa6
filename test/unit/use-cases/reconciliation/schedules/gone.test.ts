import { describe, expect, test } from '@jest/globals';
import { aConfig, aSettledStack, beforeNext } from './a-stack.ts';

describe('two records that are merged in Salesforce', () => {
  test('leave a trace of every later edit of the loser’s item', async () => {
    const stack = await aSettledStack();
    const winner = stack.org.insert({ LastName: 'Lee', FirstName: 'Anna' });
    await stack.passes(10);
    stack.org.remove(stack.sfId);
    stack.org.edit(winner, { Email: 'ann@example.com' });
    await stack.passes(10);

    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'RECORD_DELETED' }]);
    expect(stack.org.records.get(winner)?.fields.Title).toBeNull();
  });

  test('leave a trace of an edit that is on its way', async () => {
    const stack = await aSettledStack();
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();
    beforeNext(stack.org, 'select', () => stack.org.remove(stack.sfId));

    await stack.passes(10);

    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'RECORD_DELETED' }]);
  });

  test('leave none of what was in step, and none once the record is back and has the edit', async () => {
    const stack = await aSettledStack();
    stack.org.remove(stack.sfId);
    await stack.passes(10);
    expect(await stack.rejections()).toEqual([]);
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    Object.assign(stack.org.records.get(stack.sfId) ?? {}, {
      IsDeleted: false,
      SystemModstamp: stack.clock.now(),
    });
    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });
});

describe('an item that was deleted', () => {
  test('and made again before that is stored is no deletion', async () => {
    const stack = await aSettledStack();
    const { items } = stack.syncStore;
    stack.deleteItem(stack.key);
    await stack.deliverStream();
    stack.syncStore.items = async (...args) => {
      stack.syncStore.items = items;
      const found = await Reflect.apply(items, stack.syncStore, args);
      stack.putItem(stack.key, { firstName: 'Ann', lastName: 'Lee', title: 'CTO', salesforceId: stack.sfId });
      return found;
    };
    await stack.work();

    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
    await stack.passes(10);
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
  });

  test('by a person stays deleted, whatever is edited in Salesforce later', async () => {
    const stack = await aSettledStack();
    stack.deleteItem(stack.key);
    await stack.passes(10);

    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(10);

    expect(stack.item(stack.key)).toBeUndefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'local-deleted' });
    expect(await stack.rejections()).toEqual([]);
  });
});

describe('an item whose time to live is over', () => {
  const ttlConfig = () => {
    const config = aConfig();
    const contacts = { keyField: 'id', tenantField: 'tenantId', ttlAttribute: 'expiresAt' };
    return { ...config, localTables: { contacts } };
  };

  test.each(['here', 'in another region'])(
    '%s is taken for nobody’s deletion: a later edit in Salesforce waits for it, and a person is told',
    async (where) => {
      const stack = await aSettledStack({ config: ttlConfig() });
      const before = stack.item(stack.key) ?? {};
      stack.putItem(stack.key, { expiresAt: Math.floor(stack.clock.nowMs() / 1000) + 60 });
      await stack.passes(10);
      if (where === 'here') stack.expireItem(stack.key);
      else stack.deleteItem(stack.key);
      await stack.passes(10);
      expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });

      stack.org.edit(stack.sfId, { Title: 'CTO' });
      await stack.passes(10);
      expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'ITEM_VANISHED' }]);
      await stack.withoutSweeps();
      stack.putItem(stack.key, before);
      await stack.passes(10);

      expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );

  test.each(['lost-answer', 'unreached'] as const)(
    'between the announcement of a write and its end (%s) leaves a settled link, and later edits are told of',
    async (fault) => {
      const stack = await aSettledStack({ config: ttlConfig() });
      stack.putItem(stack.key, { title: 'CFO' });
      await stack.deliverStream();
      beforeNext(stack.org, 'update', () => stack.expireItem(stack.key));
      stack.org.failNext('update', fault);
      await stack.work();
      await stack.passes(30);

      const link = stack.link(stack.key);
      expect(link).toMatchObject({ state: 'linked', sfId: stack.sfId });
      expect(link).not.toHaveProperty('pending');
      expect(link).not.toHaveProperty('lease');
      const title = stack.org.records.get(stack.sfId)?.fields.Title;
      expect(link?.base.title).toBe(title);
      expect(await stack.rejections()).toEqual([]);

      stack.org.edit(stack.sfId, { Title: 'CTO' });
      await stack.passes(10);
      expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'ITEM_VANISHED' }]);
    },
  );

  test.each(['lost-answer', 'unreached'] as const)(
    'between the announcement of its record and its end (%s) leaves nothing announced',
    async (fault) => {
      const stack = await aSettledStack({ config: ttlConfig() });
      stack.putItem('ray', { lastName: 'Ray' });
      await stack.deliverStream();
      beforeNext(stack.org, 'upsert', () => stack.expireItem('ray'));
      stack.org.failNext('upsert', fault);
      await stack.work();
      await stack.passes(30);

      const link = stack.link('ray');
      expect(link).not.toHaveProperty('pending');
      const record = stack.org.withKey('ray');
      expect(link).toMatchObject(
        record ? { state: 'linked', sfId: record.Id, base: { lastName: 'Ray' } } : { state: 'local-deleted' },
      );
      expect(record !== undefined).toBe(fault === 'lost-answer');
      expect(stack.parked()).toEqual([]);
      stack.putItem('ray', { lastName: 'Ray', title: 'CEO' });
      await stack.passes(10);
      expect(stack.org.withKey('ray')?.fields).toMatchObject({ LastName: 'Ray', Title: 'CEO' });
    },
  );

  test('in another region’s clock yet to come was deleted by somebody', async () => {
    const stack = await aSettledStack({ config: ttlConfig() });
    stack.putItem(stack.key, { expiresAt: Math.floor(stack.clock.nowMs() / 1000) + 86_400 });
    await stack.passes(10);

    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.link(stack.key)).toMatchObject({ state: 'local-deleted' });
  });
});

test('an edit of a record that is hidden when its message comes waits, and arrives once the record is shown again', async () => {
  const stack = await aSettledStack();
  await stack.withoutSweeps();
  stack.org.edit(stack.sfId, { Title: 'CTO' });
  stack.org.hide(stack.sfId, true);
  await stack.hints.send([stack.remoteHint(stack.sfId)]);
  await stack.work();
  expect(await stack.rejections()).toMatchObject([{ code: 'RECORD_NOT_VISIBLE' }]);

  stack.org.hide(stack.sfId, false);
  await stack.passes(70);

  expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
  expect(await stack.rejections()).toEqual([]);
  expect(stack.parked()).toEqual([]);
});
