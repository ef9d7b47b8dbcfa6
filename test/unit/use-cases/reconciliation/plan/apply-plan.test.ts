import { describe, expect, test } from '@jest/globals';
import { syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { applyPlan } from '../../../../../shared/use-cases/operations/plans.ts';
import { aConfig, aStack, beforeNext, MAPPING_ID } from '../schedules/a-stack.ts';
import { aPlannedStack, everythingOf, planning } from './a-planned-stack.ts';

describe('a plan that is applied', () => {
  test('on sides that nobody touched does all that it says, and nothing else', async () => {
    const stack = await aPlannedStack();
    const { toApply } = await stack.plan();

    expect(await stack.apply()).toMatchObject({
      phase: 'applied',
      outcome: 'applied',
      applying: { done: 5, leftovers: {}, pagesLeft: 0, calls: toApply.calls },
    });

    expect(await stack.leftovers()).toEqual([]);
    const [run] = await stack.journal.runs('c1.contact', 1);
    expect(run).toMatchObject({
      cause: 'plan',
      counts: { createdLocally: 1, updatedLocally: 2, createdInSalesforce: 1, updatedInSalesforce: 2 },
    });
    expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
    expect(stack.org.records.get(stack.idOf('bob'))?.fields).toMatchObject({ Title: 'CFO' });
    expect(stack.item('carla')).toMatchObject({ title: 'COO', email: 'carla@example.com' });
    expect(stack.org.records.get(stack.idOf('carla'))?.fields).toMatchObject({
      Title: 'COO',
      Email: 'carla@example.com',
    });
    expect(stack.item('dan')).toMatchObject({ lastName: 'dan' });
    expect(stack.item('eve')).toMatchObject({ salesforceId: expect.any(String) });
    stack.stream.length = 0;
    expect((await stack.plan()).totals.keys).toBe(0);
  });

  test('leaves what was changed since, or is done already, and lists it', async () => {
    const stack = await aPlannedStack();
    await stack.plan();
    stack.org.edit(stack.idOf('ann'), { Title: 'President' });
    stack.putItem('eve', { lastName: 'eve', email: 'eve@example.com' });
    await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.contact', keys: [{ key: 'bob' }] }]);
    await stack.work();

    const plan = await stack.apply();

    expect(plan.applying).toMatchObject({ done: 2, leftovers: { changed: 2, settled: 1 } });
    expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
    expect(stack.item('eve')).not.toHaveProperty('salesforceId');
    const left = (await stack.leftovers()).map(({ key, localKey, reason }) => [localKey ?? key, reason]);
    expect(left.sort()).toEqual([
      ['ann', 'changed'],
      ['bob', 'settled'],
      ['eve', 'changed'],
    ]);
  });

  test('says so where something else came of it than was planned', async () => {
    const stack = await aPlannedStack();
    await stack.plan();
    stack.org.refuse = ({ LastName }) =>
      LastName === 'bob'
        ? { code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'No.', fields: [] }
        : undefined;

    const plan = await stack.apply();

    expect(plan.applying).toMatchObject({ done: 4, leftovers: { otherwise: 1 } });
    expect(await stack.leftovers()).toMatchObject([{ reason: 'otherwise' }]);
    expect(await stack.rejections()).toMatchObject([{ key: 'bob' }]);
  });

  test('does not call done what was changed in the moment of its writing', async () => {
    const stack = await aPlannedStack();
    await stack.plan();
    beforeNext(stack.org, 'update', () => stack.putItem('bob', { title: 'Later' }));

    const { applying } = await stack.apply();

    const record = stack.org.records.get(stack.idOf('bob'));
    const isAsPlanned = record?.fields.Title === 'CFO';
    expect(applying?.leftovers).toEqual(isAsPlanned ? {} : { otherwise: 1 });
  });

  test('is done once, however often it is asked for', async () => {
    const stack = await aPlannedStack();
    const { planId } = await stack.plan();
    expect(await stack.askToApply()).toEqual({ status: 'begun' });
    expect(await stack.askToApply()).toEqual({ status: 'under-way' });
    await stack.work();
    const before = everythingOf(stack.stack);
    expect(await stack.askToApply()).toEqual({ status: 'applied' });
    await stack.hints.send([{ kind: 'plan', mappingId: 'c1.contact', planId }]);
    await stack.work();
    expect(everythingOf(stack.stack)).toEqual(before);
    expect((await stack.status()).applying).toMatchObject({ done: 5, leftovers: {} });
  });

  test('goes on where it was, whenever its worker dies, and does every key once', async () => {
    for (let death = 0; death < 8; death += 1) {
      const stack = await aPlannedStack({ pageRows: 2 });
      await stack.plan();
      await stack.askToApply();
      const { move } = stack.plans;
      let moves = 0;
      stack.plans.move = async (...args) => {
        moves += 1;
        if (moves === death + 1) throw new Error('the worker died');
        return move.apply(stack.plans, args);
      };
      for (let minute = 0; minute < 5; minute += 1) {
        await stack.work();
        stack.clock.advance(100_000);
      }
      const { applying, outcome } = await stack.status();
      expect(outcome).toBe('applied');
      const { done = 0, leftovers = {} } = applying ?? {};
      // A page that was done when its worker died is found settled.
      expect(done + (leftovers.settled ?? 0)).toBe(5);
      expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
      expect(stack.org.alive().filter(({ fields }) => fields.LastName === 'eve')).toHaveLength(1);
    }
  });

  test('is refused by another hash, and where there is none yet', async () => {
    const stack = await aPlannedStack();
    await stack.ask();
    await expect(stack.askToApply('0'.repeat(64))).rejects.toMatchObject({ code: 'PLAN_NOT_READY' });
    await stack.work();
    const before = everythingOf(stack.stack);
    await expect(stack.askToApply('0'.repeat(64))).rejects.toMatchObject({ code: 'PLAN_HASH_WRONG' });
    await stack.work();
    expect(everythingOf(stack.stack)).toEqual(before);
  });

  test('is not what the hash of an older plan stands for', async () => {
    const stack = await aPlannedStack();
    const old = await stack.plan();
    stack.putItem('fay', { title: 'new since' });
    stack.stream.length = 0;
    expect((await stack.plan()).hash).not.toBe(old.hash);
    const before = everythingOf(stack.stack);

    await expect(stack.askToApply(old.hash)).rejects.toMatchObject({ code: 'PLAN_HASH_WRONG' });
    const ports = { ...stack.ports, bulkExecutions: stack.executions };
    const asked = { mappingId: MAPPING_ID, planId: old.planId, hash: old.hash ?? '' };
    await expect(applyPlan(ports, asked)).rejects.toMatchObject({ code: 'UNKNOWN_PLAN' });

    await stack.work();
    expect(everythingOf(stack.stack)).toEqual(before);
  });

  test('of several pages does none that is another, nor those before it', async () => {
    const stack = await aPlannedStack({ pageRows: 500 });
    for (let n = 0; n < 401; n += 1) stack.putItem(`person-${n}`, { lastName: `Person ${n}` });
    stack.stream.length = 0;
    expect((await stack.plan()).pages).toBeGreaterThan(2);
    const pages = [...stack.staging.objects].filter(([name]) => name.includes('/page-')).toSorted();
    const first = must(pages[0], 'a page');
    const spoilt = Buffer.from(first[1]).toString('utf8').replace('"dan"', '"don"');
    stack.staging.objects.set(first[0], new Uint8Array(Buffer.from(spoilt)));

    expect(await stack.apply()).toMatchObject({
      outcome: 'PLAN_HASH_WRONG',
      applying: { pagesLeft: 1, leftovers: {} },
    });

    const made = stack.tables.keys('contacts').filter((key) => key.startsWith('person-'));
    expect(made.filter((key) => stack.item(key)?.salesforceId === undefined)).toEqual([]);
    expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
    expect(stack.item('dan')).toBeUndefined();
  });

  test.each([
    ['its policies', { conflictPolicy: 'local-wins' }],
    ['its fields', { fieldMap: { lastName: 'LastName' } }],
  ] as const)('is stale once the mapping was deployed with other things: %s', async (_, change) => {
    const stack = await aPlannedStack();
    await stack.plan();
    stack.deploy(aConfig({ contact: { ...change } as never }));
    await expect(stack.askToApply()).rejects.toMatchObject({ code: 'PLAN_STALE' });
  });

  test('is stale, and stops, where the mapping is deployed anew before it was done', async () => {
    const stack = await aPlannedStack();
    await stack.plan();
    await stack.askToApply();
    const before = everythingOf(stack.stack);
    stack.deploy(aConfig({ contact: { conflictPolicy: 'local-wins' } }));

    await stack.work();

    expect(await stack.status()).toMatchObject({ outcome: 'PLAN_STALE', phase: 'applying' });
    expect(everythingOf(stack.stack)).toEqual(before);
  });

  test('does nothing of a page that is another than was planned, or is gone', async () => {
    for (const [outcome, spoil] of [
      ['PLAN_HASH_WRONG', (body: string) => body.replaceAll('"ann"', '"fay"')],
      ['PLAN_EXPIRED', () => undefined],
    ] as const) {
      const stack = await aPlannedStack();
      await stack.plan();
      for (const [name, bytes] of stack.staging.objects) {
        const body = spoil(Buffer.from(bytes).toString('utf8'));
        if (body === undefined) stack.staging.objects.delete(name);
        else stack.staging.objects.set(name, new Uint8Array(Buffer.from(body)));
      }
      expect(await stack.apply()).toMatchObject({ outcome });
      expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
    }
  });

  test('goes by the policies that it was made with', async () => {
    const stack = await aPlannedStack();
    stack.putItem('ann', { title: 'a title of its own' });
    stack.stream.length = 0;
    await stack.plan({ conflictPolicy: 'local-wins' });
    await stack.apply();
    expect(stack.org.records.get(stack.idOf('ann'))?.fields).toMatchObject({ Title: 'a title of its own' });
  });

  test('deletes items only where that is deployed: nobody else has the right to', async () => {
    for (const [config, code] of [
      [aConfig(), 'INVALID_INPUT'],
      [aConfig({ contact: {}, other: { sfObject: 'Lead', deletePolicy: 'propagate' } }), undefined],
    ] as const) {
      const stack = await aPlannedStack({ config });
      stack.org.remove(stack.idOf('fay'));
      await stack.plan({ deletePolicy: 'propagate' });
      if (code === undefined) expect(await stack.askToApply()).toEqual({ status: 'begun' });
      else await expect(stack.askToApply()).rejects.toMatchObject({ code });
    }
  });

  test('is a word for its deletions, however many they are', async () => {
    const stack = await aPlannedStack({
      config: aConfig({ contact: { deletePolicy: 'propagate' } }),
      deletionLimits: { most: 1, share: 0, least: 1 },
    });
    for (const key of ['ann', 'carla', 'fay']) stack.org.remove(stack.idOf(key));
    const { totals } = await stack.plan();
    expect(totals.kinds['delete-item']).toBeGreaterThan(1);
    const { applying } = await stack.apply();
    expect(applying).toMatchObject({ leftovers: {} });
    expect(stack.item('fay')).toBeUndefined();
  });

  test('is a word for its deletions, also while others are held, and these stay so', async () => {
    const stack = await aPlannedStack({
      config: aConfig({ contact: { deletePolicy: 'propagate' } }),
      deletionLimits: { most: 1, share: 0, least: 1 },
    });
    const alike = ['x', 'y'].map((key) => stack.org.insert({ LastName: key, External_Id__c: key }));
    await stack.hints.send([stack.remoteHint(...alike)]);
    await stack.work();
    for (const sfId of alike) stack.org.remove(sfId);
    await stack.hints.send([stack.remoteHint(...alike)]);
    await stack.work();
    const [before] = await stack.guardStates.ofMapping('c1.contact');
    expect(before?.state).toMatchObject({ closedSince: expect.any(String), held: 1 });
    for (const key of ['ann', 'fay']) stack.org.remove(stack.idOf(key));
    stack.stream.length = 0;

    await stack.plan();
    await stack.apply();

    expect(['ann', 'fay'].map(stack.item).filter(Boolean)).toEqual([]);
    expect(['x', 'y'].filter((key) => stack.item(key))).toHaveLength(1);
    const [after] = await stack.guardStates.ofMapping('c1.contact');
    expect(after?.state).toMatchObject({ closedSince: before?.state.closedSince, held: 1 });
    expect(Object.values(after?.state.hours ?? {})).toEqual([3]);
  });

  test('is no word for fields that many would lose: what goes beyond that waits for a person', async () => {
    const stack = await aPlannedStack({ deletionLimits: { most: 1, share: 0, least: 1 } });
    for (const key of ['ann', 'carla', 'fay'])
      stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.edit(stack.idOf(key), { Title: null }));
    await stack.plan();
    expect((await stack.apply()).applying).toMatchObject({ leftovers: { otherwise: 2 } });
    expect(['ann', 'carla', 'fay'].filter((key) => stack.item(key)?.title === 'CTO')).toHaveLength(2);
    expect((await stack.rejections()).map(({ code }) => code)).toEqual([
      'MANY_FIELDS_CLEARED',
      'MANY_FIELDS_CLEARED',
    ]);
  });

  test('pairs what is alike once, and makes no partner for a record whose item has changed since', async () => {
    const alike = aConfig({ contact: { match: ['externalId', { fields: ['email'] }] } });
    const config = syncConfig.parse({
      ...alike,
      localTables: {
        contacts: { keyField: 'id', tenantField: 'tenantId', matchIndexes: { email: 'byEmail' } },
      },
    });
    const stack = aStack({ config });
    await stack.passes(90);
    await stack.withoutSweeps();
    const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com' });
    stack.putItem('ann', { lastName: 'Lee', email: 'ann@example.com' });
    stack.stream.length = 0;
    const { plan, apply, entries } = planning(stack);
    expect((await plan()).totals.keys).toBe(1);
    expect(await entries()).toMatchObject([{ by: 'id', key: sfId, localKey: 'ann' }]);
    stack.putItem('ann', { title: 'CEO' });
    stack.stream.length = 0;

    expect((await apply()).applying).toMatchObject({ done: 0, leftovers: { changed: 1 } });

    expect(stack.tables.keys('contacts')).toEqual(['ann']);
    expect(stack.link('ann')).toBeUndefined();
    expect(stack.parked()).toEqual([]);
    await plan();
    expect((await apply()).applying).toMatchObject({ done: 1, leftovers: {} });
    expect(stack.link('ann')).toMatchObject({ state: 'linked', sfId });
  });
});
