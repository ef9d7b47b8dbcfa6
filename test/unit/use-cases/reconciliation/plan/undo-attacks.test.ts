import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import { aConfig, beforeNext } from '../schedules/a-stack.ts';
import { actionsOf, aKeptStack, dying, KEPT } from './a-kept-stack.ts';

/** Schedules in which an undo would do harm. */
describe('an undo', () => {
  test.each(['deletes', 'writes'] as const)(
    'leaves what a merge has left of the record that it %s',
    async (what) => {
      const stack = await aKeptStack({ localIdField: undefined });
      const key = what === 'deletes' ? 'dan' : 'ann';
      stack.putItem(key, { lastName: key, title: 'oops' });
      await stack.passes(5);
      await stack.withoutSweeps();
      // A person's own record, which nothing is linked to, and which has the same values.
      const theirs = stack.org.insert({ LastName: key, Title: 'oops' });
      stack.org.merge(theirs, must(stack.link(key)?.sfId, 'a pair'), {});

      await stack.undo({ from: stack.since });
      expect(await actionsOf(stack)).toEqual({ [key]: [expect.objectContaining({ kind: 'keep' })] });
      await stack.apply();

      expect(stack.org.records.get(theirs)).toMatchObject({ IsDeleted: false, fields: { Title: 'oops' } });
    },
  );

  test('empties nothing of a pair that came back after both sides had gone', async () => {
    const stack = await aKeptStack({ deletePolicy: 'propagate' });
    await stack.withoutSweeps();
    stack.deleteItem('ann');
    stack.org.remove(stack.idOf('ann'));
    await stack.passes(5);
    stack.org.undelete(stack.idOf('ann'));
    await stack.hints.send([stack.remoteHint(stack.idOf('ann'))]);
    await stack.passes(5);
    expect(stack.title('ann')).toEqual(['CTO', 'CTO']);

    await stack.undo({ from: stack.since });

    expect(await actionsOf(stack)).toEqual({
      ann: [{ kind: 'keep', code: 'UNDO_VALUES_NOT_KEPT', fields: ['lastName', 'title'] }],
    });
  });

  test.each([
    ['salesforce-wins', ['CTO', 'CTO']],
    ['local-wins', ['ours', 'ours']],
  ] as const)(
    'gives no side the value of a field that only the other one had before it was mapped (%s)',
    async (conflictPolicy, both) => {
      const stack = await aKeptStack({ fieldMap: { lastName: 'LastName', email: 'Email' } });
      stack.putItem('ann', { title: 'ours' });
      await stack.passes(5);
      stack.deploy(aConfig({ contact: { ...KEPT, conflictPolicy } }));
      await stack.passes(30);
      expect(stack.title('ann')).toEqual(both);

      await stack.undo({ from: stack.since, key: 'ann' });

      expect(await actionsOf(stack)).toEqual({
        ann: [{ kind: 'keep', code: 'UNDO_FIRST_MEETING', fields: ['title'] }],
      });
    },
  );

  test('keeps a pair that a job has written between two of its lines', async () => {
    const stack = await aKeptStack();
    stack.putItem('dan', { lastName: 'Dan' });
    await stack.passes(5);
    stack.clock.advance(60_000);
    const run = { by: 'push', runId: 'job', at: stack.clock.now() } as const;
    stack.syncStore.storedLinks.set('c1.contact#dan', { ...must(stack.link('dan'), 'a pair'), run });
    stack.clock.advance(60_000);
    stack.putItem('dan', { title: 'CEO' });
    await stack.passes(5);

    await stack.undo({ from: stack.since });

    expect(await actionsOf(stack)).toEqual({ dan: [{ kind: 'keep', code: 'UNDO_EDITED_SINCE' }] });
  });

  test('of a run takes back what that had brought before its first turn died', async () => {
    const stack = await aKeptStack();
    await stack.withoutSweeps();
    stack.org.edit(stack.idOf('ann'), { Title: 'oops' });
    await stack.hints.send([stack.sweepHint('night')]);
    const { recordRun } = stack.journal;
    stack.journal.recordRun = async () => {
      throw new Error('the worker died');
    };
    await stack.work();
    Object.assign(stack.journal, { recordRun });
    expect(stack.title('ann')).toEqual(['oops', 'oops']);
    stack.org.edit(stack.idOf('bob'), { Title: 'oops' });
    stack.clock.advance(120_000);
    await stack.passes(5);

    await stack.undo({ runId: 'night' });
    await stack.apply();

    expect([stack.title('ann'), stack.title('bob')]).toEqual([
      ['CTO', 'CTO'],
      ['CTO', 'CTO'],
    ]);
  });

  test('ends where older lines have ended before they were listed: what stays of them is the middle of its time', async () => {
    const stack = await aKeptStack({ history: { days: 1, keep: 'values' } });
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    stack.clock.advance(3_600_000);
    stack.putItem('ann', { title: 'twice' });
    await stack.passes(5);
    stack.clock.advance(22 * 3_600_000);
    await stack.askUndo({ from: stack.since });
    stack.clock.advance(3_600_000);
    const first = (await stack.history.ofRecord('c1.contact', 'ann', 9))[1];
    expect(first?.changes[0]?.after).toEqual({ value: 'oops' });
    for (const [key, { version }] of stack.history.stored)
      if (version === first?.version) stack.history.stored.delete(key);

    await stack.work();

    expect(await stack.status()).toMatchObject({ outcome: 'UNDO_TOO_OLD', totals: { keys: 0 } });
    await expect(stack.askToApply()).rejects.toMatchObject({ code: 'PLAN_NOT_READY' });
  });

  test('of an undo leaves the edit that this met while it wrote', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    const { planId } = await stack.undo({ from: stack.since });
    beforeNext(stack.org, 'update', () => stack.org.edit(stack.idOf('ann'), { Email: 'ann@example.com' }));
    await stack.apply();
    await stack.passes(5);
    expect(stack.item('ann')).toMatchObject({ title: 'CTO', email: 'ann@example.com' });

    await stack.undo({ runId: planId });
    await stack.apply();

    expect(stack.item('ann')).toMatchObject({ title: 'oops', email: 'ann@example.com' });
    expect(stack.record('ann')?.fields).toMatchObject({ Title: 'oops', Email: 'ann@example.com' });
  });

  test('of an undo whose worker died at any moment gives all back', async () => {
    for (let [death, isLast] = [1, false]; !isLast; death += 1) {
      const stack = await aKeptStack({ deletePolicy: 'propagate' });
      stack.putItem('ann', { title: 'oops' });
      stack.deleteItem('bob');
      stack.putItem('dan', { lastName: 'Dan' });
      await stack.passes(5);
      const { planId } = await stack.undo({ from: stack.since });
      await stack.askToApply();
      const worker = dying(stack, death);
      await stack.work().catch(() => undefined);
      await stack.passes(10);
      worker.revive();
      isLast = !worker.hasDied();
      expect([stack.title('ann'), stack.title('bob')].flat()).toEqual(['CTO', 'CTO', 'CTO', 'CTO']);

      await stack.undo({ runId: planId });
      await stack.apply();
      await stack.passes(5);

      expect([death, ...stack.title('ann')]).toEqual([death, 'oops', 'oops']);
      expect([death, stack.item('bob'), stack.record('bob')]).toEqual([death, undefined, undefined]);
      expect([death, stack.item('dan'), stack.record('dan')?.fields]).toMatchObject([
        death,
        { lastName: 'Dan' },
        { LastName: 'Dan' },
      ]);
    }
  });

  test.each([
    ['item', ['oops', 'theirs']],
    ['record', ['mine', 'oops']],
  ] as const)(
    'leaves two values that wait for a person, though the %s still has what is taken back',
    async (side, both) => {
      const stack = await aKeptStack({ conflictPolicy: 'manual' });
      stack.putItem('ann', { title: 'oops' });
      await stack.passes(5);
      const to = stack.clock.now();
      stack.clock.advance(60_000);
      const { salesforceId: _, ...item } = must(stack.item('ann'), 'an item');
      stack.deleteItem('ann');
      await stack.passes(5);
      if (side === 'item') stack.org.edit(stack.idOf('ann'), { Title: 'theirs' });
      await stack.passes(5);
      stack.putItem('ann', { ...item, ...(side === 'record' && { title: 'mine' }) });
      await stack.passes(5);
      expect(stack.link('ann')?.held).toMatchObject([{ field: 'title' }]);

      await stack.undo({ from: stack.since, to });
      expect(await actionsOf(stack)).toEqual({
        ann: [{ kind: 'keep', code: 'UNDO_EDITED_SINCE', fields: ['title'] }],
      });
      await stack.apply();

      expect(stack.title('ann')).toEqual(both);
      expect(stack.link('ann')?.held).toMatchObject([{ field: 'title' }]);
    },
  );

  test.each(['email', 'title'])(
    'lists a record whose changes lie behind more later ones of %s than are read',
    async (field) => {
      const stack = await aKeptStack();
      stack.putItem('ann', { title: 'oops' });
      await stack.passes(5);
      const to = stack.clock.now();
      stack.clock.advance(60_000);
      const [line] = await stack.history.ofRecord('c1.contact', 'ann', 1);
      const [change] = must(line, 'a line').changes;
      for (let n = 1; n <= 200; n += 1)
        stack.history.keep({
          ...must(line, 'a line'),
          at: stack.clock.now(),
          version: 100 + n,
          changes: [{ ...must(change, 'a change'), field }],
        });

      await stack.undo({ from: stack.since, to });

      expect(await actionsOf(stack)).toEqual({ ann: [{ kind: 'keep', code: 'UNDO_VALUES_NOT_KEPT' }] });
    },
  );

  describe('of a deletion', () => {
    const lookup = (field: string, reference: string) => ({
      fieldMap: { lastName: 'LastName', title: 'Title', parent: { field, reference } },
      deletePolicy: 'propagate' as const,
    });

    test('makes nothing whose lookup named a record that no item is linked to, and says so', async () => {
      const stack = await aKeptStack(lookup('ReportsToId', 'contact'));
      await stack.withoutSweeps();
      stack.org.edit(stack.idOf('ann'), { ReportsToId: stack.org.insert({ LastName: 'Stranger' }) });
      stack.clock.advance(60_000);
      stack.deleteItem('ann');
      await stack.passes(5);
      expect(stack.record('ann')).toBeUndefined();

      await stack.undo({ from: stack.since });
      expect(await actionsOf(stack)).toEqual({
        ann: [{ kind: 'keep', code: 'PARENT_MISSING', fields: ['parent'] }],
      });
      await stack.apply();

      expect([stack.item('ann'), stack.record('ann')]).toEqual([undefined, undefined]);
    });

    test('makes a child again before the parent that comes back with it', async () => {
      const stack = await aKeptStack(lookup('ReportsToId', 'contact'));
      stack.putItem('ann', { parent: 'bob' });
      await stack.passes(5);
      const from = stack.clock.now();
      for (const key of ['ann', 'bob']) {
        stack.clock.advance(60_000);
        stack.deleteItem(key);
        await stack.passes(5);
      }

      await stack.undo({ from });
      await stack.apply();
      await stack.passes(5);

      expect(stack.item('ann')).toMatchObject({ parent: 'bob' });
      expect(stack.record('ann')?.fields.ReportsToId).toBe(stack.record('bob')?.Id);
    });
  });
});
