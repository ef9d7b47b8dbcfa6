import { expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import { CEILINGS, WORK_CLASSES } from '../../../shared/sync/allowance/work-class.ts';
import { forecastAllowance } from '../../../shared/use-cases/operations/forecast.ts';
import { aConfig, aStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, firstCells, readPage, rows } from './markdown.ts';

const PAGE = readPage('docs/15-allowance.md');

test('the forecasts of the example come out as the page shows them', async () => {
  const [asked = ''] = fences(PAGE, 'sh');
  const [tooMuch = '', fits = ''] = fences(PAGE, 'json');
  const config = aConfig({ contact: { schedule: { everyMinutes: 1 }, freshness: '15m' } });
  const stack = aStack({ config });
  stack.org.othersUse(10_000);
  await stack.passes(10);
  const parsed = operation.parse(JSON.parse(/'(\{.*\})'/.exec(asked)?.[1] ?? ''));
  if (parsed.action !== 'forecast') throw new Error('the page asks for a forecast');
  const { add = [], changedKeysPerDay } = parsed;
  const request = { connectionId: 'c1', changedKeysPerDay };

  expect(await forecastAllowance(stack.ports, { ...request, add })).toEqual(JSON.parse(tooMuch));
  const slower = add.map((one, index) => (index < 4 ? { ...one, freshness: '15m' as const } : one));
  expect(await forecastAllowance(stack.ports, { ...request, add: slower })).toEqual(JSON.parse(fits));
});

test('the page names every class, and where it stops', () => {
  const part = between(PAGE, 'Work has **classes**', '## Sweeps');
  expect(firstCells(part)).toEqual([...WORK_CLASSES]);
  for (const [index, work] of WORK_CLASSES.entries())
    expect(rows(part)[index]?.[2]).toContain(`${CEILINGS[work] * 100} %`);
});
