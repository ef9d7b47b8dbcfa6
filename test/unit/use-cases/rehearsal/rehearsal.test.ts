import { expect, test } from '@jest/globals';
import { fullSweepStatus, startFullSweep } from '../../../../shared/use-cases/operations/full-sweeps.ts';
import { pushNow } from '../../../../shared/use-cases/operations/mappings.ts';
import { applyPlan, startPlan } from '../../../../shared/use-cases/operations/plans.ts';
import {
  promoteRehearsal,
  type RehearsalAnswer,
  rehearsalReport,
} from '../../../../shared/use-cases/operations/rehearsals.ts';
import { openRehearsable } from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import { openAsDeployed } from '../../../../shared/use-cases/reconciliation/plan/open-as-deployed.ts';
import { aConfig, aStack, beforeNext, MAPPING_ID, type Stack } from '../reconciliation/schedules/a-stack.ts';

const READS = new Set(['select', 'selectTogether', 'nextPage', 'describe', 'count']);
const rehearsing = aConfig({ contact: { rehearsal: true, deletePolicy: 'propagate' } });
const live = aConfig({ contact: { deletePolicy: 'propagate' } });

const operator = (stack: Stack) => {
  const ports = { ...stack.ports, bulkExecutions: stack.executions };
  return {
    ports,
    report: (withValues = false) => rehearsalReport(ports, { mappingId: MAPPING_ID, limit: 10, withValues }),
    promote: (hash: string) => promoteRehearsal(ports, { mappingId: MAPPING_ID, hash }),
  };
};

/** What both sides hold. */
const sidesOf = (stack: Stack) => ({
  items: Object.fromEntries(stack.tables.keys('contacts').map((key) => [key, stack.item(key)])),
  records: structuredClone([...stack.org.records.values()]),
});

const aRehearsal = (config = rehearsing) => {
  const stack = aStack({ config });
  const ann = stack.org.insert({ FirstName: 'Ann', LastName: 'Lee', Title: 'CEO', External_Id__c: 'ann' });
  const kay = stack.org.insert({ LastName: 'Kay' });
  stack.putItem('ann', { firstName: 'Ann', lastName: 'Lee', title: 'CTO' });
  stack.putItem('poe', { lastName: 'Poe' });
  return { stack, ann, kay };
};

test('nothing is written to either side while a mapping is rehearsed, whatever happens, and Salesforce is only read', async () => {
  const { stack, ann } = aRehearsal();
  const before = sidesOf(stack);
  const writes = stack.tables.writes;

  await stack.passes(30);
  expect(sidesOf(stack)).toEqual(before);
  expect(stack.tables.writes).toBe(writes);

  stack.org.edit(ann, { Title: 'Boss' });
  stack.putItem('poe', { lastName: 'Poe', title: 'Writer' });
  stack.deleteItem('ann');
  await stack.passes(30);

  expect(stack.org.writes).toBe(0);
  expect(stack.item('ann')).toBeUndefined();
  expect(stack.org.alive()).toHaveLength(2);
  expect(stack.org.calls.filter((call) => !READS.has(call))).toEqual([]);
  expect(stack.executions.started).toEqual([]);
  expect(stack.link('ann')).toBeUndefined();
  expect(stack.dead).toEqual([]);
  const runs = await stack.journal.runs(MAPPING_ID, 100);
  expect(runs.every(({ counts }) => counts.createdLocally + counts.createdInSalesforce === 0)).toBe(true);
});

