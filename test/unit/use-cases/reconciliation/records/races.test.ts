import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import { listHeld, refuseDeletions } from '../../../../../shared/use-cases/operations/deletions.ts';
import { aLink } from '../../../../builders/sync.ts';
import {
  aConfig,
  aSettledStack,
  aStack,
  loseRaces,
  MAPPING_ID,
  misread,
  type Stack,
} from '../schedules/a-stack.ts';

async function deliver(stack: Stack): Promise<void> {
  await stack.deliverStream();
  await stack.work();
}

/** Ann at rest, and no sweep that would mend anything. */
async function aQuietStack(config = aConfig()) {
  const stack = await aSettledStack({ config });
  await stack.withoutSweeps();
  stack.org.calls.length = 0;
  return stack;
}

describe('a look that loses a race is made again at once, and', () => {
  test('brings in a record without a link all the same', async () => {
    const stack = await aQuietStack();
    const sfId = stack.org.insert({ LastName: 'Bob' });
    loseRaces(stack, 1);

    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();

    expect(stack.item(`sf-c1-${sfId}`)).toMatchObject({ lastName: 'Bob' });
    expect(stack.parked()).toEqual([]);
  });

  test('links an item to the record that it found, and makes no second one of either', async () => {
    const match: NonNullable<Parameters<typeof aConfig>[0]>[string]['match'] = [
      'externalId',
      { fields: ['email'] },
    ];
    const stack = await aQuietStack(aConfig({ contact: { match, direction: 'to-salesforce' } }));
    const sfId = stack.org.insert({ LastName: 'Bob', Email: 'bob@x.org' });
    stack.putItem('bob', { lastName: 'Bob', email: 'bob@x.org' });
    loseRaces(stack, 1);
    await deliver(stack);

    expect(stack.link('bob')).toMatchObject({ state: 'linked', sfId });
    expect(stack.tables.keys('contacts')).toEqual(['bob']);
    expect(stack.org.alive()).toHaveLength(2);
  });

  test('releases what waited under the item’s key and under the record’s id', async () => {
    const stack = await aQuietStack();
    const about = { mappingId: MAPPING_ID, reason: 'LEASE_HELD' };
    await stack.parkedKeys.park([
      { ...about, kind: 'local', key: stack.key, side: 'local' },
      { ...about, kind: 'record', key: stack.sfId, side: 'remote' },
    ]);
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    loseRaces(stack, 1);

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(stack.parked()).toEqual([]);
  });

  test('is made beside the look at what a trigger made of another write', async () => {
    const stack = await aQuietStack();
    stack.putItem('bob', { lastName: 'Bob' });
    await deliver(stack);
    stack.org.trigger = (fields) => {
      fields.Email = `${fields.LastName}@example.com`;
    };
    stack.putItem(stack.key, { title: 'CTO' });
    stack.putItem('bob', { title: 'CFO' });
    loseRaces(stack, 1, ({ link }) => link.localKey === 'bob');
    await deliver(stack);

    expect(stack.item('bob')).toMatchObject({ title: 'CFO', email: 'Bob@example.com' });
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'Lee@example.com' });
    expect(stack.parked()).toEqual([]);
  });
});

