import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../../../shared/contracts/next.ts';
import type { SyncConfigInput } from '../../../../../shared/contracts/sync-config.ts';
import { isoOf } from '../../../../../shared/contracts/time.ts';
import { treatAsDeleted } from '../../../../../shared/use-cases/operations/deletions.ts';
import { aConfig, aSettledStack, aStack, beforeNext, MAPPING_ID, type Stack } from './a-stack.ts';

type Template = SyncConfigInput['mappings'][string];

const aDeletingStack = (change: Partial<Template> = {}) =>
  aSettledStack({ config: aConfig({ contact: { deletePolicy: 'propagate', ...change } }) });

/** Ann's record was deleted and took her item with it, which was made again as it was. */
async function aRemadeStack() {
  const stack = await aDeletingStack();
  const before = stack.item(stack.key) ?? {};
  stack.org.remove(stack.sfId);
  await stack.passes(10);
  stack.putItem(stack.key, before);
  await stack.passes(10);
  return stack;
}

describe('an item that is deleted', () => {
  test('takes its record with it', async () => {
    const stack = await aDeletingStack();
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted', sfId: stack.sfId });
    expect(stack.org.calls.filter((call) => call === 'deleteRecords')).toHaveLength(1);
    expect(stack.parked()).toEqual([]);
  });

  test('leaves the record alone where only the other way is carried over', async () => {
    const stack = await aDeletingStack({ deletePolicy: { fromSalesforce: 'propagate' } });
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(false);
    expect(stack.link(stack.key)).toMatchObject({ state: 'local-deleted' });
  });

  test('by its time to live takes nothing with it', async () => {
    const stack = await aDeletingStack();
    stack.expireItem(stack.key);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(false);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('and made again before the record goes keeps it', async () => {
    const stack = await aDeletingStack();
    const before = stack.item(stack.key) ?? {};
    stack.deleteItem(stack.key);
    await stack.deliverStream();
    beforeNext(stack.org, 'select', () => stack.putItem(stack.key, { ...before, title: 'CTO' }));
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)).toMatchObject({ IsDeleted: false });
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
  });

  test('and of which an old message tells after it was made again and expired takes nothing with it', async () => {
    const stack = await aDeletingStack();
    const before = stack.item(stack.key) ?? {};
    stack.deleteItem(stack.key);
    await stack.deliverStream();
    const [old] = stack.hints.take(1);
    stack.clock.advance(60_000);
    stack.putItem(stack.key, { ...before, title: 'CTO' });
    await stack.passes(10);
    stack.expireItem(stack.key);
    await stack.passes(10);

    await stack.hints.send(old ? [old] : []);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(false);
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'ITEM_VANISHED' }]);
  });

  test('waits for a record that is hidden, and takes it along when it is shown', async () => {
    const stack = await aDeletingStack();
    stack.org.hide(stack.sfId, true);
    stack.deleteItem(stack.key);
    await stack.passes(10);
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'RECORD_NOT_VISIBLE' }]);

    stack.org.hide(stack.sfId, false);
    await stack.passes(70);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(await stack.rejections()).toEqual([]);
  });

  test.each(['lost-answer', 'unavailable', 'unreached', 'used-up'] as const)(
    'takes its record with it though the call met %s',
    async (fault) => {
      const stack = await aDeletingStack();
      stack.org.failNext('deleteRecords', fault);
      stack.deleteItem(stack.key);
      await stack.passes(30);

      expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
      expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
      expect(stack.link(stack.key)).not.toHaveProperty('lease');
    },
  );

  test('is settled where somebody else deleted the record in the same moment', async () => {
    const stack = await aDeletingStack();
    beforeNext(stack.org, 'deleteRecords', () => stack.org.remove(stack.sfId));
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
    expect(await stack.rejections()).toEqual([]);
  });

  test('and whose record Salesforce does not delete is not announced any more, and tried again', async () => {
    const stack = await aDeletingStack();
    stack.org.refuseDelete = () => ({ code: 'DELETE_FAILED', message: 'it has cases' });
    stack.deleteItem(stack.key);
    await stack.passes(5);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
    await stack.passes(20);
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'DELETE_FAILED' }]);

    stack.org.refuseDelete = () => undefined;
    await stack.passes(60);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(await stack.rejections()).toEqual([]);
  });

  test('takes its record with it though a formula of the record has another value by now', async () => {
    const stack = await aDeletingStack({
      fieldMap: { lastName: 'LastName', grade: { field: 'Grade__c', direction: 'from-salesforce' } },
      conflictPolicy: 'salesforce-wins',
    });
    stack.org.recompute(stack.sfId, 'A');
    stack.deleteItem(stack.key);
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(stack.conflicts()).toEqual([]);
  });

  test('loses to a later edit of the record, and comes back with it', async () => {
    const stack = await aDeletingStack();
    stack.deleteItem(stack.key);
    stack.clock.advance(5_000);
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(stack.conflicts()).toMatchObject([{ field: 'title', winner: 'salesforce', deleted: 'local' }]);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('beats an earlier edit of the record, which stands in the journal', async () => {
    const stack = await aDeletingStack();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stack.clock.advance(5_000);
    stack.deleteItem(stack.key);
    await stack.deliverStream();
    await stack.work();

    expect(stack.org.records.get(stack.sfId)?.IsDeleted).toBe(true);
    expect(stack.conflicts()).toMatchObject([{ remote: 'CTO', local: null, winner: 'local' }]);
  });
});

