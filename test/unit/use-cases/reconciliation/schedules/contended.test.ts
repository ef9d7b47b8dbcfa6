import { describe, expect, test } from '@jest/globals';
import { type SyncConfigInput, syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { reconcileRecords } from '../../../../../shared/use-cases/reconciliation/reconcile-records.ts';
import { aConfig, aSettledStack, aStack, loseRaces, MAPPING_ID, type Stack } from './a-stack.ts';

const later = ({ clock }: Stack, ms: number): string => new Date(clock.nowMs() + ms).toISOString();

describe('a key that others change each time that it is looked at', () => {
  test('waits outside the queue for some seconds after five looks, with all that was told of it', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    loseRaces(stack, 5);
    stack.putItem(stack.key, { title: 'CTO' });
    const changedAt = must(stack.stream.at(-1), 'a change').changedAt;
    await stack.deliverStream();
    await stack.work();

    expect(stack.parked()).toEqual([
      expect.objectContaining({
        kind: 'local',
        key: stack.key,
        waitUntil: later(stack, 5_000),
        local: expect.objectContaining({ reason: 'CONTENDED', changedAt }),
        remote: expect.objectContaining({ reason: 'CONTENDED' }),
      }),
    ]);
    expect(stack.org.writes).toBe(0);
    await stack.passes(2);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(stack.parked()).toEqual([]);
  });

  test('and that is written in the last look is looked at again for what Salesforce made of it', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    loseRaces(stack, 4);
    stack.org.trigger = (fields) => {
      fields.Department = 'Sales';
      fields.Email = 'trigger@example.com';
    };
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();
    await stack.work();

    expect(stack.parked()).toMatchObject([
      { kind: 'local', key: stack.key, remote: { reason: 'CONTENDED' } },
    ]);
    expect(stack.parked()[0]).not.toHaveProperty('local');
    await stack.passes(2);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'trigger@example.com' });
    expect(stack.org.writes).toBe(1);
  });

  test('has a record that waits for its deletion wait with it, by its id', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    stack.putItem('bob', { lastName: 'Bob' });
    await stack.passes(2);
    const bob = must(stack.link('bob')?.sfId, 'a record');
    stack.org.remove(bob);
    const heir = stack.org.insert({ LastName: 'Heir', External_Id__c: 'bob' });
    const waits = { mappingId: MAPPING_ID, key: bob, reason: 'RECORD_NOT_VISIBLE' };
    await stack.parkedKeys.park([{ ...waits, kind: 'record', side: 'remote' }]);
    loseRaces(stack, 5);

    await stack.hints.send([stack.remoteHint(bob, heir)]);
    await stack.work();

    const about = { waitUntil: later(stack, 5_000), remote: { reason: 'CONTENDED' } };
    expect(stack.parked()).toMatchObject([
      { kind: 'record', key: bob },
      { kind: 'local', key: 'bob', ...about },
      { kind: 'record', key: heir, ...about },
    ]);
    for (const one of stack.parked()) expect(one).not.toHaveProperty('local');
    await stack.passes(70);
    expect(stack.item('bob')).toMatchObject({ lastName: 'Heir' });
  });
});

test('deletions of a mapping that others delete in all the time wait for some seconds, and nothing else does', async () => {
  const stack = await aSettledStack({ config: aConfig({ contact: { deletePolicy: 'propagate' } }) });
  stack.putItem('bob', { lastName: 'Bob' });
  await stack.passes(2);
  await stack.withoutSweeps();
  const { guardStates } = stack.ports;
  const put = guardStates.put.bind(guardStates);
  let tries = 0;
  guardStates.put = async () => {
    tries += 1;
    return false;
  };
  stack.deleteItem(stack.key);
  stack.putItem('bob', { title: 'CTO' });
  await stack.deliverStream();
  await stack.work();

  expect(tries).toBe(10);
  expect(stack.parked()).toMatchObject([
    { key: stack.key, waitUntil: later(stack, 5_000), local: { reason: 'CONTENDED', isDeleted: true } },
  ]);
  expect(stack.org.withKey('bob')?.fields.Title).toBe('CTO');
  expect(stack.org.alive()).toHaveLength(2);
  guardStates.put = put;
  await stack.passes(2);
  expect(stack.org.alive()).toHaveLength(1);
});

