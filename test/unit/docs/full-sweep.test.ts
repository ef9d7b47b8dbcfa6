import { expect, test } from '@jest/globals';
import { FINDING_KINDS, TALLIES } from '../../../shared/sync/full-sweep/findings.ts';
import {
  fullSweepFindings,
  fullSweepStatus,
  startFullSweep,
} from '../../../shared/use-cases/operations/full-sweeps.ts';
import { InMemoryBulkExecutions } from '../../in-memory/bulk-jobs.ts';
import { withFormula } from '../use-cases/reconciliation/full-sweep/a-swept-stack.ts';
import { aStack, MAPPING_ID as mappingId } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, firstCells, inlineCode, readPage } from './markdown.ts';

const PAGE = readPage('docs/13-full-sweep.md');
const HOUR_MS = 3_600_000;

test('the example of a full sweep comes out as the page shows it', async () => {
  const [status = '', findings = ''] = fences(PAGE, 'json');
  const stack = aStack({ config: withFormula() });
  const [ann = '', bob = '', carla = ''] = ['ann', 'bob', 'carla', 'dan', 'eve'].map((key) =>
    stack.org.insert({ LastName: key, External_Id__c: key }),
  );
  await stack.passes(4 * 60);
  await stack.withoutSweeps();
  stack.org.asOf(stack.org.nowMs() - HOUR_MS, () => stack.org.edit(ann, { Title: 'CEO' }));
  // To the connected user a hard-deleted record is as one that is hidden.
  stack.org.hide(bob, true);
  stack.org.recompute(carla, 'A');
  stack.deleteItem('dan');
  stack.stream.length = 0;

  const ports = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  await startFullSweep(ports, { mappingId });
  await stack.work();

  const { fullSweep } = await fullSweepStatus(ports, { mappingId });
  expect({ outcome: fullSweep?.outcome, counts: fullSweep?.counts }).toEqual(JSON.parse(status));
  const page = await fullSweepFindings(ports, { mappingId, kind: 'record-not-given', limit: 50 });
  expect(page).toEqual(JSON.parse(findings));
  expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
  expect(stack.item('carla')).toMatchObject({ grade: 'A' });
});

test('the page names every kind of finding, and no other', () => {
  const part = between(PAGE, '## What it finds', '## How it runs');
  expect(firstCells(part).sort()).toEqual([...FINDING_KINDS].sort());
  expect(inlineCode({ ...PAGE, text: part })).toEqual(expect.arrayContaining([...TALLIES]));
});

test('the example of a refresh of formulas comes out as the page shows it', async () => {
  const status = fences(PAGE, 'json')[2] ?? '';
  const stack = aStack({ config: withFormula() });
  const [carla = ''] = ['carla', 'dan', 'eve', 'finn', 'gwen'].map((key) =>
    stack.org.insert({ LastName: key, External_Id__c: key }),
  );
  await stack.passes(4 * 60);
  await stack.withoutSweeps();
  stack.org.recompute(carla, 'Gold');

  const ports = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  await startFullSweep(ports, { mappingId, scope: 'formulas' });
  await stack.work();

  const { fullSweep } = await fullSweepStatus(ports, { mappingId, scope: 'formulas' });
  const { outcome, counts, calls } = fullSweep ?? {};
  expect({ outcome, counts, calls }).toEqual(JSON.parse(status));
  expect(stack.item('carla')).toMatchObject({ grade: 'Gold' });
});
