import { describe, expect, test } from '@jest/globals';
import { REASONS } from '../../../../../shared/sync/reconcile/plan.ts';
import {
  listOpenConflicts,
  resolveConflict,
  resolveConflicts,
} from '../../../../../shared/use-cases/operations/open-conflicts.ts';
import type { OpenConflict } from '../../../../../shared/use-cases/ports/open-conflicts.ts';
import { PERSON_ID } from '../../../../in-memory/salesforce-org/in-memory-org.ts';
import { aConfig, afterNext, aSettledStack, beforeNext, MAPPING_ID, type Stack } from './a-stack.ts';

const MANUAL = aConfig({
  contact: {
    fieldMap: {
      firstName: 'FirstName',
      lastName: 'LastName',
      email: 'Email',
      title: { field: 'Title', conflictPolicy: 'manual' },
    },
  },
});

type Settled = Stack & { readonly sfId: string; readonly key: string };

const listed = async (stack: Stack): Promise<readonly OpenConflict[]> =>
  (await listOpenConflicts(stack.ports, { mappingId: MAPPING_ID, limit: 50 })).conflicts;

const theOne = async (stack: Stack): Promise<OpenConflict> => {
  const [conflict, ...others] = await listed(stack);
  if (!conflict || others.length > 0) throw new Error('one open conflict was expected');
  return conflict;
};

/** Both sides edit Ann's title, and a person is to decide. */
async function aHeldStack(): Promise<Settled> {
  const stack = await aSettledStack({ config: MANUAL });
  await stack.withoutSweeps();
  stack.org.edit(stack.sfId, { Title: 'theirs' });
  stack.putItem(stack.key, { title: 'ours' });
  await stack.passes(1);
  return stack;
}

const resolveOne = async (
  stack: Settled,
  choice: { take: 'salesforce' | 'local' | 'value'; value?: string | null },
  version?: number,
) =>
  resolveConflict(stack.ports, {
    mappingId: MAPPING_ID,
    key: stack.key,
    field: 'title',
    version: version ?? (await theOne(stack)).version,
    ...choice,
  });

const titles = (stack: Settled) => [
  stack.item(stack.key)?.title ?? null,
  stack.org.records.get(stack.sfId)?.fields.Title,
];

