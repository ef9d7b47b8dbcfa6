import { describe, expect, test } from '@jest/globals';
import { afterNext, aSettledStack, aStack } from './a-stack.ts';

describe('a conflict', () => {
  test('is recorded only if its commit has won: here the item gives way by itself', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.putItem(stack.key, { title: 'ours' });
    await stack.deliverStream();
    stack.clock.advance(10_000);
    stack.org.edit(stack.sfId, { Title: 'theirs' });
    afterNext(stack.org, 'select', () => stack.putItem(stack.key, { title: 'theirs' }));

    await stack.passes(5);

    expect(stack.conflicts()).toEqual([]);
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('theirs');
  });

  test('is there twice where two were made within one second', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    for (const n of [1, 2]) {
      stack.org.edit(stack.sfId, { Title: `theirs ${n}` });
      stack.putItem(stack.key, { title: `ours ${n}` });
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.deliverStream();
      await stack.work();
    }
    await stack.passes(2);

    const conflicts = stack.conflicts().map(({ local, remote, at }) => ({ local, remote, at }));
    expect(conflicts).toEqual([
      { local: 'ours 1', remote: 'theirs 1', at: conflicts[0]?.at },
      { local: 'ours 2', remote: 'theirs 2', at: conflicts[0]?.at },
    ]);
  });
});

describe('a record that claims a key before another tenant uses it', () => {
  test('never gets that tenant’s values, nor gives it any', async () => {
    const stack = aStack({ connections: { c1: 'acme', c2: 'other' } });
    const squatter = stack.org.insert({ LastName: 'Squatter', External_Id__c: 'k1' });
    await stack.passes(10);
    expect(stack.item('k1')).toMatchObject({ tenantId: 'acme' });

    stack.tables.put('contacts', 'k1', { id: 'k1', tenantId: 'other', lastName: 'Secret', title: 'CEO' });
    await stack.passes(10);
    stack.org.edit(squatter, { Title: 'planted' });
    await stack.passes(70);

    expect(stack.item('k1')).toMatchObject({ tenantId: 'other', lastName: 'Secret', title: 'CEO' });
    expect(stack.org.records.get(squatter)?.fields).toMatchObject({ LastName: 'Squatter', Title: 'planted' });
    expect(stack.orgOf('c2').withKey('k1')?.fields).toMatchObject({ LastName: 'Secret', Title: 'CEO' });
    expect(await stack.rejections()).toEqual([{ key: squatter, code: 'KEY_OF_ANOTHER_TENANT' }]);
  });
});

describe('a record that claims the key of a living pair', () => {
  test('takes its place when the record of that pair is deleted, however much later', async () => {
    const stack = await aSettledStack();
    const second = stack.org.insert({ LastName: 'Claims', External_Id__c: stack.key });
    await stack.passes(10);
    expect((await stack.rejections()).map(({ code }) => code)).toEqual(['ALREADY_LINKED']);
    stack.putItem(stack.key, { email: 'new@example.com' });
    await stack.passes(30);

    stack.org.remove(stack.sfId);
    await stack.passes(120);

    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: second });
  });

  test('holds up no edit of the item that it is looked at with', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    const second = stack.org.insert({ LastName: 'Claims', External_Id__c: stack.key });
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();
    await stack.hints.send([stack.remoteHint(second)]);

    await stack.work();

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(await stack.rejections()).toEqual([{ key: second, code: 'ALREADY_LINKED' }]);
  });

  test('is told of no more once it has another key', async () => {
    const stack = await aSettledStack();
    const second = stack.org.insert({ LastName: 'Claims', External_Id__c: stack.key });
    await stack.passes(10);

    stack.org.edit(second, { External_Id__c: null });
    await stack.passes(10);

    expect(stack.tables.keys('contacts')).toHaveLength(2);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });
});
