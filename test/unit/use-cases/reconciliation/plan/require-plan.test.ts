import { describe, expect, test } from '@jest/globals';
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
    await stack.apply();
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