describe('a record that is deleted', () => {
  test('takes its item with it', async () => {
    const stack = await aDeletingStack();
    stack.org.remove(stack.sfId);
    await stack.passes(10);

    expect(stack.item(stack.key)).toBeUndefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
    expect(stack.parked()).toEqual([]);
  });

  test('loses to a later edit of the item, which makes a new record', async () => {
    const stack = await aDeletingStack();
    stack.org.remove(stack.sfId);
    stack.clock.advance(5_000);
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.passes(10);

    const made = stack.org.alive();
    expect(made).toMatchObject([{ fields: { Title: 'CTO' } }]);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: made[0]?.Id });
    expect(stack.conflicts()).toMatchObject([{ local: 'CTO', winner: 'local', deleted: 'salesforce' }]);
  });

  test('comes back with its item when it is undeleted, with the values that it has', async () => {
    const stack = await aDeletingStack();
    stack.org.remove(stack.sfId);
    await stack.passes(10);
    stack.org.undelete(stack.sfId);
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ firstName: 'Ann', salesforceId: stack.sfId });
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('whose item was deleted by a person comes back when somebody undeletes it', async () => {
    const stack = await aDeletingStack();
    stack.deleteItem(stack.key);
    await stack.passes(10);
    stack.org.undelete(stack.sfId);
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ firstName: 'Ann' });
  });

  test('is followed by a new one where the item is made again under its key', async () => {
    const stack = await aRemadeStack();

    const [made] = stack.org.alive();
    expect(made?.Id).not.toBe(stack.sfId);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: made?.Id });
  });

  test('and undeleted when another one has its item is listed as long as it lives, whatever becomes of the pair', async () => {
    const stack = await aRemadeStack();
    const listed = [{ key: stack.sfId, code: 'ALREADY_LINKED' }];

    stack.org.undelete(stack.sfId);
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(10);
    expect(await stack.rejections()).toEqual(listed);
    stack.putItem(stack.key, { title: 'CEO' });
    await stack.passes(90);
    expect(await stack.rejections()).toEqual(listed);

    stack.org.remove(stack.sfId);
    await stack.passes(90);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(stack.org.alive()).toMatchObject([{ fields: { Title: 'CEO' } }]);
  });

  test('and purged is not seen as deleted', async () => {
    const stack = await aDeletingStack();
    stack.org.hide(stack.sfId, true);
    stack.org.remove(stack.sfId);
    await stack.passes(10);

    expect(stack.item(stack.key)).toBeDefined();
  });
});