describe('what a look counts', () => {
  test('is no rejection where a key only waits for later code', async () => {
    const stack = await aQuietStack();
    const id = `${MAPPING_ID}#${stack.key}`;
    stack.syncStore.storedLinks.set(id, { ...must(stack.link(stack.key), 'a link'), revision: 99 });
    stack.putItem(stack.key, { title: 'CTO' });
    await deliver(stack);

    expect(stack.parked()).toMatchObject([
      {
        key: stack.key,
        waitUntil: new Date(stack.clock.nowMs() + 60_000).toISOString(),
        local: { reason: 'LATER_REVISION' },
      },
    ]);
    expect(stack.org.calls).toEqual([]);
    expect(await stack.rejections()).toEqual([]);
    const [run] = await stack.journal.runs(MAPPING_ID, 1);
    expect(run?.cause).toBe('schedule');
  });

  test('is one rejection for each key, whichever part of it refused, and nothing twice in a second round', async () => {
    const stack = await aQuietStack();
    stack.putItem('bad', { lastName: 'Bad', title: ['a', 'list'] });
    stack.putItem('refused', { lastName: 'Refused' });
    stack.putItem('fine', { lastName: 'Fine' });
    stack.org.refuse = ({ LastName }) =>
      LastName === 'Refused' ? { code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no' } : undefined;
    loseRaces(stack, 1, ({ link }) => link.localKey === 'fine');
    await deliver(stack);

    const [run] = await stack.journal.runs(MAPPING_ID, 1);
    expect(run?.counts).toMatchObject({ read: 3, unchanged: 0, createdInSalesforce: 1, rejections: 2 });
  });
});

test('a row of a sweep that cannot be read waits by its id for a minute, and its mapping is checked again', async () => {
  const stack = await aSettledStack();
  const bad = stack.org.insert({ LastName: 'Bad' });
  misread(stack.org, bad);
  await stack.hints.send([stack.sweepHint('r')]);
  await stack.work();

  const now = stack.clock.now();
  expect(stack.parked()).toEqual([
    {
      mappingId: MAPPING_ID,
      kind: 'record',
      key: bad,
      remote: { since: now, reason: 'UNREADABLE_VALUE' },
      waitUntil: new Date(stack.clock.nowMs() + 60_000).toISOString(),
      rounds: 0,
      version: 1,
    },
  ]);
  expect(await stack.journal.rejections(MAPPING_ID, 9)).toMatchObject([
    { key: bad, code: 'UNREADABLE_VALUE', fields: ['Title'], by: 'local-rules', at: now },
  ]);
  expect(await stack.state()).not.toHaveProperty('checkedAt');
});

describe('deletions that ask first', () => {
  /** Ten pairs, of which three may be deleted in a day, either way. */
  async function aGuardedStack() {
    const stack = aStack({
      config: aConfig({ contact: { deletePolicy: 'propagate' } }),
      deletionLimits: { most: 3, share: 0.5, least: 2 },
    });
    for (let n = 0; n < 10; n += 1) stack.org.insert({ LastName: `Lee ${n}` });
    await stack.passes(10);
    return { ...stack, keys: stack.tables.keys('contacts') };
  }
  const refuse = async (stack: Stack) => {
    const operator = { ...stack, links: stack.syncStore };
    const { version } = await listHeld(operator, { mappingId: MAPPING_ID, limit: 50 });
    await refuseDeletions(operator, { mappingId: MAPPING_ID, version });
  };

  test('hold up nothing else of their look', async () => {
    const stack = await aGuardedStack();
    const [first = '', second = ''] = stack.keys;
    stack.deleteItem(first);
    stack.putItem(second, { title: 'CTO' });
    await deliver(stack);

    expect(stack.link(first)?.state).toBe('both-deleted');
    expect(stack.org.records.get(stack.link(second)?.sfId ?? '')?.fields.Title).toBe('CTO');
  });

  test('of records, and that a person refuses, leave the items where they are and the records deleted', async () => {
    const stack = await aGuardedStack();
    for (const { Id } of stack.org.alive()) stack.org.remove(Id);
    await stack.passes(10);
    expect(stack.tables.keys('contacts')).toHaveLength(7);

    await refuse(stack);
    await stack.passes(10);

    expect(stack.tables.keys('contacts')).toHaveLength(7);
    const states = stack.tables.keys('contacts').map((key) => stack.link(key)?.state);
    expect(new Set(states)).toEqual(new Set(['remote-deleted']));
    expect(stack.parked()).toEqual([]);
  });

  test('of a key that waited for another reason are not decided by what was decided of others', async () => {
    const stack = await aGuardedStack();
    const [first = '', ...others] = stack.keys;
    const id = `${MAPPING_ID}#${first}`;
    const until = stack.clock.nowMs() + 30 * 60_000;
    stack.syncStore.storedLinks.set(id, {
      ...must(stack.link(first), 'a link'),
      lease: { owner: 'bulk', until },
    });
    stack.deleteItem(first);
    await deliver(stack);
    expect(stack.parked()).toMatchObject([{ key: first, local: { reason: 'LEASE_HELD' } }]);
    for (const key of others) stack.deleteItem(key);
    await stack.passes(2);
    await refuse(stack);

    stack.clock.advance(2 * 86_400_000);
    await stack.passes(40);

    expect(stack.link(first)?.state).toBe('both-deleted');
    expect(others.filter((key) => stack.link(key)?.state === 'local-deleted')).toHaveLength(6);
  });
});

describe('a record that may be of an item', () => {
  const match: NonNullable<Parameters<typeof aConfig>[0]>[string]['match'] = [
    'externalId',
    { fields: ['email'] },
  ];
  async function aMatchingStack() {
    const config = aConfig({ contact: { match } });
    const stack = aStack({
      config: {
        ...config,
        localTables: {
          contacts: { keyField: 'id', tenantField: 'tenantId', matchIndexes: { email: 'byEmail' } },
        },
      },
    });
    await stack.passes(6);
    await stack.withoutSweeps();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'CEO' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    stack.stream.length = 0;
    stack.org.calls.length = 0;
    return { ...stack, sfId };
  }

  test('is linked by what its item’s look reads: by its id, by key, by value, and one to write the key', async () => {
    const stack = await aMatchingStack();

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.link('ann')?.sfId).toBe(stack.sfId);
    expect(stack.org.calls).toEqual(['select', 'select', 'select', 'update']);
  });

  test('waits on where it waited before, as long as its item does', async () => {
    const stack = await aMatchingStack();
    const other = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org' });
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();
    const before = stack.parked();
    expect(before.map(({ key }) => key)).toEqual(['ann', stack.sfId]);
    // Nobody has said that the item changed.
    for (const one of before) expect(one).not.toHaveProperty('local');

    stack.clock.advance(3_600_000);
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    const sinceOf = (all: typeof before) => all.map(({ key, remote }) => [key, remote?.since]);
    expect(sinceOf(stack.parked())).toEqual(sinceOf(before));
    stack.org.remove(other);
    await stack.passes(90);
    expect(stack.link('ann')?.sfId).toBe(stack.sfId);
    expect(stack.parked()).toEqual([]);
    expect(await stack.rejections()).toEqual([]);
  });

  test('waits no more once its item has met it', async () => {
    const stack = await aMatchingStack();
    const about = { mappingId: MAPPING_ID, kind: 'record', key: stack.sfId } as const;
    await stack.parkedKeys.park([{ ...about, side: 'remote', reason: 'SEVERAL_MATCHES' }]);

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.link('ann')?.sfId).toBe(stack.sfId);
    expect(stack.parked()).toEqual([]);
  });

  test('is looked at for itself where its item has another record', async () => {
    const stack = await aMatchingStack();
    const own = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', External_Id__c: 'ann' });

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.link('ann')?.sfId).toBe(own);
    expect(stack.link(`sf-c1-${stack.sfId}`)?.sfId).toBe(stack.sfId);
    expect(stack.parked()).toEqual([]);
  });

  test('waits some seconds, and nobody is told, while another worker holds its item', async () => {
    const stack = await aMatchingStack();
    const { sfId: _, ...unborn } = aLink({ mappingId: MAPPING_ID, localKey: 'ann', state: 'creating' });
    const lease = { owner: 'another', until: stack.clock.nowMs() + 9_000 };
    stack.syncStore.storedLinks.set(`${MAPPING_ID}#ann`, { ...unborn, lease });

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.parked()).toMatchObject([
      {
        kind: 'record',
        key: stack.sfId,
        remote: { reason: 'LEASE_HELD' },
        waitUntil: new Date(stack.clock.nowMs() + 5_000).toISOString(),
      },
    ]);
    expect(await stack.rejections()).toEqual([]);
  });

  test('has its own item where it carries a key of its own, however much it is like another one', async () => {
    const stack = await aMatchingStack();
    stack.org.edit(stack.sfId, { External_Id__c: 'own' });

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.link('own')?.sfId).toBe(stack.sfId);
    expect(stack.item('own')).toMatchObject({ email: 'ann@x.org' });
    expect(stack.link('ann')).toBeUndefined();
  });
});
