import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import { aConfig, aSettledStack, aStack, beforeNext, MAPPING_ID } from './a-stack.ts';

const NAMES = { firstName: 'FirstName', lastName: 'LastName' };
const WITHOUT_TITLE = { ...NAMES, email: 'Email' };
const WITH_DEPARTMENT = { ...NAMES, email: 'Email', title: 'Title', department: 'Department' };

describe('a field map that is deployed anew', () => {
  test('with an attribute that goes to another field keeps the value of every item, and fills the field', async () => {
    const stack = await aSettledStack();

    stack.deploy(aConfig({ contact: { fieldMap: { ...NAMES, email: 'Department', title: 'Title' } } }));
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ email: 'ann@example.com' });
    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'ann@example.com',
      Department: 'ann@example.com',
    });
  });

  test('with an attribute that goes to a field with another value ends one of them, and says so', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Department: 'R&D' });
    await stack.passes(10);

    stack.deploy(aConfig({ contact: { fieldMap: { ...NAMES, email: 'Department', title: 'Title' } } }));
    await stack.passes(20);

    expect(stack.conflicts()).toMatchObject([{ field: 'email', local: 'ann@example.com', remote: 'R&D' }]);
  });

  test('with an attribute of another name fills that, and leaves the old attribute and the field alone', async () => {
    const stack = await aSettledStack();

    stack.deploy(
      aConfig({
        contact: { conflictPolicy: 'local-wins', fieldMap: { ...NAMES, mail: 'Email', title: 'Title' } },
      }),
    );
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ email: 'ann@example.com', mail: 'ann@example.com' });
    expect(stack.org.records.get(stack.sfId)?.fields.Email).toBe('ann@example.com');
  });

  test('and taken back takes nothing for cleared that left the items in between', async () => {
    const stack = await aSettledStack();
    const before = stack.ports.config;
    stack.deploy(aConfig({ contact: { fieldMap: WITHOUT_TITLE } }));
    await stack.passes(20);
    stack.putItem(stack.key, { title: undefined });
    await stack.passes(10);

    stack.deploy(before);
    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CEO');
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
  });

  test('with a field more fills it on both sides, though nothing of it was changed since', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Department: 'R&D' });
    stack.putItem('bob', { lastName: 'Ray', department: 'Sales' });
    await stack.passes(30);

    stack.deploy(aConfig({ contact: { fieldMap: WITH_DEPARTMENT } }));
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ department: 'R&D' });
    expect(stack.org.withKey('bob')?.fields.Department).toBe('Sales');
  });
});

describe('old code in flight', () => {
  test('at the stream passes over a change of a field that only new code maps, and a push finds it', async () => {
    const stack = await aSettledStack();
    stack.deploy(aConfig({ contact: { fieldMap: WITH_DEPARTMENT } }));
    await stack.passes(5);
    expect(await stack.state()).toMatchObject({ revision: { revision: 2 }, status: 'active' });

    stack.putItem(stack.key, { department: 'Sales' });
    stack.stream.splice(0);
    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Department).toBe('Sales');
    const pushes = stack.executions.started.length;
    await stack.passes(20);
    expect(stack.executions.started).toHaveLength(pushes);
  });

  /** A department of long ago, which only new code maps. */
  async function aStackBeforeNewCode() {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Department: 'R&D' });
    await stack.passes(30);
    const next = aConfig({ contact: { fieldMap: WITH_DEPARTMENT } });
    return { ...stack, old: stack.ports.config, next };
  }

  test('ends its sweep, and the field of the new code is filled all the same', async () => {
    const stack = await aStackBeforeNewCode();
    await stack.hints.send([stack.sweepHint('old')]);
    beforeNext(stack.org, 'select', () => stack.opened(MAPPING_ID, { config: stack.next }));
    await stack.work();

    expect((await stack.state()).watermark).toBeUndefined();
    stack.deploy(stack.next);
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ department: 'R&D' });
  });

  test('carries its sweep on page by page no further than new code lets it', async () => {
    const stack = await aStackBeforeNewCode();
    for (let n = 0; n < 120; n += 1) stack.org.insert({ LastName: `L${n}` });
    stack.clock.advance(60_000);
    await stack.hints.send([stack.sweepHint('old')]);
    beforeNext(stack.org, 'nextPage', () => stack.opened(MAPPING_ID, { config: stack.next }));
    await stack.work();

    const { watermark, pass, revision } = await stack.state();
    expect({ watermark, pass, revision: revision?.revision }).toEqual({ revision: 2 });
  });

  test.each(['reconcile-page', 'finish-load'] as const)(
    'has its bulk load ended by new code, which takes over at %s and still loads everything',
    async (takenOver) => {
      const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
      const sfId = stack.org.insert({ LastName: 'Lee', Department: 'R&D' });
      stack.clock.advance(3_600_000);
      const next = aConfig({ contact: { bulkThreshold: 1, fieldMap: WITH_DEPARTMENT } });
      stack.beside.step = async (step) => {
        if (step !== takenOver) return;
        stack.beside.step = () => undefined;
        stack.deploy(next);
        await stack.opened();
      };

      await stack.passes(60);

      const [key = ''] = stack.tables.keys('contacts');
      expect(stack.item(key)).toMatchObject({ department: 'R&D', salesforceId: sfId });
    },
  );

  test('leaves a link alone that new code has written, and its key waits for the new code', async () => {
    const stack = await aStackBeforeNewCode();
    const look = stack.syncStore.look.bind(stack.syncStore);
    stack.putItem(stack.key, { title: 'CTO' });
    await stack.deliverStream();
    stack.syncStore.look = async (...args) => {
      stack.syncStore.look = look;
      // New code is faster: it fills the department and brings the title over.
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.work({ config: stack.next });
      return look(...args);
    };
    await stack.work();

    expect(stack.link(stack.key)).toMatchObject({ revision: 2, base: { department: 'R&D' } });
    expect(stack.parked()).toMatchObject([{ key: stack.key, local: { reason: 'LATER_REVISION' } }]);
    stack.deploy(stack.next);
    stack.putItem(stack.key, { department: 'Sales' });
    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({ Title: 'CTO', Department: 'Sales' });
    expect(stack.parked()).toEqual([]);
  });
});

