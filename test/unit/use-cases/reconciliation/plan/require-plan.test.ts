import { describe, expect, test } from '@jest/globals';
import { StoreUnavailable } from '../../../../../shared/aws/errors.ts';
import { listMappings } from '../../../../../shared/use-cases/operations/mappings.ts';
import { InMemoryBulkExecutions } from '../../../../in-memory/bulk-jobs.ts';
import { aConfig, aStack, MAPPING_ID, type Stack } from '../schedules/a-stack.ts';
import { planning } from './a-planned-stack.ts';

const asking = (change: object = {}) => aConfig({ contact: { requirePlan: true, ...change } });
const FIELDS = { firstName: 'FirstName', lastName: 'LastName', email: 'Email' };
/** The title comes from Salesforce alone, and under another name. */
const CHANGED = asking({
  fieldMap: { ...FIELDS, job: { field: 'Title', direction: 'from-salesforce' } },
});

const shown = async (stack: Stack) => {
  const ports = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  return (await listMappings(ports, { connectionId: 'c1' })).mappings[0];
};

/** Ann in both places, under a mapping that asks for plans and has had one. */
async function aRunningStack() {
  const stack = aStack({ config: asking() });
  const ann = stack.org.insert({ LastName: 'Lee', Title: 'CTO', External_Id__c: 'ann' });
  await stack.passes(10);
  const planned = planning(stack);
  await planned.plan();
  await planned.apply();
  await stack.passes(10);
  expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
  return { ...stack, ...planned, stack, ann };
}

describe('a new mapping that asks for a plan', () => {
  test('does nothing until one was applied, and then begins with a pass over everything', async () => {
    const stack = aStack({ config: asking() });
    const { plan, apply } = planning(stack);
    stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann' });
    stack.putItem('bob', { lastName: 'bob' });
    await stack.passes(30);
    expect(stack.tables.keys('contacts')).toEqual(['bob']);
    expect(stack.org.alive()).toHaveLength(1);
    expect(await shown(stack)).toMatchObject({ waitsForPlan: 'waits', status: 'loading' });

    const planned = await plan();
    expect(planned.totals.kinds).toMatchObject({ 'create-item': 1, 'create-record': 1 });
    await stack.passes(30);
    expect(stack.tables.keys('contacts')).toEqual(['bob']);
    await apply();

    expect(stack.tables.keys('contacts')).toEqual(['ann', 'bob']);
    expect(stack.org.withKey('bob')).toBeDefined();
    stack.org.insert({ LastName: 'Later', External_Id__c: 'carla' });
    stack.putItem('dan', { lastName: 'dan' });
    await stack.passes(30);
    expect(stack.tables.keys('contacts')).toEqual(['ann', 'bob', 'carla', 'dan']);
    expect(stack.org.withKey('dan')).toBeDefined();
    expect(await shown(stack)).not.toHaveProperty('waitsForPlan');
  });
});