describe('a field that both sides edited, and that is left to a person', () => {
  test('stays as it is on both sides, and is listed with who changed what and when', async () => {
    const stack = await aHeldStack();

    expect(titles(stack)).toEqual(['ours', 'theirs']);
    expect(await theOne(stack)).toEqual({
      mappingId: MAPPING_ID,
      localKey: stack.key,
      sfId: stack.sfId,
      field: 'title',
      base: 'CEO',
      local: 'ours',
      remote: 'theirs',
      since: expect.any(String),
      version: stack.link(stack.key)?.held?.[0]?.version,
      localChangedAt: expect.any(String),
      remoteChangedAt: stack.org.records.get(stack.sfId)?.LastModifiedDate,
      remoteChangedBy: PERSON_ID,
    });
    // It is not decided, so it is no entry of the journal; and nothing waits for another look.
    expect(stack.conflicts()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is told of once, without a value', async () => {
    const stack = await aHeldStack();
    await stack.passes(10);

    const held = stack.events.published.filter(({ type }) => type === 'Conflicts Held');
    expect(held).toEqual([
      {
        type: 'Conflicts Held',
        detail: {
          connectionId: 'c1',
          orgId: 'acme',
          mappingId: MAPPING_ID,
          conflicts: [{ localKey: stack.key, sfId: stack.sfId, fields: ['title'] }],
        },
      },
    ]);
  });

  test('holds up no other field, whose echoes cost no call', async () => {
    const stack = await aHeldStack();

    stack.org.edit(stack.sfId, { Email: 'new@example.com' });
    stack.putItem(stack.key, { firstName: 'Anna' });
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.passes(1);
    const { length: calls } = stack.org.calls;
    await stack.passes(5);

    expect(stack.item(stack.key)).toMatchObject({ email: 'new@example.com', firstName: 'Anna' });
    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({ FirstName: 'Anna' });
    expect(stack.org.calls).toHaveLength(calls);
    expect(titles(stack)).toEqual(['ours', 'theirs']);
  });

  test('is not written again by sweeps, hints or a push of what differs', async () => {
    const stack = await aHeldStack();
    const link = stack.link(stack.key);
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.hints.send([
      stack.remoteHint(stack.sfId),
      { kind: 'local-keys', mappingId: MAPPING_ID, keys: [{ key: stack.key }] },
    ]);
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: MAPPING_ID });
    await stack.passes(30);

    expect(stack.link(stack.key)).toEqual(link);
    expect(stack.org.writes).toBe(0);
  });

  test('is listed with a new version after another edit, without another event', async () => {
    const stack = await aHeldStack();
    const before = await theOne(stack);

    stack.putItem(stack.key, { title: 'ours, later' });
    await stack.passes(1);

    const after = await theOne(stack);
    expect(after).toMatchObject({ local: 'ours, later', remote: 'theirs', since: before.since });
    expect(after.version).toBeGreaterThan(before.version);
    expect(stack.events.published).toHaveLength(1);
  });

  test.each([
    ['both have the same', { local: 'same', remote: 'same' }, ['same', 'same']],
    ['the item goes back to what it was', { local: 'CEO' }, ['theirs', 'theirs']],
    ['the record goes back to what it was', { remote: 'CEO' }, ['ours', 'ours']],
  ] as const)(
    'is closed by itself where %s',
    async (_, edits: { local?: string; remote?: string }, expected) => {
      const stack = await aHeldStack();

      if (edits.remote !== undefined) stack.org.edit(stack.sfId, { Title: edits.remote });
      if (edits.local !== undefined) stack.putItem(stack.key, { title: edits.local });
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.passes(2);

      expect(titles(stack)).toEqual(expected);
      expect(await listed(stack)).toEqual([]);
    },
  );

  test('is closed with its pair, and the edit that goes nowhere is told', async () => {
    const stack = await aHeldStack();

    stack.org.remove(stack.sfId);
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.passes(1);

    expect(await listed(stack)).toEqual([]);
    expect(await stack.rejections()).toMatchObject([{ code: 'RECORD_DELETED' }]);
  });

  test('is decided by the policy at the next look, once that is another one', async () => {
    const stack = await aHeldStack();

    stack.deploy(aConfig({ contact: { conflictPolicy: 'local-wins' } }));
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.passes(1);

    expect(titles(stack)).toEqual(['ours', 'ours']);
    expect(await listed(stack)).toEqual([]);
    expect(stack.conflicts()).toMatchObject([{ winner: 'local', reason: REASONS.localWins }]);
  });

  test('goes with its mapping, and is told of anew when that is back', async () => {
    const stack = await aHeldStack();

    stack.deploy({ ...MANUAL, mappings: {} });
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(2);
    expect(await listed(stack)).toEqual([]);
    expect(stack.link(stack.key)).not.toHaveProperty('held');

    stack.deploy(MANUAL);
    await stack.passes(10);
    expect(await theOne(stack)).toMatchObject({ local: 'ours', remote: 'theirs' });
    expect(stack.events.published).toHaveLength(2);
  });

  test('meets a person at a first meeting by a load, and by a push', async () => {
    for (const route of ['load', 'push'] as const) {
      const stack = await aSettledStack({
        config: aConfig({ contact: { conflictPolicy: 'manual', bulkThreshold: 1 } }),
      });
      await stack.withoutSweeps();
      stack.putItem('zoe', { lastName: 'Zoe', title: 'ours' });
      stack.stream.length = 0;
      stack.org.insert({ LastName: 'Zoe', Title: 'theirs', External_Id__c: 'zoe' });
      if (route === 'push') await stack.executions.startPush({ bulkJobId: 'p', mappingId: MAPPING_ID });
      else {
        await stack.mappingStates.forgetPasses(MAPPING_ID);
        await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
      }
      await stack.passes(5);

      expect(await listed(stack)).toMatchObject([
        { localKey: 'zoe', field: 'title', base: undefined, local: 'ours', remote: 'theirs' },
      ]);
    }
  });
});