describe('a mapping that leaves the config and comes back', () => {
  test('unchanged pushes what was edited and made locally meanwhile', async () => {
    const stack = await aSettledStack();
    const before = stack.ports.config;
    stack.deploy(aConfig({ other: { sfObject: 'Contact', fieldMap: NAMES } }));
    await stack.passes(10);
    stack.putItem(stack.key, { title: 'CTO' });
    stack.putItem('bob', { lastName: 'Ray', title: 'CFO' });
    await stack.passes(10);
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CEO');

    stack.deploy(before);
    await stack.passes(20);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(stack.org.withKey('bob')?.fields.Title).toBe('CFO');
  });

  test('as one that goes both ways pushes what no hint named while it only came in', async () => {
    const stack = await aSettledStack({ config: aConfig({ contact: { direction: 'from-salesforce' } }) });
    stack.putItem('bob', { lastName: 'Ray' });
    await stack.passes(30);
    expect(stack.org.withKey('bob')).toBeUndefined();

    stack.deploy(aConfig());
    await stack.passes(20);

    expect(stack.org.withKey('bob')?.fields.LastName).toBe('Ray');
  });
});

describe('a change of the config that changes no value', () => {
  test.each([
    ['another policy', { conflictPolicy: 'salesforce-wins' as const }],
    [
      'another policy of a field',
      { fieldMap: { ...WITHOUT_TITLE, title: { field: 'Title', conflictPolicy: 'local-wins' as const } } },
    ],
    ['the long form of a field', { fieldMap: { ...WITHOUT_TITLE, title: { field: 'Title' } } }],
    ['another order of the fields', { fieldMap: { title: 'Title', ...WITHOUT_TITLE } }],
    ['another threshold', { bulkThreshold: 10 }],
    ['another schedule', { schedule: { everyMinutes: 7 } }],
  ])('such as %s causes no pass over everything, and no check', async (_what, change) => {
    const stack = await aSettledStack();
    for (let n = 0; n < 60; n += 1) stack.org.insert({ LastName: `L${n}` });
    await stack.passes(30);
    const { watermark, revision } = await stack.state();
    stack.org.calls.length = 0;
    const pushes = stack.executions.started.length;

    stack.deploy(aConfig({ contact: change }));
    await stack.passes(10);

    expect((await stack.state()).revision).toEqual(revision);
    expect(Date.parse((await stack.state()).watermark ?? '')).toBeGreaterThan(
      Date.parse(must(watermark, 'one')),
    );
    expect(new Set(stack.org.calls)).toEqual(new Set(['select']));
    expect(stack.executions.started).toHaveLength(pushes);
  });
});