test('it decides as it would: what it wrote before reads as written, and edits of people come through', async () => {
  const { stack, ann } = aRehearsal();
  await stack.passes(30);
  const first = await operator(stack).report(true);
  expect(first).toMatchObject({
    isWhole: true,
    counts: {
      items: { create: 1, update: 2, delete: 0 },
      records: { create: 1, update: 0, delete: 0 },
      held: 0,
    },
  });
  const byKey = (report: RehearsalAnswer, key: string, side: string) =>
    report.samples.find((one) => one.key === key && one.side === side);
  expect(byKey(first, 'ann', 'item')).toMatchObject({ kind: 'update', values: { title: 'CEO' } });
  expect(byKey(first, 'poe', 'record')).toMatchObject({ kind: 'create', values: { lastName: 'Poe' } });

  stack.putItem('ann', { title: 'COO' });
  await stack.passes(10);
  expect(byKey(await operator(stack).report(true), 'ann', 'record')).toMatchObject({
    kind: 'update',
    values: { title: 'COO' },
  });

  stack.org.edit(ann, { Title: 'Boss' });
  await stack.passes(10);
  expect(byKey(await operator(stack).report(true), 'ann', 'item')).toMatchObject({
    kind: 'update',
    values: { title: 'Boss' },
  });

  stack.deleteItem('ann');
  await stack.passes(10);
  expect(byKey(await operator(stack).report(), 'ann', 'record')).toEqual({
    key: 'ann',
    side: 'record',
    kind: 'delete',
    fields: [],
  });
});

test('once promoted it does what the report said, and what the rehearsal kept is gone', async () => {
  const { stack } = aRehearsal();
  await stack.passes(30);
  const { hash, samples } = await operator(stack).report(true);
  const before = sidesOf(stack);

  expect(await operator(stack).promote(hash)).toMatchObject({ promoted: true });
  await stack.passes(30);

  expect(stack.syncStore.overlays.stored.size).toBe(0);
  expect([...stack.syncStore.storedLinks.keys()].filter((key) => key.includes('~'))).toEqual([]);
  expect([...stack.syncStore.pointers.keys()].filter((key) => key.includes('~'))).toEqual([]);
  const state = await stack.state();
  expect(state).not.toHaveProperty('rehearsal');
  expect(state).not.toHaveProperty('leftoversSince');
  const names = { firstName: 'FirstName', lastName: 'LastName', email: 'Email', title: 'Title' } as const;
  const isName = (name: string): name is keyof typeof names => name in names;
  for (const { key, side, kind, values = {} } of samples) {
    const [was, is] =
      side === 'item'
        ? [before.items[key], stack.item(key)]
        : [undefined, stack.org.records.get(stack.link(key)?.sfId ?? '')?.fields];
    expect(is).toBeDefined();
    if (side === 'item' && kind === 'update') expect(was).toBeDefined();
    for (const [name, value] of Object.entries(values))
      if (isName(name)) expect(is?.[side === 'item' ? name : names[name]]).toBe(value);
  }
  // And nothing else: three items, three records.
  expect(stack.tables.keys('contacts')).toHaveLength(3);
  expect(stack.org.alive()).toHaveLength(3);
  expect(stack.org.writes).toBe(1);
  stack.org.writes = 0;
  await stack.passes(30);
  expect(stack.org.writes).toBe(0);
});

test('a wrong hash, an old one and one of another mapping are refused, and so is a promotion before the first pass', async () => {
  const { stack } = aRehearsal();
  await stack.passes(1);
  const { report, promote } = operator(stack);
  await expect(promote('0'.repeat(64))).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });
  await stack.passes(30);
  const old = await report();
  await expect(promote('0'.repeat(64))).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });
  stack.putItem('new', { lastName: 'New' });
  await stack.passes(10);
  const { hash } = await report();
  expect(hash).not.toBe(old.hash);
  await expect(promote(old.hash)).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });

  stack.deploy(aConfig({ contact: { rehearsal: true, fieldMap: { lastName: 'LastName' } } }));
  await stack.passes(30);
  await expect(promote(hash)).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });

  const now = operator(stack);
  const again = await now.report();
  await now.promote(again.hash);
  await expect(now.promote(again.hash)).rejects.toMatchObject({ code: 'NOT_IN_REHEARSAL' });
  await expect(now.report()).rejects.toMatchObject({ code: 'NOT_IN_REHEARSAL' });
});