describe('a changed mapping that asks for a plan', () => {
  test('goes on as it was, both ways, until a plan of the change was applied', async () => {
    const stack = await aRunningStack();
    stack.deploy(CHANGED);
    await stack.passes(30);
    stack.org.edit(stack.ann, { Title: 'CEO' });
    await stack.passes(10);
    expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
    stack.putItem('ann', { email: 'ann@example.com' });
    await stack.passes(10);
    expect(stack.org.records.get(stack.ann)?.fields).toMatchObject({ Email: 'ann@example.com' });
    expect(stack.item('ann')).not.toHaveProperty('job');
    expect(await shown(stack.stack)).toMatchObject({ waitsForPlan: 'goes-on-as-before', status: 'active' });
    const { revision } = await stack.state();

    const { totals, samples } = await stack.plan();
    expect(totals).toEqual({ keys: 1, kinds: { 'change-item': 1 } });
    expect(samples['change-item']).toEqual([{ key: 'ann', fields: ['job'] }]);
    expect((await stack.state()).revision).toEqual(revision);
    expect(await stack.apply()).toMatchObject({ applying: { done: 1, leftovers: {} } });

    expect(stack.item('ann')).toMatchObject({ job: 'CEO' });
    await stack.passes(10);
    expect((await stack.state()).revision).toMatchObject({ revision: (revision?.revision ?? 0) + 1 });
    stack.org.edit(stack.ann, { Title: 'President' });
    await stack.passes(10);
    expect(stack.item('ann')).toMatchObject({ job: 'President', title: 'CEO' });
    expect(await shown(stack.stack)).not.toHaveProperty('waitsForPlan');
  });

  test('waits with other policies too, and a plan of what if does not let them begin', async () => {
    const stack = await aRunningStack();
    stack.deploy(asking({ deletePolicy: 'propagate' }));
    await stack.passes(10);
    await stack.plan({ conflictPolicy: 'local-wins' });
    await expect(stack.askToApply()).rejects.toMatchObject({ code: 'PLAN_REQUIRED' });
    stack.org.remove(stack.ann);
    await stack.passes(30);
    expect(stack.item('ann')).toBeDefined();
    expect(await shown(stack.stack)).toMatchObject({ waitsForPlan: 'goes-on-as-before' });
  });

  test('is as it was once the change is taken back', async () => {
    const stack = await aRunningStack();
    stack.deploy(CHANGED);
    await stack.passes(10);
    stack.deploy(asking());
    expect(await shown(stack.stack)).not.toHaveProperty('waitsForPlan');
    stack.org.edit(stack.ann, { Title: 'CEO' });
    await stack.passes(10);
    expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
  });

  test('is not begun by a plan of something else than what is deployed by now', async () => {
    const stack = await aRunningStack();
    stack.deploy(CHANGED);
    await stack.plan();
    await stack.askToApply();
    stack.deploy(asking({ fieldMap: { lastName: 'LastName' } }));
    await stack.work();
    expect(await stack.status()).toMatchObject({ outcome: 'PLAN_STALE' });
    await stack.passes(10);
    expect(await shown(stack.stack)).toMatchObject({ waitsForPlan: 'goes-on-as-before' });
    expect(MAPPING_ID).toBe('c1.contact');
  });
});

