import { describe, expect, test } from '@jest/globals';
import { BULK_LINK_LEASE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { why } from '../../../../../shared/use-cases/operations/why.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import { aConfig } from '../schedules/a-stack.ts';
import { actionsOf, aKeptStack, dying, KEPT } from './a-kept-stack.ts';
import { everythingOf } from './a-planned-stack.ts';

describe('an undo', () => {
  test('says what would be taken back, and writes nothing anywhere', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    stack.org.edit(stack.idOf('bob'), { Title: 'oops' });
    await stack.passes(10);
    const before = everythingOf(stack.stack);

    const plan = await stack.undo({ from: stack.since });

    expect(everythingOf(stack.stack)).toEqual(before);
    expect(plan).toMatchObject({
      outcome: 'planned',
      undo: { from: stack.since },
      totals: { keys: 2, kinds: { 'change-item': 2, 'change-record': 2 } },
    });
    expect(await actionsOf(stack)).toEqual({
      ann: [
        { kind: 'change-item', fields: ['title'] },
        { kind: 'change-record', fields: ['title'] },
      ],
      bob: [
        { kind: 'change-item', fields: ['title'] },
        { kind: 'change-record', fields: ['title'] },
      ],
    });
  });

  test('finds what was changed a moment before it was asked for, of which the list of lines comes to know later', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(1);
    const between = stack.history.between.bind(stack.history);
    const listedAt = stack.clock.nowMs() + 1_000;
    stack.history.between = async (...asked) =>
      stack.clock.nowMs() < listedAt ? { lines: [] } : between(...asked);

    expect(await stack.undo({ from: stack.since })).toMatchObject({ totals: { keys: 1 } });
  });

  test('sets both sides back, keeps what people have edited since, and nothing echoes', async () => {
    const stack = await aKeptStack();
    for (const key of ['ann', 'bob', 'carla']) stack.putItem(key, { title: 'oops', email: 'no@example.com' });
    await stack.passes(5);
    const to = stack.clock.now();
    stack.clock.advance(60_000);
    stack.org.edit(stack.idOf('bob'), { Title: 'CEO' });
    stack.putItem('carla', { email: 'carla@example.com' });
    await stack.passes(5);

    await stack.undo({ from: stack.since, to });
    expect((await actionsOf(stack)).bob).toEqual([
      { kind: 'change-item', fields: ['email'] },
      { kind: 'change-record', fields: ['email'] },
      { kind: 'keep', code: 'UNDO_EDITED_SINCE', fields: ['title'] },
    ]);
    expect((await stack.apply()).applying).toMatchObject({ done: 3, leftovers: {} });

    expect(['ann', 'bob', 'carla'].map(stack.title)).toEqual([
      ['CTO', 'CTO'],
      ['CEO', 'CEO'],
      ['CTO', 'CTO'],
    ]);
    expect(stack.item('ann')).not.toHaveProperty('email');
    expect(stack.record('ann')?.fields.Email).toBeNull();
    expect(stack.item('carla')?.email).toBe('carla@example.com');
    expect(stack.record('carla')?.fields.Email).toBe('carla@example.com');
    const writes = stack.org.writes;
    await stack.passes(30);
    expect(stack.org.writes).toBe(writes);
    expect(['ann', 'bob', 'carla'].flatMap(stack.title)).toEqual(['CTO', 'CTO', 'CEO', 'CEO', 'CTO', 'CTO']);
    expect(stack.conflicts()).toEqual([]);
  });

  test('is undone in turn, and then all is as before it', async () => {
    const stack = await aKeptStack({ deletePolicy: 'propagate' });
    stack.putItem('ann', { title: 'oops' });
    stack.putItem('new', { lastName: 'New', title: 'CEO' });
    stack.deleteItem('bob');
    await stack.passes(5);
    // What comes back is another record.
    const sides = () =>
      ['ann', 'bob', 'carla', 'new'].map((key) => {
        const { salesforceId: _, ...item } = stack.item(key) ?? {};
        return [item, stack.record(key)?.fields];
      });
    const before = sides();

    const { planId } = await stack.undo({ from: stack.since });
    await stack.apply();
    expect(stack.title('ann')).toEqual(['CTO', 'CTO']);
    await stack.passes(5);
    await stack.undo({ runId: planId });
    expect((await stack.apply()).applying).toMatchObject({ leftovers: {} });
    await stack.passes(5);

    expect(sides()).toEqual(before);
  });

  test('that is asked for again lists what it had left, and nothing that is back already', async () => {
    const stack = await aKeptStack({ deletePolicy: 'propagate' });
    for (const key of ['ann', 'carla']) stack.putItem(key, { title: 'oops' });
    stack.putItem('new', { lastName: 'New' });
    stack.deleteItem('bob');
    await stack.passes(5);
    const asked = { from: stack.since, to: stack.clock.now() };
    stack.clock.advance(60_000);
    await stack.undo(asked);
    stack.putItem('carla', { email: 'carla@example.com' });
    await stack.withoutSweeps();
    expect((await stack.apply()).applying).toMatchObject({ done: 3, leftovers: { changed: 1 } });
    await stack.passes(10);

    expect((await stack.undo(asked)).totals.keys).toBe(1);
    expect(await actionsOf(stack)).toEqual({
      carla: [
        { kind: 'change-item', fields: ['title'] },
        { kind: 'change-record', fields: ['title'] },
      ],
    });
  });

  test('deletes what came with it on both sides, unless somebody has edited it since', async () => {
    const stack = await aKeptStack();
    stack.putItem('dan', { lastName: 'Dan' });
    stack.org.insert({ LastName: 'Eve', External_Id__c: 'eve' });
    stack.org.insert({ LastName: 'Fay', External_Id__c: 'fay' });
    await stack.passes(5);
    const to = stack.clock.now();
    stack.clock.advance(60_000);
    stack.putItem('fay', { title: 'CEO' });
    await stack.passes(5);
    const eve = must(stack.link('eve')?.sfId, 'a pair');

    await stack.undo({ from: stack.since, to });
    const gone = [{ kind: 'delete-item' }, { kind: 'delete-record' }];
    expect(await actionsOf(stack)).toEqual({
      dan: gone,
      eve: gone,
      fay: [{ kind: 'keep', code: 'UNDO_EDITED_SINCE', fields: expect.any(Array) }],
    });
    await stack.apply();

    expect([stack.item('dan'), stack.item('eve')]).toEqual([undefined, undefined]);
    expect(stack.org.records.get(eve)).toMatchObject({ IsDeleted: true });
    expect(stack.record('dan')).toBeUndefined();
    expect(stack.title('fay')).toEqual(['CEO', 'CEO']);
    await stack.passes(30);
    expect([stack.item('dan'), stack.item('eve'), stack.record('dan')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('brings back on both sides what was deleted, with all that it had', async () => {
    const stack = await aKeptStack({ deletePolicy: 'propagate' });
    stack.deleteItem('ann');
    stack.org.remove(stack.idOf('bob'));
    await stack.passes(5);
    expect([stack.record('ann'), stack.item('bob')]).toEqual([undefined, undefined]);

    await stack.undo({ from: stack.since });
    expect((await actionsOf(stack)).ann).toEqual([
      { kind: 'create-item', fields: ['lastName', 'title'] },
      { kind: 'create-record', fields: ['lastName', 'title'] },
    ]);
    expect((await stack.apply()).applying).toMatchObject({ done: 2, leftovers: {} });
    await stack.passes(5);

    expect([stack.title('ann'), stack.title('bob')]).toEqual([
      ['CTO', 'CTO'],
      ['CTO', 'CTO'],
    ]);
    expect(stack.record('ann')?.Id).not.toBe(stack.idOf('ann'));
  });

  test('leaves a key whose side was edited after the plan, and lists it', async () => {
    const stack = await aKeptStack();
    for (const key of ['ann', 'bob', 'carla']) stack.putItem(key, { title: 'oops' });
    await stack.passes(5);
    await stack.undo({ from: stack.since });
    await stack.withoutSweeps();
    // Told of, and not looked at.
    stack.putItem('bob', { title: 'CEO' });
    stack.org.edit(stack.idOf('carla'), { Email: 'carla@example.com' });

    const { applying } = await stack.apply();

    expect(applying).toMatchObject({ done: 1, leftovers: { changed: 2 } });
    expect([stack.title('ann'), stack.item('bob')?.title, stack.record('carla')?.fields.Title]).toEqual([
      ['CTO', 'CTO'],
      'CEO',
      'oops',
    ]);
  });

  test('says that nothing can be done of a pair that is not in step', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    await stack.withoutSweeps();
    stack.putItem('ann', { email: 'ann@example.com' });

    await stack.undo({ from: stack.since });

    expect(await actionsOf(stack)).toEqual({
      ann: [{ kind: 'keep', code: 'UNDO_OUT_OF_STEP', fields: ['title'] }],
    });
    expect((await stack.apply()).applying).toMatchObject({ done: 1, leftovers: {} });
    expect(stack.record('ann')?.fields).toMatchObject({ Title: 'oops', Email: null });
    await stack.passes(5);
    expect(stack.record('ann')?.fields.Email).toBe('ann@example.com');
  });

  test('of a mapping that keeps digests says of which fields it cannot', async () => {
    const stack = await aKeptStack({ history: { days: 30, keep: 'digests' } });
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    const plan = await stack.undo({ from: stack.since });
    expect(plan.totals).toEqual({ keys: 1, kinds: { keep: 1 } });
    expect(await actionsOf(stack)).toEqual({
      ann: [{ kind: 'keep', code: 'UNDO_VALUES_NOT_KEPT', fields: ['title'] }],
    });
  });

  test('of a run takes back what that has brought, and nothing else of its time', async () => {
    const stack = await aKeptStack();
    stack.org.asOf(stack.org.nowMs(), () => stack.org.edit(stack.idOf('ann'), { Title: 'oops' }));
    stack.putItem('bob', { title: 'CFO' });
    await stack.passes(10);
    const cause = (await stack.history.ofRecord('c1.contact', 'ann', 1))[0]?.causes[0];
    expect(cause).toMatchObject({ by: 'sweep' });

    await stack.undo({ runId: must(cause?.runId, 'a run') });
    await stack.apply();

    expect([stack.title('ann'), stack.title('bob')]).toEqual([
      ['CTO', 'CTO'],
      ['CFO', 'CFO'],
    ]);
  });

  test('of one record, by either of its names, leaves the others', async () => {
    for (const named of ['key', 'sfId', 'sfId of 15'] as const) {
      const stack = await aKeptStack();
      for (const key of ['ann', 'bob']) stack.putItem(key, { title: 'oops' });
      await stack.passes(5);
      await stack.undo({
        from: stack.since,
        ...(named === 'key'
          ? { key: 'ann' }
          : { sfId: stack.idOf('ann').slice(0, named === 'sfId' ? 18 : 15) }),
      });
      await stack.apply();
      expect([stack.title('ann'), stack.title('bob')]).toEqual([
        ['CTO', 'CTO'],
        ['oops', 'oops'],
      ]);
    }
  });

  test('that would delete or empty many is applied only by whoever says so', async () => {
    const stack = await aKeptStack();
    const keys = Array.from({ length: 21 }, (_, n) => `new-${n}`);
    for (const key of keys) stack.putItem(key, { lastName: key });
    await stack.passes(5);
    await stack.undo({ from: stack.since });
    await expect(stack.apply()).rejects.toMatchObject({
      code: 'UNDO_MASS',
      message: expect.stringContaining('delete 21 pairs'),
    });
    await stack.apply(true);
    expect(keys.map((key) => stack.item(key))).toEqual(keys.map(() => undefined));
    expect([stack.title('ann')]).toEqual([['CTO', 'CTO']]);
  });

  test('that would delete many together with those of the same day is applied only by whoever says so', async () => {
    const stack = await aKeptStack();
    const undoOf = async (keys: readonly string[]) => {
      stack.clock.advance(60_000);
      const from = stack.clock.now();
      for (const key of keys) stack.putItem(key, { lastName: key });
      await stack.passes(5);
      await stack.undo({ from });
    };
    const twelve = (name: string) => Array.from({ length: 12 }, (_, n) => `${name}-${n}`);
    await undoOf(twelve('first'));
    expect((await stack.apply()).applying).toMatchObject({ done: 12 });
    await undoOf(twelve('second'));
    await expect(stack.apply()).rejects.toMatchObject({
      code: 'UNDO_MASS',
      message: expect.stringContaining('delete 12 pairs after 12 of today'),
    });

    stack.clock.advance(26 * 60 * 60_000);
    expect((await stack.apply()).applying).toMatchObject({ done: 12 });
  });

  test('that would empty an attribute of many says which', async () => {
    const stack = await aKeptStack();
    const keys = Array.from({ length: 21 }, (_, n) => `new-${n}`);
    for (const key of keys) stack.putItem(key, { lastName: key });
    await stack.passes(5);
    const from = stack.clock.now();
    stack.clock.advance(60_000);
    for (const key of keys) stack.putItem(key, { title: 'oops' });
    await stack.passes(5);
    expect((await stack.undo({ from })).undo?.clears).toEqual({ title: 21 });
    await expect(stack.apply()).rejects.toMatchObject({
      code: 'UNDO_MASS',
      message: expect.stringContaining('empty title in 21 records'),
    });
    expect((await stack.apply(true)).applying).toMatchObject({ done: 21, leftovers: {} });
    expect(keys.map(stack.title)).toEqual(keys.map(() => [undefined, null]));
  });

  test.each(['propagate', 'ignore'] as const)(
    'whose worker dies at any moment is carried on, and does nothing twice (%s)',
    async (deletePolicy) => {
      for (let [death, isLast] = [1, false]; !isLast; death += 1) {
        const stack = await aKeptStack({ deletePolicy });
        stack.putItem('ann', { title: 'oops' });
        if (deletePolicy === 'propagate') stack.deleteItem('bob');
        stack.putItem('dan', { lastName: 'Dan' });
        await stack.passes(5);
        await stack.undo({ from: stack.since });
        await stack.askToApply();
        const worker = dying(stack, death);
        await stack.work().catch(() => undefined);
        await stack.passes(30);
        isLast = !worker.hasDied();

        expect((await stack.status()).outcome).toBe('applied');
        expect((await stack.status()).applying).toMatchObject({ leftovers: {} });
        expect([stack.title('ann'), stack.title('bob')]).toEqual([
          ['CTO', 'CTO'],
          ['CTO', 'CTO'],
        ]);
        expect([stack.item('dan'), stack.record('dan')]).toEqual([undefined, undefined]);
        const living = [...stack.org.records.values()].filter(({ IsDeleted }) => !IsDeleted);
        expect(living).toHaveLength(3);
        expect(stack.parked()).toEqual([]);
      }
    },
  );

  test('whose worker dies, and whose keys another look carries on, has left none of them', async () => {
    for (let [death, isLast] = [1, false]; !isLast; death += 1) {
      const stack = await aKeptStack();
      stack.putItem('ann', { title: 'oops', email: 'no@example.com' });
      stack.putItem('dan', { lastName: 'Dan' });
      await stack.passes(5);
      const to = stack.clock.now();
      stack.clock.advance(60_000);
      stack.putItem('ann', { email: 'ann@example.com' });
      await stack.passes(5);
      await stack.undo({ from: stack.since, to });
      await stack.withoutSweeps();
      await stack.askToApply();
      const worker = dying(stack, death);
      await stack.work().catch(() => undefined);
      // Nobody else is at it before the lease ends, and then another look comes first.
      stack.clock.advance(75_000);
      await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.contact', keys: [{ key: 'ann' }] }]);
      await stack.passes(30);
      isLast = !worker.hasDied();

      expect((await stack.status()).applying).toMatchObject({ done: 2, leftovers: {} });
      expect(stack.title('ann')).toEqual(['CTO', 'CTO']);
      expect([stack.item('dan'), stack.record('dan')]).toEqual([undefined, undefined]);
    }
  });

  test('waits for a key that a step of a bulk job holds, and has died with', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    await stack.undo({ from: stack.since });
    const lease = { owner: 'a step', until: stack.clock.nowMs() + BULK_LINK_LEASE_MS };
    stack.syncStore.storedLinks.set('c1.contact#ann', { ...must(stack.link('ann'), 'a pair'), lease });
    await stack.askToApply();
    await stack.work().catch(() => undefined);
    expect(await stack.status()).toMatchObject({ phase: 'applying' });

    await stack.passes(10);

    expect((await stack.status()).applying).toMatchObject({ done: 1, leftovers: {} });
    expect(stack.title('ann')).toEqual(['CTO', 'CTO']);
  });

  test('keeps a pair that a job has written since, which no line tells', async () => {
    const stack = await aKeptStack();
    stack.putItem('dan', { lastName: 'Dan' });
    await stack.passes(5);
    stack.clock.advance(60_000);
    const run = { by: 'push', runId: 'job', at: stack.clock.now() } as const;
    stack.syncStore.storedLinks.set('c1.contact#dan', { ...must(stack.link('dan'), 'a pair'), run });

    await stack.undo({ from: stack.since });

    expect(await actionsOf(stack)).toEqual({ dan: [{ kind: 'keep', code: 'UNDO_EDITED_SINCE' }] });
  });

  test('keeps a pair whose record Salesforce does not delete', async () => {
    const stack = await aKeptStack();
    stack.putItem('dan', { lastName: 'Dan' });
    await stack.passes(5);
    await stack.undo({ from: stack.since });
    stack.org.refuseDelete = () => ({ code: 'INSUFFICIENT_ACCESS_OR_READONLY', message: 'no', fields: [] });

    expect((await stack.apply()).applying).toMatchObject({ leftovers: { otherwise: 1 } });

    expect(stack.item('dan')).toMatchObject({ lastName: 'Dan' });
    expect(stack.link('dan')).toMatchObject({ state: 'linked' });
  });

  test('is told by the history, and why', async () => {
    const stack = await aKeptStack();
    stack.putItem('ann', { title: 'oops' });
    await stack.passes(5);
    const { planId } = await stack.undo({ from: stack.since });
    await stack.apply();
    const [newest] = (
      await why(
        { ...stack.ports, syncStore: stack.syncStore },
        { mappingId: 'c1.contact', key: 'ann', limit: 5 },
      )
    ).answers;
    expect(newest?.causes).toEqual([{ by: 'undo', runId: planId }]);
    expect(newest?.text).toContain('title is "CTO" (before: "oops")');
    expect(newest?.text).toContain('an earlier change was taken back');
    expect(await stack.journal.run('c1.contact', planId)).toMatchObject({ cause: 'undo' });
    // Whoever undoes it later needs no other name, though another plan has taken its place.
    await stack.plan();
    expect((await stack.undo({ runId: planId })).totals.keys).toBe(1);
  });

  test('is refused where nobody knows what there was', async () => {
    const stack = await aKeptStack();
    const refused = (asked: Parameters<typeof stack.undo>[0], code: string) =>
      expect(stack.undo(asked)).rejects.toMatchObject({ code });
    await refused({ runId: 'nobody' }, 'UNKNOWN_RUN');
    await refused({ from: '2025-11-01T00:00:00Z' }, 'UNDO_TOO_OLD');
    await refused({ from: stack.since, to: '2025-12-31T00:00:00Z' }, 'INVALID_INPUT');
    await expect(stack.undo({ from: '2099-01-01T00:00:00Z' })).rejects.toThrow('"from" lies in the future');
    await refused({ from: stack.since, sfId: '003000000000999AAA' }, 'INVALID_INPUT');
    const run = { mappingId: 'c1.contact', runId: 'load-1', counts: NO_COUNTS, startedAt: stack.since };
    await stack.journal.recordRun({ ...run, cause: 'bulk-load' });
    await refused({ runId: 'load-1' }, 'UNDO_BULK_JOB');
    await refused({ runId: 'load-1', from: stack.since }, 'UNDO_BULK_JOB');
    stack.deploy(aConfig({ contact: { ...KEPT, requirePlan: true, conflictPolicy: 'local-wins' } }));
    await stack.passes(5);
    stack.deploy(aConfig({ contact: { ...KEPT, requirePlan: true, conflictPolicy: 'salesforce-wins' } }));
    await stack.passes(5);
    await refused({ from: stack.since }, 'PLAN_REQUIRED');
  });
});