describe('a record that is merged into another one', () => {
  /** Ann is linked, and Anna is outside of the filter. */
  const aMerge = async (change: Partial<Template> = {}) => {
    const stack = await aSettledStack({
      config: aConfig({ contact: { deletePolicy: 'propagate', filter: "Title = 'CEO'", ...change } }),
    });
    const winner = stack.org.insert({ FirstName: 'Anna', LastName: 'Lee', Title: 'CTO' });
    await stack.passes(10);
    expect(stack.tables.keys('contacts')).toEqual([stack.key]);
    return { ...stack, winner };
  };

  test.each(['ignore', 'propagate'] as const)(
    'which nothing is linked to leaves its item to that one, whatever becomes of deletions (%s)',
    async (deletePolicy) => {
      const stack = await aMerge({ deletePolicy });
      stack.org.merge(stack.winner, stack.sfId, { Email: 'anna@example.com' });
      await stack.passes(10);

      expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: stack.winner });
      expect(stack.item(stack.key)).toMatchObject({
        firstName: 'Anna',
        email: 'anna@example.com',
        salesforceId: stack.winner,
      });
      stack.putItem(stack.key, { title: 'CFO' });
      await stack.passes(10);
      expect(stack.org.records.get(stack.winner)?.fields.Title).toBe('CFO');
      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );

  test('is a deleted one where the connected user may not see into which one it went', async () => {
    const stack = await aMerge();
    stack.org.hideField('MasterRecordId', true);
    await stack.mappingStates.expireCheck(MAPPING_ID);
    stack.org.merge(stack.winner, stack.sfId, {});
    await stack.passes(10);
    expect(stack.item(stack.key)).toBeUndefined();
    expect(await stack.state()).not.toHaveProperty('trouble');
  });

  test('keeps an edit of its item that Salesforce did not have', async () => {
    const stack = await aMerge();
    stack.org.merge(stack.winner, stack.sfId, {});
    stack.clock.advance(5_000);
    stack.putItem(stack.key, { email: 'new@example.com' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.winner)?.fields.Email).toBe('new@example.com');
  });

  test.each(['ignore', 'propagate'] as const)(
    'which is linked already is a deleted one like any other (%s)',
    async (deletePolicy) => {
      const stack = await aDeletingStack({ deletePolicy });
      const winner = stack.org.insert({ FirstName: 'Anna', LastName: 'Lee' });
      await stack.passes(10);
      stack.org.merge(winner, stack.sfId, {});
      await stack.passes(10);

      expect(stack.item(stack.key) === undefined).toBe(deletePolicy === 'propagate');
      const state = deletePolicy === 'propagate' ? 'both-deleted' : 'remote-deleted';
      expect(stack.link(stack.key)).toMatchObject({ state });
      expect(stack.tables.keys('contacts')).toContain(`sf-c1-${winner}`);
    },
  );

  test('whose own key is another item’s is a deleted one', async () => {
    const stack = await aMerge();
    stack.org.edit(stack.winner, { External_Id__c: 'somebody-else' });
    stack.org.merge(stack.winner, stack.sfId, {});
    await stack.passes(10);
    expect(stack.item(stack.key)).toBeUndefined();
  });

  test('together with a third leaves one item to it, and the other follows its record', async () => {
    const stack = await aMerge();
    const third = stack.org.insert({ FirstName: 'An', LastName: 'Lee', Title: 'CEO' });
    await stack.passes(10);
    stack.org.merge(stack.winner, stack.sfId, {});
    stack.org.merge(stack.winner, third, {});
    await stack.passes(10);

    const links = stack.tables.keys('contacts').map((key) => stack.link(key)?.sfId);
    expect(links).toEqual([stack.winner]);
  });
});

