import { expect, test } from '@jest/globals';
import { PLAN_KINDS } from '../../../shared/sync/plan/entry.ts';
import { LEFTOVER_REASONS } from '../../../shared/sync/plan/leftovers.ts';
import { aPlannedStack } from '../use-cases/reconciliation/plan/a-planned-stack.ts';
import { between, fences, firstCells, readPage } from './markdown.ts';

const PAGE = readPage('docs/16-plan.md');

test('the example of a plan comes out as the page shows it', async () => {
  const [status = '', page = '', applied = '', leftovers = ''] = fences(PAGE, 'json');
  const stack = await aPlannedStack();

  const { totals, pages, toApply } = await stack.plan();
  expect({ totals, pages, toApply }).toEqual(JSON.parse(status));
  const entries = await stack.entries();
  expect({
    entries: entries.filter(({ localKey, key }) => ['carla', 'eve'].includes(localKey ?? key)),
  }).toEqual(JSON.parse(page));

  stack.org.edit(stack.idOf('ann'), { Title: 'President' });
  const { outcome, applying } = await stack.apply();
  const { done, leftovers: left, calls } = applying ?? {};
  expect({ outcome, applying: { done, leftovers: left, calls } }).toEqual(JSON.parse(applied));
  expect({ leftovers: await stack.leftovers() }).toEqual(JSON.parse(leftovers));
  expect(stack.item('ann')).toMatchObject({ title: 'CTO' });
  expect(stack.org.records.get(stack.idOf('bob'))?.fields).toMatchObject({ Title: 'CFO' });
});

test('the page names every kind of action, and every reason to leave a key', () => {
  expect(firstCells(between(PAGE, '## What it says', '## Applying it')).sort()).toEqual(
    [...PLAN_KINDS].sort(),
  );
  const reasons = firstCells(between(PAGE, '## Applying it', '## How it is made'));
  expect(reasons.sort()).toEqual([...LEFTOVER_REASONS].sort());
});
