import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import { mappingReport } from '../../../shared/use-cases/operations/mappings.ts';
import { InMemoryBulkExecutions } from '../../in-memory/bulk-jobs.ts';
import { aSettledStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { fences, readPage } from './markdown.ts';

test('the example of the page on checks runs, and ends as it says', async () => {
  const page = readPage('docs/14-checks.md');
  const [config = ''] = fences(page, 'ts');
  const [event, fields] = fences(page, 'json').map((json) => JSON.parse(json) as object);
  const expression = config.replace(/^ *import .*$/gm, '').replace('export default', 'config =');
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value };
  runInNewContext(expression, sandbox);
  const stack = await aSettledStack({
    config: parseSyncConfig(JSON.parse(JSON.stringify(sandbox.config))),
  });

  stack.org.hideField('Title', true);
  stack.org.edit(stack.sfId, { LastName: 'Ray' });
  await stack.passes(20);

  expect(stack.events.published).toEqual([{ type: 'Mapping Drifted', detail: event }]);
  const ports = { ...stack, bulkExecutions: new InMemoryBulkExecutions() };
  const report = await mappingReport(ports, { mappingId: 'c1.contact' });
  expect(report.fields).toEqual(fields);
  expect(stack.item(stack.key)).toMatchObject({ lastName: 'Ray', title: 'CEO' });

  stack.org.hideField('Title', false);
  await stack.mappingStates.expireCheck('c1.contact');
  await stack.passes(20);

  expect(stack.events.published.at(-1)).toMatchObject({ type: 'Mapping Mended' });
});
