import { describe, expect, test } from '@jest/globals';
import {
  type Only,
  parkHeld,
  parkUnreadable,
  type ReconcileInput,
  reconcileRecords,
} from '../../../../shared/use-cases/reconciliation/reconcile-records.ts';
import type { Waiting } from '../../../../shared/use-cases/reconciliation/records/waiting.ts';
import { aConfig, aSettledStack, loseRaces, MAPPING_ID } from './schedules/a-stack.ts';

/** Ann at rest, no sweep that would mend anything, and looks at whatever a test names. */
async function aLook(config = aConfig()) {
  const stack = await aSettledStack({ config });
  await stack.withoutSweeps();
  stack.org.calls.length = 0;
  const look = async (input: ReconcileInput, only?: Only) =>
    reconcileRecords(stack.ports, await stack.opened(), input, only);
  return { ...stack, look };
}
const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}` }));

test('a look takes 200 keys, however they are named, and no more', async () => {
  const stack = await aLook();

  expect((await stack.look({ localKeys: keys(200) })).counts).toMatchObject({ read: 200, unchanged: 200 });
  await expect(stack.look({ localKeys: keys(200), sfIds: [stack.sfId] })).rejects.toThrow();
});

test('a key that others change again and again is looked at five times, and then waits some seconds', async () => {
  const stack = await aLook();
  stack.putItem('bob', { lastName: 'Bob' });
  stack.putItem(stack.key, { title: 'CTO' });
  loseRaces(stack, Number.POSITIVE_INFINITY, ({ link }) => link.localKey === stack.key);
  const { look } = stack.syncStore;
  let looks = 0;
  stack.syncStore.look = async (mappingId, some) => {
    looks += some.includes(stack.key) ? 1 : 0;
    return look.call(stack.syncStore, mappingId, some);
  };
  const waits: Waiting[] = [];

  const { counts, held } = await stack.look(
    { localKeys: [{ key: stack.key }, { key: 'bob' }] },
    { admits: () => true, waits: (some) => waits.push(...some) },
  );

  expect(looks).toBe(5);
  expect(counts).toMatchObject({ read: 2, createdInSalesforce: 1, updatedInSalesforce: 0 });
  expect(held).toEqual([]);
  expect(stack.parked()).toMatchObject([
    {
      key: stack.key,
      waitUntil: new Date(stack.clock.nowMs() + 5_000).toISOString(),
      local: { reason: 'CONTENDED' },
    },
  ]);
  expect(waits).toMatchObject([{ kind: 'local', asked: { key: stack.key }, reason: 'CONTENDED' }]);
  expect(await stack.look({ localKeys: [{ key: stack.key }] })).toMatchObject({ held: [] });
});

test('a look that is to do only some of its work leaves the rest, and hears what of its own came to nothing', async () => {
  const stack = await aLook();
  for (const key of ['bob', 'bad'])
    stack.putItem(key, { lastName: key, ...(key === 'bad' && { title: ['x'] }) });
  stack.putItem(stack.key, { title: 'CTO' });
  const told: Waiting[] = [];

  const { counts } = await stack.look(
    { localKeys: [{ key: 'bob' }, { key: 'bad' }, { key: stack.key }] },
    { admits: ({ subject }) => subject.localKey === stack.key, waits: (some) => told.push(...some) },
  );

  expect(counts).toMatchObject({ updatedInSalesforce: 1, createdInSalesforce: 0, rejections: 1 });
  expect(stack.org.withKey('bob')).toBeUndefined();
  expect(told.map(({ asked }) => asked.key)).toEqual(['bad']);
});

test('what a trigger made of a write is brought home, though the look was to do only some of its work', async () => {
  const stack = await aLook();
  stack.org.trigger = (fields) => {
    fields.Email = 'trigger@example.com';
  };
  stack.putItem(stack.key, { title: 'CTO' });
  let isFirst = true;
  const admits = () => {
    const was = isFirst;
    isFirst = false;
    return was;
  };

  await stack.look({ localKeys: [{ key: stack.key }] }, { admits, waits: () => undefined });

  expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'trigger@example.com' });
});

describe('what is parked for a caller without a message', () => {
  const parked = async (leftMs: number) => {
    const stack = await aLook();
    await parkHeld(stack.ports, await stack.opened(), [{ key: stack.key, isRemote: true, leftMs }]);
    const [one] = stack.parked();
    expect(one).toMatchObject({ kind: 'local', key: stack.key, local: { reason: 'LEASE_HELD' } });
    expect(one?.remote).toMatchObject({ reason: 'LEASE_HELD' });
    expect(await stack.rejections()).toEqual([]);
    return Date.parse(one?.waitUntil ?? '') - stack.clock.nowMs();
  };

  test('is a key that is held, until its lease ends, and no longer than a quarter of an hour', async () => {
    expect(await parked(9_000)).toBe(9_000);
    expect(await parked(15 * 60_000)).toBe(15 * 60_000);
    expect(await parked(15 * 60_000 + 1)).toBe(15 * 60_000);
  });

  test('is a record that cannot be read, of which a person is told; one without an id cannot be', async () => {
    const stack = await aLook();
    const open = await stack.opened();

    await parkUnreadable(stack.ports, open, []);
    await parkUnreadable(stack.ports, open, [
      { sfId: stack.sfId, field: 'Title', externalId: undefined },
      { sfId: undefined, field: 'Id', externalId: 'k' },
    ]);

    expect(stack.parked()).toMatchObject([
      { kind: 'record', key: stack.sfId, waitUntil: new Date(stack.clock.nowMs() + 60_000).toISOString() },
    ]);
    expect(stack.parked()[0]).not.toHaveProperty('local');
    expect(await stack.journal.rejections(MAPPING_ID, 9)).toMatchObject([
      { key: stack.sfId, code: 'UNREADABLE_VALUE', fields: ['Title'] },
    ]);
  });
});
