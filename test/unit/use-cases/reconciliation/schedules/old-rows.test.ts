import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../../../shared/aws/errors.ts';
import { aConfig, afterNext, aSettledStack, aStack, MAPPING_ID } from './a-stack.ts';

describe('a row that was read before somebody edited its record', () => {
  test('of a bulk page overwrites nothing, though it is hours old and has no e-mail where the item has one', async () => {
    const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    stack.putItem('ann', { lastName: 'Lee', email: 'ours@example.com' });
    const sfId = stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
    stack.stream.length = 0;
    stack.beside.step = (step) => {
      if (step !== 'reconcile-page') return;
      stack.clock.advance(2 * 3_600_000);
      stack.org.edit(sfId, { Email: 'theirs@example.com' });
      stack.clock.advance(3_600_000);
    };

    await stack.passes(2);

    expect(stack.org.records.get(sfId)?.fields.Email).toBe('theirs@example.com');
    expect(stack.conflicts()).toMatchObject([
      { field: 'email', local: 'ours@example.com', remote: 'theirs@example.com', winner: 'salesforce' },
    ]);
  });

  test('of a slow sweep overwrites nothing', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stack.clock.advance(60_000);
    stack.putItem(stack.key, { email: 'ours@example.com' });
    stack.stream.length = 0;
    afterNext(stack.org, 'select', () => {
      stack.clock.advance(60_000);
      stack.org.edit(stack.sfId, { Email: 'theirs@example.com' });
      stack.clock.advance(60_000);
    });
    await stack.hints.send([stack.sweepHint('slow')]);

    await stack.work();
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields.Email).toBe('theirs@example.com');
    expect(stack.item(stack.key)).toMatchObject({ email: 'theirs@example.com', title: 'CTO' });
    expect(stack.conflicts()).toMatchObject([
      { field: 'email', local: 'ours@example.com', remote: 'theirs@example.com', winner: 'salesforce' },
    ]);
  });

  test('of a bulk page brings nothing back that was pushed meanwhile', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.mappingStates.forgetPasses('c1.contact');
    stack.beside.step = async (step) => {
      if (step !== 'reconcile-page') return;
      stack.putItem(stack.key, { title: 'CTO' });
      await stack.deliverStream();
      await stack.work();
      stack.clock.advance(3_600_000);
    };

    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(stack.conflicts()).toEqual([]);
  });

  test('costs one more call for all that would be written because of a page', async () => {
    const stack = aStack({ pageRows: 200 });
    for (let n = 0; n < 150; n += 1) {
      stack.putItem(`k${n}`, { lastName: 'Lee', email: 'ours@example.com' });
      stack.org.insert({ LastName: 'Lee', External_Id__c: `k${n}` });
    }
    stack.stream.length = 0;
    await stack.tick();

    await stack.work();

    expect(stack.org.calls).toEqual(['describe', 'count', 'select', 'select', 'update']);
    expect(stack.org.withKey('k149')?.fields.Email).toBe('ours@example.com');
  });
});

test('a row of before our own write takes nothing from the item, though something waits for its record', async () => {
  const stack = aStack();
  await stack.passes(10);
  await stack.withoutSweeps();
  stack.putItem('ann', { lastName: 'Lee', email: 'ours@example.com' });
  stack.stream.length = 0;
  const sfId = stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
  const about = { mappingId: MAPPING_ID, kind: 'record', key: sfId, side: 'remote' } as const;
  await stack.parkedKeys.park([{ ...about, reason: 'SLOTS_TAKEN', waitUntil: '2026-01-01T12:00:00.000Z' }]);
  const emails: unknown[] = [];
  stack.tables.onChange(({ after }) => emails.push(after?.email));
  // Another worker links and writes the record that this one has just read.
  afterNext(stack.org, 'select', async () => {
    stack.clock.advance(2_000);
    await stack.hints.send([stack.remoteHint(sfId)]);
    await stack.work();
  });

  await stack.hints.send([stack.remoteHint(sfId)]);
  await stack.work();

  expect(new Set(emails)).toEqual(new Set(['ours@example.com']));
  expect(stack.org.records.get(sfId)?.fields.Email).toBe('ours@example.com');
});

describe('a row that was read after our last look', () => {
  test('is used though its stamp is older than the one that we know: servers of one org differ', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(10);
    stack.org.edit(stack.sfId, { Title: 'CFO' });
    const record = stack.org.records.get(stack.sfId);
    const known = Date.parse(stack.link(stack.key)?.sfModstamp ?? '');
    Object.assign(record ?? {}, { SystemModstamp: new Date(known - 1000).toISOString() });
    await stack.mappingStates.makeDue('c1.contact', stack.clock.now());

    await stack.tick();
    await stack.work();

    expect(stack.item(stack.key)).toMatchObject({ title: 'CFO' });
  });
});

describe('a record that comes to exist while a bulk push is on its way', () => {
  test('has what was overwritten listed though the function dies once the record is settled', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.withoutSweeps();
    stack.putItem('bob', { lastName: 'Ray', title: 'CFO' });
    stack.stream.length = 0;
    const commit = stack.syncStore.commit.bind(stack.syncStore);
    stack.beside.step = (step) => {
      if (step === 'upload-push')
        stack.org.insert({ LastName: 'Other', External_Id__c: 'bob', Title: 'COO' });
      if (step !== 'settle-push') return;
      stack.beside.step = () => undefined;
      stack.syncStore.commit = async (commits) => {
        stack.syncStore.commit = commit;
        await commit(commits);
        throw new StoreUnavailable('the table');
      };
    };
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.runJobs();

    expect(stack.link('bob')).not.toHaveProperty('lease');
    expect(stack.conflicts().map(({ field }) => field)).toEqual(['lastName', 'title']);
  });

  test('has what the push overwrote listed as a conflict, field by field', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.withoutSweeps();
    stack.putItem('bob', { lastName: 'Ray', title: 'CFO' });
    stack.stream.length = 0;
    stack.beside.step = (step) => {
      if (step === 'upload-push')
        stack.org.insert({ LastName: 'Other', External_Id__c: 'bob', Title: 'COO' });
    };
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.runJobs();

    expect(stack.conflicts().map(({ field, winner, policy }) => ({ field, winner, policy }))).toEqual(
      ['lastName', 'title'].map((field) => ({ field, winner: 'local', policy: 'bulk-push' })),
    );
  });
});
