import { describe, expect, test } from '@jest/globals';
import { CALL_RESERVE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { planStatus } from '../../../../../shared/use-cases/operations/plans.ts';
import { aConfig, aStack } from '../schedules/a-stack.ts';
import { aPlannedStack, everythingOf, planning } from './a-planned-stack.ts';

describe('a plan', () => {
  test('says of each key what would come of it, and writes nothing anywhere', async () => {
    const stack = await aPlannedStack();
    const before = everythingOf(stack.stack);

    const plan = await stack.plan();

    expect(everythingOf(stack.stack)).toEqual(before);
    expect(plan).toMatchObject({
      phase: 'planned',
      outcome: 'planned',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      totals: {
        keys: 5,
        kinds: { 'create-item': 1, 'change-item': 2, 'create-record': 1, 'change-record': 2 },
      },
    });
    const entries = await stack.entries();
    const of = (key: string) => entries.find((entry) => (entry.localKey ?? entry.key) === key)?.actions;
    expect(of('ann')).toEqual([{ kind: 'change-item', fields: ['title'] }]);
    expect(of('bob')).toEqual([{ kind: 'change-record', fields: ['title'] }]);
    expect(of('carla')).toEqual([
      { kind: 'change-item', fields: ['title'] },
      { kind: 'change-record', fields: ['email'] },
    ]);
    expect(of('eve')).toEqual([{ kind: 'create-record', fields: expect.arrayContaining(['lastName']) }]);
    expect(of('fay')).toBeUndefined();
    expect(entries).toHaveLength(5);
  });

  test('holds no value unless it is asked for them, and then in its pages alone', async () => {
    const stack = await aPlannedStack();
    const plan = await stack.plan();
    expect(JSON.stringify([plan, await stack.entries()])).not.toContain('CEO');

    const withValues = await stack.plan({}, true);

    expect(JSON.stringify(withValues)).not.toContain('CEO');
    const ann = (await stack.entries()).find(({ localKey, key }) => (localKey ?? key) === 'ann');
    expect(ann?.actions).toEqual([{ kind: 'change-item', fields: ['title'], values: { title: 'CEO' } }]);
    // What would be done is the same.
    expect(withValues.hash).toBe(plan.hash);
  });

  test('of what is in step is empty, and can be applied', async () => {
    const stack = aStack();
    stack.org.insert({ LastName: 'Lee' });
    await stack.passes(30);
    const { plan, apply } = planning(stack);
    expect(await plan()).toMatchObject({ totals: { keys: 0 }, pages: 0, phase: 'planned' });
    expect(await apply()).toMatchObject({
      phase: 'applied',
      applying: { done: 0, leftovers: {}, pagesLeft: 0 },
    });
  });

  test('is the same however often its making is interrupted', async () => {
    const whole = await aPlannedStack({ pageRows: 1 });
    const { hash } = await whole.plan();

    const stack = await aPlannedStack({ pageRows: 1 });
    let calls = 0;
    // Each turn has time for one step.
    stack.ports.remainingMs = () => CALL_RESERVE_MS + 1_000;
    stack.stack.hints.send = new Proxy(stack.stack.hints.send, {
      apply: (send, self, sent) => {
        calls += 1;
        return Reflect.apply(send, self, sent);
      },
    });
    expect((await stack.plan()).hash).toBe(hash);
    expect(calls).toBeGreaterThan(10);
  });

  test('goes on where it was after its worker has died, and lists no key twice', async () => {
    const whole = await aPlannedStack({ pageRows: 2 });
    const { hash } = await whole.plan();
    for (let death = 0; death < 12; death += 1) {
      const stack = await aPlannedStack({ pageRows: 2 });
      const { move } = stack.plans;
      let moves = 0;
      stack.plans.move = async (...args) => {
        moves += 1;
        if (moves === death + 2) throw new Error('the worker died');
        return move.apply(stack.plans, args);
      };
      await stack.ask();
      await stack.work().catch(() => undefined);
      for (let minute = 0; minute < 5; minute += 1) {
        stack.clock.advance(100_000);
        await stack.work();
      }
      const plan = await stack.status();
      expect(plan.outcome).toBe('planned');
      const keys = (await stack.entries()).map(({ key, localKey }) => localKey ?? key);
      expect(new Set(keys).size).toBe(keys.length);
      expect(plan.hash).toBe(hash);
    }
  });

  test('is made by one worker at a time; another waits until the first cannot live any more', async () => {
    const stack = await aPlannedStack();
    const { planId } = await stack.ask();
    stack.hints.take(10);
    const begun = await stack.plans.get('c1.contact');
    if (!begun) throw new Error('there is a plan');
    await stack.plans.move(begun, { takenUntil: stack.clock.nowMs() + 75_000 });
    const hint = { kind: 'plan', mappingId: 'c1.contact', planId } as const;

    await stack.hints.send([hint]);
    await stack.work();

    expect((await stack.status()).pages).toBe(0);
    expect(stack.returned()).toMatchObject([{ hint, atMs: stack.clock.nowMs() + 75_000 }]);
    stack.clock.advance(75_000);
    await stack.work();
    expect((await stack.status()).outcome).toBe('planned');
  });

  test('has its messages come twice, and is made once', async () => {
    const stack = await aPlannedStack();
    const { planId } = await stack.ask();
    expect(await stack.ask()).toEqual({ planId, isUnderWay: true });
    await stack.work();
    await stack.hints.send([{ kind: 'plan', mappingId: 'c1.contact', planId }]);
    await stack.work();
    expect((await stack.status()).totals.keys).toBe(5);
    await expect(stack.ask({ conflictPolicy: 'local-wins' })).resolves.toMatchObject({ isUnderWay: false });
  });

  test('is not begun for another question while one is made', async () => {
    const stack = await aPlannedStack();
    await stack.ask();
    await expect(stack.ask({ conflictPolicy: 'local-wins' })).rejects.toMatchObject({
      code: 'PLAN_UNDER_WAY',
    });
  });

  test('shows what other policies would do', async () => {
    const stack = await aPlannedStack();
    stack.putItem('ann', { title: 'a title of its own' });
    stack.stream.length = 0;
    const bySalesforce = await stack.plan({ conflictPolicy: 'salesforce-wins' });
    const byLocal = await stack.plan({ conflictPolicy: 'local-wins' });
    const byPerson = await stack.plan({ conflictPolicy: 'manual' });

    expect(bySalesforce.totals.kinds).toMatchObject({ 'change-item': 2, 'change-record': 2 });
    expect(byLocal.totals.kinds).toMatchObject({ 'change-item': 1, 'change-record': 3 });
    expect(byPerson.totals.kinds).toMatchObject({ 'change-item': 1, 'change-record': 2, hold: 1 });
    expect(byPerson.samples.hold).toEqual([{ key: 'ann', fields: ['title'] }]);
  });

  test('says which mark would be set on either side, and applied sets it', async () => {
    const deletePolicy = {
      fromSalesforce: { mark: 'deletedAt' },
      toSalesforce: { mark: 'Opted_In__c' },
    };
    const stack = await aPlannedStack({ config: aConfig({ contact: { deletePolicy } }) });
    // Of a deleted item the stream alone tells: here the worker that it told died before the record was marked.
    stack.org.failNext('update', 'unavailable');
    stack.deleteItem('bob');
    await stack.passes(1);
    const { lease: _, ...free } = must(stack.link('bob'), 'a pair');
    stack.syncStore.storedLinks.set('c1.contact#bob', free);
    stack.org.remove(stack.idOf('fay'));
    stack.stream.length = 0;
    const before = everythingOf(stack.stack);

    await stack.plan();

    expect(everythingOf(stack.stack)).toEqual(before);
    const entries = await stack.entries();
    const of = (key: string) => entries.find((entry) => (entry.localKey ?? entry.key) === key)?.actions;
    expect(of('fay')).toEqual([{ kind: 'change-item', fields: ['deletedAt'] }]);
    expect(of('bob')).toEqual([{ kind: 'change-record', fields: ['Opted_In__c'] }]);
    expect((await stack.apply()).applying).toMatchObject({ leftovers: {} });
    expect(stack.item('fay')).toMatchObject({ deletedAt: expect.any(String) });
    expect(stack.org.records.get(stack.idOf('bob'))).toMatchObject({
      IsDeleted: false,
      fields: { Opted_In__c: true },
    });
  });

  test('of a mapping that was changed and has not begun says what the new one would do, and does not begin it', async () => {
    const stack = await aPlannedStack();
    stack.deploy(aConfig({ contact: { fieldMap: { lastName: 'LastName', job: 'Title' } } }));
    const before = everythingOf(stack.stack);

    const plan = await stack.plan();

    expect(everythingOf(stack.stack)).toEqual(before);
    // Each pair gets the attribute; dan comes with it.
    expect(plan.totals.kinds).toMatchObject({ 'change-item': 4, 'create-item': 1, 'create-record': 1 });
    expect(plan.samples['change-item']?.[0]).toMatchObject({ fields: ['job'] });
  });

  test('ends where the mapping becomes another while it is made', async () => {
    const stack = await aPlannedStack({ pageRows: 1 });
    stack.ports.remainingMs = () => CALL_RESERVE_MS + 1_000;
    const send = stack.hints.send.bind(stack.hints);
    let sent = 0;
    stack.hints.send = async (hints) => {
      sent += 1;
      if (sent === 3) stack.deploy(aConfig({ contact: { conflictPolicy: 'local-wins' } }));
      await send(hints);
    };
    expect(await stack.plan()).toMatchObject({ outcome: 'MAPPING_CHANGED' });
    await expect(stack.askToApply('0'.repeat(64))).rejects.toMatchObject({ code: 'PLAN_NOT_READY' });
  });

  test('ends, and says why, where the mapping does not fit the org', async () => {
    const stack = await aPlannedStack();
    stack.deploy(aConfig({ contact: { fieldMap: { lastName: 'LastName', shoe: 'Shoe__c' } } }));
    expect(await stack.plan()).toMatchObject({
      outcome: 'MAPPING_INVALID',
      problems: [expect.stringContaining('Shoe__c')],
    });
  });

  test('ends, and says why, where only a mark does not fit the org, which makes no new revision', async () => {
    const stack = await aPlannedStack();
    stack.deploy(aConfig({ contact: { deletePolicy: { toSalesforce: { mark: 'Shoe__c' } } } }));
    expect(await stack.plan()).toMatchObject({
      outcome: 'MAPPING_INVALID',
      problems: [expect.stringContaining('Shoe__c')],
    });
  });

  test('waits while the connection is paused, and goes on by itself', async () => {
    const stack = await aPlannedStack();
    await stack.ask();
    const stored = stack.connections.stored.get('c1');
    if (!stored) throw new Error('there is a connection');
    stack.connections.stored.set('c1', { ...stored, status: 'paused' });
    await stack.work();
    expect((await stack.status()).outcome).toBe('under-way');
    stack.connections.stored.set('c1', stored);
    for (const { mappingId } of stack.mappingStates.states.values())
      await stack.mappingStates.makeDue(mappingId, stack.clock.now());
    // No sweep is to do it instead.
    const plan = await stack.status();
    expect(plan.phase).toBe('planning');
    await stack.passes(30);
    expect((await stack.status()).phase).toBe('planned');
  });
});

test('the status of a mapping that has no plan is empty, and of one that there is not it says so', async () => {
  const stack = await aPlannedStack();
  const ports = { ...stack.ports, bulkExecutions: stack.executions };
  expect(await planStatus(ports, { mappingId: 'c1.contact' })).toEqual({});
  await expect(planStatus(ports, { mappingId: 'c1.contatc' })).rejects.toMatchObject({
    code: 'UNKNOWN_MAPPING',
  });
});