test('what a look of the rehearsal keeps that outlives the promotion is dropped too', async () => {
  const { stack } = aRehearsal();
  await stack.passes(30);
  const { hash } = await operator(stack).report();
  stack.putItem('late', { lastName: 'Late' });
  await stack.deliverStream();
  beforeNext(stack.org, 'select', async () => {
    await operator(stack).promote(hash);
    await stack.work();
    expect(stack.syncStore.overlays.stored.size).toBe(0);
  });
  await stack.work();
  expect(stack.syncStore.overlays.stored.size).toBe(1);

  await stack.passes(10);

  expect(stack.syncStore.overlays.stored.size).toBe(0);
  expect([...stack.syncStore.storedLinks.keys()].filter((key) => key.includes('~'))).toEqual([]);
  expect(await stack.state()).not.toHaveProperty('leftoversSince');
  expect(stack.org.alive().map(({ fields }) => fields.LastName)).toContain('Late');
});

test('one that begins anew does so once no look of before can be under way', async () => {
  const { stack } = aRehearsal();
  await stack.passes(30);
  stack.deploy(aConfig({ contact: { rehearsal: true, conflictPolicy: 'local-wins' } }));
  const sweep = () => stack.hints.send([{ kind: 'sweep', mappingId: MAPPING_ID, runId: 'anew' }]);
  await sweep();
  await stack.work();
  stack.clock.advance(74_000);
  await sweep();
  await stack.work();
  const state = await stack.state();
  expect(state).toMatchObject({ leftoversSince: expect.any(String) });
  expect(state).not.toHaveProperty('watermark');
  expect(stack.syncStore.overlays.stored.size).toBeGreaterThan(0);

  stack.clock.advance(1_000);
  await sweep();
  await stack.work();
  expect(await stack.state()).toMatchObject({ watermark: expect.any(String) });
  expect(await stack.state()).not.toHaveProperty('leftoversSince');
});

test('it begins anew where the mapping is changed, and no report of before is promoted', async () => {
  const onTheRecord = { rehearsal: true, conflictPolicy: 'salesforce-wins' } as const;
  const { stack, ann } = aRehearsal(aConfig({ contact: onTheRecord }));
  await stack.passes(30);
  const old = await operator(stack).report();
  expect(old.counts).toMatchObject({ items: { update: 2 }, records: { update: 0 } });

  stack.deploy(aConfig({ contact: { ...onTheRecord, conflictPolicy: 'local-wins' } }));
  await expect(operator(stack).promote(old.hash)).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });
  await expect(operator(stack).report()).rejects.toMatchObject({ code: 'REHEARSAL_UNFINISHED' });
  await stack.passes(30);
  await expect(operator(stack).promote(old.hash)).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });

  const { hash, counts, isWhole } = await operator(stack).report();
  expect(isWhole).toBe(true);
  expect(counts).toMatchObject({ items: { update: 2 }, records: { update: 1 } });
  await operator(stack).promote(hash);
  await stack.passes(30);
  expect([stack.item('ann')?.title, stack.org.records.get(ann)?.fields.Title]).toEqual(['CTO', 'CTO']);
});

test('a field that is added is reported on once it is checked', async () => {
  const { stack } = aRehearsal(aConfig({ contact: { rehearsal: true, fieldMap: { lastName: 'LastName' } } }));
  await stack.passes(30);
  stack.deploy(rehearsing);
  await expect(operator(stack).report()).rejects.toMatchObject({ code: 'REHEARSAL_UNFINISHED' });
  await stack.passes(30);
  expect(await operator(stack).report()).toMatchObject({ isWhole: true });
});

test('a live mapping is not put back into rehearsal by a deployment, nor a rehearsed one made live', async () => {
  const { stack } = aRehearsal(live);
  await stack.passes(30);
  stack.deploy(rehearsing);
  stack.putItem('poe', { title: 'Writer' });
  await stack.passes(30);
  expect(stack.org.withKey('poe')?.fields.Title).toBe('Writer');

  const { stack: other } = aRehearsal();
  await other.passes(30);
  other.deploy(live);
  await other.passes(30);
  expect(other.org.writes).toBe(0);
  const { hash } = await operator(other).report();
  await operator(other).promote(hash);
  await other.passes(30);
  expect(other.org.writes).toBeGreaterThan(0);
});