describe('a record that a person says was deleted', () => {
  const mappingId = MAPPING_ID;
  const aPurge = async (change: Partial<Template> = {}) => {
    const stack = await aDeletingStack(change);
    stack.org.hide(stack.sfId, true);
    return { ...stack, say: () => treatAsDeleted(stack, { mappingId, sfIds: [stack.sfId] }) };
  };

  test('takes its item with it where Salesforce does not give it', async () => {
    const stack = await aPurge();
    expect(await stack.say()).toEqual({ sent: 1 });
    await stack.passes(10);

    expect(stack.item(stack.key)).toBeUndefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
    expect(stack.parked()).toEqual([]);
  });

  test('keeps its item where the other side stays, and marks it where the mapping says so', async () => {
    const left = await aPurge({ deletePolicy: 'ignore' });
    await left.say();
    await left.passes(10);
    expect(left.item(left.key)).toBeDefined();
    expect(left.link(left.key)).toMatchObject({ state: 'remote-deleted' });

    const marked = await aPurge({ deletePolicy: { fromSalesforce: { mark: 'deletedAt' } } });
    await marked.say();
    await marked.passes(10);
    expect(marked.item(marked.key)).toHaveProperty('deletedAt');
  });

  test('takes its item with it where the object has no IsDeleted, of which nothing else does', async () => {
    const config = aConfig({
      contact: { direction: 'from-salesforce', deletePolicy: { fromSalesforce: 'propagate' } },
    });
    const stack = aStack({ config });
    stack.org.hideField('IsDeleted', true);
    const sfId = stack.org.insert({ LastName: 'Lee' });
    await stack.passes(10);
    stack.org.hide(sfId, true);
    await stack.passes(70);
    expect(stack.tables.keys('contacts')).toHaveLength(1);
    expect((await stack.state()).schema?.findings).toMatchObject([
      { code: 'DELETIONS_NOT_SEEN', says: expect.stringContaining('treat-as-deleted') },
    ]);

    await treatAsDeleted(stack, { mappingId, sfIds: [sfId] });
    await stack.passes(10);
    expect(stack.tables.keys('contacts')).toEqual([]);
  });

  test.each<[string, (stack: Stack) => Promise<() => unknown>]>([
    [
      'its connection is paused',
      async ({ connections, clock }) => {
        await connections.setStatus('c1', 'paused', clock.now());
        return () => connections.setStatus('c1', 'active', clock.now());
      },
    ],
    [
      'the org is to be left alone until a time',
      async ({ orgs, clock }) => {
        const { open } = orgs;
        const next = { do: 'wait', until: isoOf(clock.nowMs() + 10 * 60_000) } as const;
        orgs.open = () => Promise.reject(new SyncError('Failing', 'SOME_CODE', 'says nothing', next));
        return () => Object.assign(orgs, { open });
      },
    ],
  ])('is not forgotten while %s', async (_why, shut) => {
    const stack = await aPurge();
    const open = await shut(stack);
    expect(await stack.say()).toEqual({ sent: 1 });
    await stack.passes(3);
    expect(stack.parked()).toMatchObject([{ key: stack.key, local: {}, remote: { isDeleted: true } }]);
    await open();
    await stack.passes(70);

    expect(stack.item(stack.key)).toBeUndefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'both-deleted' });
    expect(stack.parked()).toEqual([]);
  });

  test('is refused where the connection is revoked, and nobody would look', async () => {
    const stack = await aPurge();
    await stack.connections.setStatus('c1', 'revoked', stack.clock.now());
    await expect(stack.say()).rejects.toMatchObject({ code: 'CONNECTION_NOT_ACTIVE' });
  });

  test('is none where it is there, also if it is hidden later', async () => {
    const stack = await aPurge();
    await stack.say();
    stack.org.hide(stack.sfId, false);
    await stack.passes(10);
    stack.org.hide(stack.sfId, true);
    await stack.passes(70);

    expect(stack.item(stack.key)).toBeDefined();
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('is none any more once it was seen, though the look ends in a refusal', async () => {
    const stack = await aPurge();
    stack.org.refuse = ({ Title }) =>
      Title === 'CTO' ? { code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no' } : undefined;
    stack.putItem(stack.key, { ...stack.item(stack.key), title: 'CTO' });
    await stack.say();
    stack.org.hide(stack.sfId, false);
    await stack.passes(10);
    expect(stack.parked()).toHaveLength(1);

    stack.org.hide(stack.sfId, true);
    stack.org.refuse = () => undefined;
    stack.putItem(stack.key, { ...stack.item(stack.key), title: 'COO' });
    await stack.passes(10);
    expect(stack.link(stack.key)).toMatchObject({ state: 'linked', sfId: stack.sfId });
    expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'RECORD_NOT_VISIBLE' }]);
  });

  test('makes a new record where its item was edited since', async () => {
    const stack = await aPurge();
    stack.putItem(stack.key, { ...stack.item(stack.key), title: 'CTO' });
    await stack.say();
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(stack.link(stack.key)?.sfId).not.toBe(stack.sfId);
  });

  test.each([
    ['salesforce-wins', 'salesforce'],
    ['last-write-wins', 'local'],
  ] as const)(
    'leaves in the journal under %s what became of an edit of its item',
    async (conflictPolicy, winner) => {
      const stack = await aPurge({ conflictPolicy });
      stack.putItem(stack.key, { ...stack.item(stack.key), title: 'CTO' });
      await stack.say();
      await stack.passes(20);

      expect(stack.conflicts()).toMatchObject([
        {
          localKey: stack.key,
          sfId: stack.sfId,
          field: 'title',
          local: 'CTO',
          deleted: 'salesforce',
          winner,
        },
      ]);
    },
  );

  test('is told of though nothing is linked to it', async () => {
    const stack = await aPurge();
    const sfId = '003000000000999AAA';
    expect(await treatAsDeleted(stack, { mappingId, sfIds: [sfId] })).toEqual({ sent: 0, unlinked: [sfId] });
  });

  test('brings its item back where it was only hidden', async () => {
    const stack = await aPurge();
    await stack.say();
    await stack.passes(10);
    stack.org.hide(stack.sfId, false);
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
  });
});
