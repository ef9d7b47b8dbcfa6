import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import { aConfig, aStack, type StackOptions } from '../schedules/a-stack.ts';
import { everythingOf, planning } from './a-planned-stack.ts';

const KEPT = { history: { days: 30, keep: 'values' } } as const;
type Template = Parameters<typeof aConfig>[0];

/** Ann, Bob and Carla in step, their history kept with values; from `since` on something is done to them. */
async function aKeptStack(contact: NonNullable<Template>[string] = {}, options: StackOptions = {}) {
  const stack = aStack({ config: aConfig({ contact: { ...KEPT, ...contact } }), ...options });
  const ids = Object.fromEntries(
    ['ann', 'bob', 'carla'].map((key) => [
      key,
      stack.org.insert({ LastName: key, Title: 'CTO', External_Id__c: key }),
    ]),
  );
  await stack.passes(30);
  const since = stack.clock.now();
  stack.clock.advance(60_000);
  const record = (key: string) => {
    const links = [stack.link(key)?.sfId, ids[key]].filter((id) => id !== undefined);
    return links.map((id) => stack.org.records.get(id)).find((one) => one?.IsDeleted === false);
  };
  const title = (key: string) => [stack.item(key)?.title, record(key)?.fields.Title];
  return { ...stack, ...planning(stack), stack, idOf: (key: string) => must(ids[key], 'a record'), since, record, title };
}

const actionsOf = async ({ entries }: Pick<ReturnType<typeof planning>, 'entries'>) =>
  Object.fromEntries((await entries()).map(({ key, actions }) => [key, actions]));

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
    expect(['ann', 'bob', 'carla'].map(stack.title).flat()).toEqual(['CTO', 'CTO', 'CEO', 'CEO', 'CTO', 'CTO']);
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
    expect([stack.item('dan'), stack.item('eve'), stack.record('dan')]).toEqual([undefined, undefined, undefined]);
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
});