test('pushes, full sweeps and bulk loads are refused, or read row by row', async () => {
  const { stack } = aRehearsal(aConfig({ contact: { rehearsal: true, bulkThreshold: 1 } }));
  await stack.passes(30);
  const { ports } = operator(stack);
  expect(stack.executions.started).toEqual([]);
  expect((await stack.state()).watermark).toBeDefined();
  await expect(pushNow(ports, { mappingId: MAPPING_ID })).rejects.toMatchObject({
    code: 'MAPPING_REHEARSED',
  });
  await expect(startFullSweep(ports, { mappingId: MAPPING_ID })).rejects.toMatchObject({
    code: 'MAPPING_REHEARSED',
  });
  await stack.hints.send([{ kind: 'full-sweep', mappingId: MAPPING_ID, sweepId: 's1' }]);
  await stack.passes(5);
  expect(await fullSweepStatus(ports, { mappingId: MAPPING_ID })).toEqual({});
  await stack.executions.startPush({ bulkJobId: 'b1', mappingId: MAPPING_ID });
  await stack.passes(5);
  expect(stack.org.writes).toBe(0);
});

test('a mark shows as an update that sets it, or takes it back, and is set on neither side', async () => {
  const deletePolicy = { fromSalesforce: { mark: 'deletedAt' }, toSalesforce: { mark: 'Opted_In__c' } };
  const { stack, ann, kay } = aRehearsal(aConfig({ contact: { rehearsal: true, deletePolicy } }));
  stack.putItem('kay', { lastName: 'Kay' });
  stack.org.edit(kay, { External_Id__c: 'kay' });
  await stack.passes(30);
  const item = stack.item('ann') ?? {};
  const shown = async (key: string, side: string) =>
    (await operator(stack).report()).samples.find((one) => one.key === key && one.side === side);
  stack.deleteItem('ann');
  stack.org.remove(kay);
  await stack.passes(30);

  expect(await shown('ann', 'record')).toEqual({
    key: 'ann',
    side: 'record',
    kind: 'update',
    fields: [],
    marks: 'set',
  });
  expect(await shown('kay', 'item')).toMatchObject({ kind: 'update', marks: 'set' });
  expect(stack.org.writes).toBe(0);
  expect(stack.org.records.get(ann)?.fields.Opted_In__c).not.toBe(true);
  expect(stack.item('kay')).not.toHaveProperty('deletedAt');

  stack.putItem('ann', item);
  await stack.passes(30);
  expect(await shown('ann', 'record')).toMatchObject({ kind: 'update', marks: 'taken-back' });
  expect(stack.org.writes).toBe(0);
});

test('nothing is planned of a rehearsal, and it waits for no plan', async () => {
  const { stack } = aRehearsal();
  await stack.passes(30);
  await expect(
    startPlan({ ...stack.ports, bulkExecutions: stack.executions }, { mappingId: MAPPING_ID }),
  ).rejects.toMatchObject({ code: 'MAPPING_REHEARSED' });
  await expect(
    applyPlan(
      { ...stack.ports, bulkExecutions: stack.executions },
      { mappingId: MAPPING_ID, planId: 'p1', hash: '0'.repeat(64) },
    ),
  ).rejects.toMatchObject({ code: 'MAPPING_REHEARSED' });
  const asksForPlans = {
    ...stack.ports,
    config: aConfig({ contact: { requirePlan: true, deletePolicy: 'propagate' } }),
  };
  expect(await openRehearsable(asksForPlans, MAPPING_ID)).toMatchObject({ kind: 'open' });
  expect(await openAsDeployed(asksForPlans, MAPPING_ID, {})).toMatchObject({ reason: 'MAPPING_REHEARSED' });
});