describe('a plan that ends in the middle of its application leaves nothing stuck', () => {
  /** The title under another name, both ways, or another field under that name. */
  const job = (field: string, requirePlan = true) =>
    aConfig({ contact: { requirePlan, fieldMap: { ...FIELDS, job: field } } });
  const revisionOf = async (stack: Stack) => (await stack.state()).revision?.revision ?? 0;

  /** Two pages of a change are planned, and of both everything is in Salesforce; the first page is gone. */
  async function aHalfAppliedStack(config = asking()) {
    const stack = aStack({ config, pageRows: 1 });
    const ids = ['ann', 'bob'].map((key) =>
      stack.org.insert({ LastName: key, Title: 'CTO', External_Id__c: key }),
    );
    await stack.passes(10);
    const planned = planning(stack);
    if (stack.ports.config.mappings.contact?.requirePlan) {
      await planned.plan();
      await planned.apply();
      await stack.passes(10);
    }
    await stack.withoutSweeps();
    return { ...stack, ...planned, stack, ids };
  }
  /** The last that is applied. */
  const FIRST_PAGE = 'page-000000.json';
  type Half = Awaited<ReturnType<typeof aHalfAppliedStack>>;

  const applyHalf = async (stack: Half) => {
    await stack.plan();
    for (const name of stack.staging.objects.keys())
      if (name.endsWith(FIRST_PAGE)) stack.staging.objects.delete(name);
    expect(await stack.apply()).toMatchObject({ outcome: 'PLAN_EXPIRED', applying: { done: 1 } });
  };

  test.each(['a page is gone', 'another change is deployed'])('where %s', async (how) => {
    const stack = await aHalfAppliedStack();
    const before = await revisionOf(stack.stack);
    stack.deploy(job('Title'));
    if (how === 'a page is gone') {
      await applyHalf(stack);
    } else {
      await stack.plan();
      const { get } = stack.staging;
      stack.staging.get = async (name) => {
        if (name.endsWith(FIRST_PAGE)) throw new StoreUnavailable('STORE_UNAVAILABLE' as never);
        return get.call(stack.staging, name);
      };
      await stack.apply();
      stack.staging.get = get;
      stack.deploy(job('Department'));
      await stack.passes(3);
      expect(await stack.status()).toMatchObject({ outcome: 'PLAN_STALE', applying: { done: 1 } });
    }
    for (const key of ['ann', 'bob']) stack.putItem(key, { email: `${key}@example.com` });
    await stack.passes(3);
    expect(stack.parked()).toEqual([]);
    expect(stack.org.alive().map(({ fields }) => fields.Email)).toEqual([
      'ann@example.com',
      'bob@example.com',
    ]);
    expect(await shown(stack.stack)).toMatchObject({ waitsForPlan: 'goes-on-as-before' });
    expect(await revisionOf(stack.stack)).toBeGreaterThan(before + 1);
  });

  test('and its values are not taken for those of the next change', async () => {
    const stack = await aHalfAppliedStack();
    stack.deploy(job('Title'));
    await applyHalf(stack);
    const done = ['ann', 'bob'].filter((key) => stack.item(key)?.job === 'CTO');
    expect(done).toHaveLength(1);
    stack.deploy(job('Department'));
    await stack.plan();
    await stack.apply();
    await stack.passes(10);
    // Nobody has ever emptied the department.
    expect(done.map((key) => stack.item(key)?.job)).toEqual(['CTO']);
  });

  test.each(['Title', 'Department'])(
    'nor where no worker has gone by what was planned yet, and %s is deployed next',
    async (field) => {
      const stack = await aHalfAppliedStack(aConfig());
      const before = await revisionOf(stack.stack);
      stack.deploy(job('Title', false));
      await stack.plan();
      expect(await stack.apply()).toMatchObject({ outcome: 'applied', applying: { done: 2 } });
      stack.deploy(job(field, false));
      await stack.passes(10);
      stack.putItem('ann', { email: 'ann@example.com' });
      await stack.passes(10);
      expect(['ann', 'bob'].map((key) => stack.item(key)?.job)).toEqual(['CTO', 'CTO']);
      expect(stack.org.withKey('ann')?.fields).toMatchObject({ Email: 'ann@example.com' });
      expect(stack.parked()).toEqual([]);
      expect(await revisionOf(stack.stack)).toBe(before + (field === 'Title' ? 1 : 2));
    },
  );

  test('nor where that is taken back before any worker went by it', async () => {
    const stack = await aHalfAppliedStack(aConfig());
    stack.deploy(job('Title', false));
    await stack.plan();
    await stack.apply();
    stack.deploy(aConfig());
    stack.clock.advance(10 * 60_000);
    for (const key of ['ann', 'bob']) stack.putItem(key, { email: `${key}@example.com` });
    await stack.passes(10);
    expect(stack.parked()).toEqual([]);
    expect(stack.org.alive().map(({ fields }) => fields.Email)).toEqual([
      'ann@example.com',
      'bob@example.com',
    ]);
  });
});

test('a mapping that ran before it asked for plans goes on, and its next change waits', async () => {
  const stack = aStack();
  const ann = stack.org.insert({ LastName: 'Lee', Title: 'CTO', External_Id__c: 'ann' });
  await stack.passes(10);
  stack.deploy(asking());
  stack.org.edit(ann, { Title: 'CEO' });
  await stack.passes(10);
  expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
  stack.deploy(CHANGED);
  await stack.passes(30);
  expect(stack.item('ann')).not.toHaveProperty('job');
  expect(await shown(stack)).toMatchObject({ waitsForPlan: 'goes-on-as-before' });
});

test('changes of pairs wait, and none is lost, where nobody knows what the mapping was before', async () => {
  const stack = aStack();
  stack.org.insert({ LastName: 'Lee', Title: 'CTO', External_Id__c: 'ann' });
  await stack.passes(10);
  stack.deploy(CHANGED);
  stack.putItem('ann', { email: 'ann@example.com' });
  await stack.passes(10);
  expect(stack.parked()).toMatchObject([{ key: 'ann', local: { reason: 'PLAN_REQUIRED' } }]);
  const { plan, apply } = planning(stack);
  await plan();
  await apply();
  await stack.passes(40);
  expect(stack.org.withKey('ann')?.fields).toMatchObject({ Email: 'ann@example.com' });
  expect(stack.item('ann')).toMatchObject({ job: 'CTO' });
});
