import { expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import type { UndoObstacle } from '../../../shared/sync/undo/undo.ts';
import { startUndo } from '../../../shared/use-cases/operations/undos.ts';
import { InMemoryBulkExecutions } from '../../in-memory/bulk-jobs.ts';
import { planning } from '../use-cases/reconciliation/plan/a-planned-stack.ts';
import { aConfig, aStack, MAPPING_ID } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, firstCells, readPage } from './markdown.ts';

const PAGE = readPage('docs/20-undo.md');

/** Every call that the page shows, as the operation takes it. */
const calls = [...PAGE.text.matchAll(/'(\{"action":[^\n]+\})'/g)].map(([, json = '']) =>
  operation.parse(JSON.parse(json)),
);

test('the example of an undo comes out as the page shows it', async () => {
  const [status = '', page = '', applied = ''] = fences(PAGE, 'json');
  const asked = calls.find(({ action }) => action === 'undo');
  if (asked?.action !== 'undo') throw new Error('the page shows how to ask');
  const stack = aStack({ config: aConfig({ contact: { history: { days: 30, keep: 'values' } } }) });
  const { plan: _, ...plans } = planning(stack);
  const ids = ['ann', 'bob', 'carla'].map((key) =>
    stack.org.insert({ LastName: key, Title: 'CTO', External_Id__c: key }),
  );
  await stack.passes(120 + 30);
  for (const key of ['ann', 'bob', 'carla']) stack.putItem(key, { title: 'n/a' });
  stack.putItem('bob', { email: 'none@example.com' });
  stack.putItem('dan', { lastName: 'Dan' });
  await stack.passes(60);
  stack.org.edit(ids[1] ?? '', { Title: 'CEO' });
  await stack.passes(10);

  const ports = { ...stack.ports, bulkExecutions: new InMemoryBulkExecutions() };
  await startUndo(ports, { ...asked, mappingId: MAPPING_ID });
  await stack.work();
  const { outcome, totals } = await plans.status();
  expect({ outcome, totals }).toEqual(JSON.parse(status));
  const entries = (await plans.entries()).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  expect({ entries }).toEqual(JSON.parse(page));
  const { outcome: end, applying } = await plans.apply();
  const { done, leftovers } = applying ?? {};
  expect({ outcome: end, applying: { done, leftovers } }).toEqual(JSON.parse(applied));

  expect(['ann', 'bob', 'carla', 'dan'].map((key) => stack.item(key)?.title)).toEqual([
    'CTO',
    'CEO',
    'CTO',
    undefined,
  ]);
  expect(stack.item('dan')).toBeUndefined();
  expect(stack.item('bob')).not.toHaveProperty('email');
});

test('the page shows calls that the operation takes', () => {
  expect(calls.map(({ action }) => action)).toEqual(['undo', 'plan-status', 'apply-plan', 'undo']);
});

test('the page names every reason for which something stays', () => {
  const obstacles: Record<UndoObstacle, true> = {
    UNDO_EDITED_SINCE: true,
    UNDO_VALUES_NOT_KEPT: true,
    UNDO_FIRST_MEETING: true,
    UNDO_ONE_WAY: true,
    UNDO_FIELD_CHANGED: true,
    UNDO_DELETION_STAYS: true,
    UNDO_OUT_OF_STEP: true,
    PARENT_MISSING: true,
  };
  expect(firstCells(between(PAGE, '## What stays', '## Applying it')).sort()).toEqual(
    Object.keys(obstacles).sort(),
  );
});