describe('a record that may be of an item', () => {
  const INDEXES = { email: 'byEmail' };
  const template: SyncConfigInput['mappings'][string] = {
    localTable: 'contacts',
    sfObject: 'Contact',
    fieldMap: { lastName: 'LastName', email: 'Email', title: 'Title' },
    externalIdField: 'External_Id__c',
    match: ['externalId', { fields: ['email'] }],
    schedule: { everyMinutes: 60 },
  };
  async function aMatchingStack() {
    const stack = aStack({
      config: syncConfig.parse({
        localTables: { contacts: { keyField: 'id', tenantField: 'tenantId', matchIndexes: INDEXES } },
        mappings: { contact: template },
      }),
    });
    await stack.passes(6);
    await stack.withoutSweeps();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'CEO' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@x.org' });
    stack.stream.length = 0;
    return { ...stack, sfId };
  }

  test('waits some seconds where another worker makes a record of the item just now, and nobody is told', async () => {
    const stack = await aMatchingStack();
    const { sfId } = stack;
    stack.syncStore.storedLinks.set(`${MAPPING_ID}#ann`, {
      mappingId: MAPPING_ID,
      localKey: 'ann',
      state: 'creating',
      revision: 1,
      base: {},
      pending: { lastName: 'Lee' },
      lease: { owner: 'another', until: stack.clock.nowMs() + 60_000 },
      version: 1,
    });

    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();

    expect(stack.parked()).toMatchObject([
      { kind: 'record', key: sfId, waitUntil: later(stack, 5_000), remote: { reason: 'LEASE_HELD' } },
    ]);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.tables.keys('contacts')).toEqual(['ann']);
    await stack.passes(4);

    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
    expect(stack.parked()).toEqual([]);
  });

  test('is linked in the second look where somebody was faster than the first, and waits for nothing', async () => {
    const stack = await aMatchingStack();
    loseRaces(stack, 1);

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();
    await stack.passes(2);

    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId: stack.sfId });
    expect(stack.parked()).toEqual([]);
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('waits as long as its item does, and is told of by its own id', async () => {
    const stack = await aMatchingStack();
    stack.org.insert({ LastName: 'Lee', Email: 'ann@x.org', Title: 'CTO' });

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();

    expect(stack.parked()).toMatchObject([
      { kind: 'local', key: 'ann', waitUntil: later(stack, 3_600_000) },
      {
        kind: 'record',
        key: stack.sfId,
        waitUntil: later(stack, 3_600_000),
        remote: { reason: 'SEVERAL_MATCHES' },
      },
    ]);
    const { message } = must(
      (await stack.journal.rejections(MAPPING_ID, 9)).find(({ key }) => key === stack.sfId),
      'one',
    );
    expect(message).toContain('ann');
  });
});

test('one look takes two hundred keys, of whatever kind, and not one more', async () => {
  const stack = await aSettledStack();
  const open = await stack.opened();
  const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `k${n}` }));
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `003900000000${100 + n}AAA`);

  const { counts } = await reconcileRecords(stack.ports, open, { localKeys: keys(100), sfIds: ids(100) });
  expect(counts).toMatchObject({ read: 200 });
  await expect(
    reconcileRecords(stack.ports, open, { localKeys: keys(100), sfIds: ids(101) }),
  ).rejects.toThrow('one pass takes at most as many keys as a hint');
});

test('a row without an id that can be read takes no other row with it, and waits nowhere', async () => {
  const stack = await aSettledStack();
  const { select } = stack.org;
  stack.org.insert({ LastName: 'Bob', Title: 'good' });
  stack.org.select = async (selection) => {
    const page = await Reflect.apply(select, stack.org, [selection]);
    return { ...page, records: [{ ...page.records[0], Id: 'no id' }, ...page.records] };
  };
  stack.clock.advance(60_000);
  await stack.hints.send([stack.sweepHint('r')]);
  await stack.work();

  expect(stack.tables.keys('contacts').map((key) => stack.item(key)?.title)).toContain('good');
  expect(stack.parked()).toEqual([]);
  expect(await stack.rejections()).toEqual([]);
});