describe("a person's decision", () => {
  test.each([
    ['for Salesforce', { take: 'salesforce' }, 'theirs', 'salesforce', REASONS.personsSide],
    ['for the item', { take: 'local' }, 'ours', 'local', REASONS.personsSide],
    ['for another value', { take: 'value', value: 'a third' }, 'a third', 'nobody', REASONS.personsValue],
    ['for no value', { take: 'value', value: null }, null, 'nobody', REASONS.personsValue],
  ] as const)('%s arrives on both sides, once', async (_, choice, value, winner, reason) => {
    const stack = await aHeldStack();

    await resolveOne(stack, choice);
    await stack.passes(5);

    expect(titles(stack)).toEqual([value, value]);
    expect(await listed(stack)).toEqual([]);
    expect(stack.conflicts()).toMatchObject([{ local: 'ours', remote: 'theirs', winner, reason }]);
    expect(stack.parked()).toEqual([]);
    expect(stack.link(stack.key)).not.toHaveProperty('held');
    const { writes } = stack.org;
    await stack.passes(60);
    expect(stack.org.writes).toBe(writes);
  });

  test('is carried out although its hint got lost', async () => {
    const stack = await aHeldStack();

    await resolveOne(stack, { take: 'local' });
    stack.hints.take();
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'ours']);
  });

  test('is stored although the queue does not take the hint', async () => {
    const stack = await aHeldStack();
    const { send } = stack.ports.hints;
    stack.ports.hints.send = async () => {
      throw new (await import('../../../../../shared/aws/errors.ts')).StoreUnavailable('sending hints');
    };

    await resolveOne(stack, { take: 'local' });
    stack.ports.hints.send = send.bind(stack.ports.hints);
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'ours']);
  });

  test('is refused to whoever saw values of before', async () => {
    const stack = await aHeldStack();
    const { version } = await theOne(stack);
    stack.putItem(stack.key, { title: 'ours, later' });
    await stack.passes(1);

    await expect(resolveOne(stack, { take: 'local' }, version)).rejects.toMatchObject({
      code: 'CONFLICT_CHANGED',
    });
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours, later', 'theirs']);
  });

  test('is dropped where a side changes before it is carried out, and the list says so', async () => {
    const stack = await aHeldStack();
    stack.org.edit(stack.sfId, { Title: 'theirs, later' });

    await resolveOne(stack, { take: 'local' });
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'theirs, later']);
    expect(await theOne(stack)).toMatchObject({
      remote: 'theirs, later',
      dropped: { take: 'local', at: expect.any(String) },
    });
  });

  test('gives way to an edit between its look and its write, which is held against it', async () => {
    const stack = await aHeldStack();
    beforeNext(stack.org, 'update', () => {
      stack.clock.advance(2_000);
      stack.org.edit(stack.sfId, { Title: 'in between' });
    });

    await resolveOne(stack, { take: 'local' });
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'in between']);
    expect(await theOne(stack)).toMatchObject({ base: 'theirs', local: 'ours', remote: 'in between' });
  });

  test('is carried out all the same where that edit was of another field', async () => {
    const stack = await aHeldStack();
    beforeNext(stack.org, 'update', () => {
      stack.clock.advance(2_000);
      stack.org.edit(stack.sfId, { Email: 'in@between' });
    });

    await resolveOne(stack, { take: 'local' });
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'ours']);
    expect(stack.item(stack.key)).toMatchObject({ email: 'in@between' });
  });

  test('is found done where its answer got lost', async () => {
    const stack = await aHeldStack();
    stack.org.failNext('update', 'lost-answer');

    await resolveOne(stack, { take: 'value', value: 'a third' });
    await stack.passes(5);

    expect(titles(stack)).toEqual(['a third', 'a third']);
    expect(stack.org.calls.filter((name) => name === 'update')).toHaveLength(1);
  });

  test('made while another field is being written is kept', async () => {
    const stack = await aHeldStack();
    const { version } = await theOne(stack);
    stack.putItem(stack.key, { firstName: 'Anna' });
    afterNext(stack.org, 'update', () => resolveOne(stack, { take: 'local' }, version));
    await stack.passes(5);

    expect(titles(stack)).toEqual(['ours', 'ours']);
    expect(stack.org.records.get(stack.sfId)?.fields.FirstName).toBe('Anna');
  });

  test('asked twice is refused the second time', async () => {
    const stack = await aHeldStack();
    const { version } = await theOne(stack);
    await resolveOne(stack, { take: 'local' });
    await stack.passes(5);

    await expect(resolveOne(stack, { take: 'salesforce' }, version)).rejects.toMatchObject({
      code: 'CONFLICT_CLOSED',
    });
  });

  test('about an entry that no link knows of takes it off the list', async () => {
    const stack = await aHeldStack();
    const { version } = await theOne(stack);
    const link = stack.link(stack.key);
    if (link) {
      const { held: _, ...rest } = link;
      stack.syncStore.storedLinks.set(`${MAPPING_ID}#${stack.key}`, rest);
    }

    await expect(resolveOne(stack, { take: 'local' }, version)).rejects.toMatchObject({
      code: 'CONFLICT_CLOSED',
    });
    expect(await listed(stack)).toEqual([]);
  });

  test.each([
    [{ take: 'local', value: 'x' }, 'INVALID_INPUT'],
    [{ take: 'value' }, 'INVALID_INPUT'],
    [{ take: 'value', value: 5 }, 'INVALID_INPUT'],
  ] as const)('of %j is refused', async (choice, code) => {
    const stack = await aHeldStack();

    await expect(resolveOne(stack, choice as never)).rejects.toMatchObject({ code });
  });

  test('about a number is as exact as it is written', async () => {
    const config = aConfig({
      contact: { fieldMap: { lastName: 'LastName', title: { field: 'Score__c', conflictPolicy: 'manual' } } },
    });
    const stack = await aSettledStack({ config });
    stack.org.edit(stack.sfId, { Score__c: 1 });
    stack.putItem(stack.key, { title: 2 });
    await stack.passes(10);

    await expect(
      resolveOne(stack, { take: 'value', value: Number('12345678901234567') as never }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT', message: expect.stringContaining('as text') });
    expect(await resolveOne(stack, { take: 'value', value: '12345678901234567' })).toMatchObject({
      status: 'decided',
    });
  });

  test('about a field with another policy is refused', async () => {
    const stack = await aHeldStack();
    stack.deploy(aConfig());

    await expect(resolveOne(stack, { take: 'local' })).rejects.toMatchObject({ code: 'NOT_LEFT_TO_PERSON' });
  });

  test('about many is by a filter', async () => {
    const stack = await aSettledStack({ config: MANUAL });
    await stack.withoutSweeps();
    const others = Array.from({ length: 4 }, (_, n) =>
      stack.org.insert({ LastName: `L${n}`, Title: 'CEO', External_Id__c: `k${n}` }),
    );
    await stack.hints.send([stack.remoteHint(...others)]);
    await stack.passes(1);
    for (const [n, sfId] of others.entries()) {
      stack.org.edit(sfId, { Title: `theirs ${n}` });
      stack.putItem(`k${n}`, { title: `ours ${n}` });
      await stack.passes(1);
    }
    const conflicts = await listed(stack);
    const olderThan = conflicts[2]?.since;

    const asked = { mappingId: MAPPING_ID, field: 'title', olderThan, take: 'local' } as const;
    expect(await resolveConflicts(stack.ports, asked)).toEqual({ decided: 2, passedOver: 0 });
    expect(await resolveConflicts(stack.ports, { ...asked, field: 'email' })).toEqual({
      decided: 0,
      passedOver: 0,
    });
    await stack.passes(3);

    expect((await listed(stack)).map(({ localKey }) => localKey)).toEqual(['k2', 'k3']);
    expect(stack.org.withKey('k1')?.fields.Title).toBe('ours 1');
  });

  test('about many by a value names the field', async () => {
    const stack = await aHeldStack();

    await expect(
      resolveConflicts(stack.ports, { mappingId: MAPPING_ID, take: 'value', value: 'x' }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe('a decision about a pair of which one side is deleted', () => {
  const propagating = { ...MANUAL.mappings.contact, deletePolicy: 'propagate' as const };
  type Side = 'item' | 'record';
  type Choice = Parameters<typeof resolveOne>[1];

  const remove = async (stack: Settled, side: Side) => {
    if (side === 'item') stack.deleteItem(stack.key);
    else stack.org.remove(stack.sfId);
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
  };

  /** Decided before the deletion is seen, or when it is disputed already. */
  const aDecidedPair = async (side: Side, choice: Choice, order: 'before' | 'after') => {
    const stack = await aHeldStack();
    stack.deploy(aConfig({ contact: propagating }));
    stack.clock.advance(60_000);
    if (order === 'before') await resolveOne(stack, choice);
    await remove(stack, side);
    if (order === 'after') {
      await stack.passes(5);
      expect(await stack.rejections()).toEqual([{ key: stack.key, code: 'DELETION_DISPUTED' }]);
      await resolveOne(stack, choice);
    }
    await stack.passes(10);
    expect(await listed(stack)).toEqual([]);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    const record = stack.org.records.get(stack.link(stack.key)?.sfId ?? '');
    const isThere = { item: stack.item(stack.key) !== undefined, record: record?.IsDeleted === false };
    return { stack, isThere, title: [stack.item(stack.key)?.title, record?.fields.Title] };
  };

  test.each(['before', 'after'] as const)(
    'for the side that is there makes the other again (%s)',
    async (order) => {
      const one = await aDecidedPair('item', { take: 'salesforce' }, order);
      expect(one.title).toEqual(['theirs', 'theirs']);
      expect(one.stack.conflicts()).toMatchObject([
        { field: 'title', winner: 'salesforce', reason: REASONS.personsSide, deleted: 'local' },
      ]);

      const other = await aDecidedPair('record', { take: 'local' }, order);
      expect(other.title).toEqual(['ours', 'ours']);
      expect(other.isThere).toEqual({ item: true, record: true });
    },
  );

  test.each(['before', 'after'] as const)(
    'for the side that is gone has the deletion stand (%s)',
    async (order) => {
      for (const [side, take] of [
        ['item', 'local'],
        ['record', 'salesforce'],
      ] as const) {
        const { stack, isThere } = await aDecidedPair(side, { take }, order);
        expect(isThere).toEqual({ item: false, record: false });
        expect(stack.conflicts()).toMatchObject([
          { winner: side === 'item' ? 'local' : 'salesforce', reason: REASONS.personsSide },
        ]);
      }
    },
  );

  test.each<[Side, string | null]>([
    ['item', 'decided'],
    ['record', 'decided'],
    ['item', null],
    ['record', null],
  ])('for a value makes the pair again with it (%s, %s)', async (side, value) => {
    for (const order of ['before', 'after'] as const) {
      const { stack, isThere, title } = await aDecidedPair(side, { take: 'value', value }, order);
      expect(isThere).toEqual({ item: true, record: true });
      expect(title).toEqual([value ?? undefined, value]);
      expect(stack.conflicts()).toMatchObject([{ winner: 'nobody', reason: REASONS.personsValue }]);
    }
  });

  test('is dropped where the side that is there was edited since: the edit stands', async () => {
    const stack = await aHeldStack();
    stack.deploy(aConfig({ contact: propagating }));
    await resolveOne(stack, { take: 'local' });
    stack.org.edit(stack.sfId, { Title: 'newer' });
    await remove(stack, 'item');
    await stack.passes(10);

    expect(titles(stack)).toEqual(['newer', 'newer']);
    expect(stack.conflicts()).toMatchObject([{ winner: 'salesforce', reason: REASONS.personOutlived }]);
    expect(await listed(stack)).toEqual([]);
  });

  test('is carried out where an edit of another field keeps the pair', async () => {
    const stack = await aHeldStack();
    stack.deploy(aConfig({ contact: propagating }));
    await resolveOne(stack, { take: 'local' });
    await remove(stack, 'item');
    stack.clock.advance(5_000);
    stack.org.edit(stack.sfId, { Email: 'new@example.com' });
    await stack.passes(10);

    expect(titles(stack)).toEqual(['ours', 'ours']);
    expect(stack.item(stack.key)).toMatchObject({ email: 'new@example.com' });
  });

  test.each(['item', 'record'] as const)(
    'is said to be dropped where the other side is left alone (%s)',
    async (side) => {
      const stack = await aHeldStack();
      await resolveOne(stack, { take: 'local' });
      await remove(stack, side);
      await stack.passes(10);

      expect(await listed(stack)).toEqual([]);
      expect(stack.conflicts()).toMatchObject([{ winner: 'nobody', reason: REASONS.personWithoutPair }]);
    },
  );
});

describe('writes of a field that is left to a person', () => {
  test('cost a call for each record, and one to read them back; others go together', async () => {
    const stack = await aSettledStack({ config: MANUAL });
    await stack.withoutSweeps();
    const ids = Array.from({ length: 6 }, (_, n) =>
      stack.org.insert({ LastName: `L${n}`, External_Id__c: `k${n}` }),
    );
    await stack.hints.send([stack.remoteHint(...ids)]);
    await stack.passes(1);
    const { length: before } = stack.org.calls;
    for (const n of [0, 1, 2]) stack.putItem(`k${n}`, { title: 'new' });
    for (const n of [3, 4, 5]) stack.putItem(`k${n}`, { firstName: 'new' });
    await stack.passes(1);

    const calls = stack.org.calls.slice(before);
    expect(calls.filter((name) => name === 'update')).toHaveLength(1 + 3);
    // One to read all six before, one to read three back.
    expect(calls.filter((name) => name === 'select')).toHaveLength(2);
  });

  test('see an edit between the read and the write, and hold it', async () => {
    const stack = await aSettledStack({ config: MANUAL });
    await stack.withoutSweeps();
    stack.putItem(stack.key, { title: 'ours' });
    beforeNext(stack.org, 'update', () => {
      stack.clock.advance(2_000);
      stack.org.edit(stack.sfId, { Title: 'in between' });
    });
    await stack.passes(2);

    expect(titles(stack)).toEqual(['ours', 'in between']);
    expect(await theOne(stack)).toMatchObject({ base: 'CEO', local: 'ours', remote: 'in between' });
  });

  test('are bounded in one round, and the rest follows in the next', async () => {
    const stack = await aSettledStack({ config: MANUAL });
    await stack.withoutSweeps();
    const ids = Array.from({ length: 60 }, (_, n) =>
      stack.org.insert({ LastName: `L${n}`, External_Id__c: `k${n}` }),
    );
    await stack.hints.send([stack.remoteHint(...ids)]);
    await stack.passes(1);
    for (const n of ids.keys()) stack.putItem(`k${n}`, { title: `new ${n}` });
    await stack.deliverStream();
    await stack.work();

    expect(ids.map((_, n) => stack.org.withKey(`k${n}`)?.fields.Title)).toEqual(
      ids.map((_, n) => `new ${n}`),
    );
    expect(stack.parked()).toEqual([]);
  });
});
