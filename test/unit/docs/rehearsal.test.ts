import { expect, test } from '@jest/globals';
import { promoteRehearsal, rehearsalReport } from '../../../shared/use-cases/operations/rehearsals.ts';
import { aConfig, aStack, MAPPING_ID as mappingId } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/17-rehearsal.md');

test('the example of a rehearsal comes out as the page shows it, and its promotion does what it said', async () => {
  const [report = ''] = fences(PAGE, 'json');
  const { samples, ...rest } = JSON.parse(report);
  const stack = aStack({ config: aConfig({ contact: { rehearsal: true } }) });
  stack.org.insert({ FirstName: 'Ann', LastName: 'Lee', Title: 'CEO', External_Id__c: 'ann' });
  stack.org.insert({ LastName: 'Kay' });
  stack.putItem('ann', { firstName: 'Ann', lastName: 'Lee', title: 'CTO' });
  stack.putItem('poe', { lastName: 'Poe' });
  await stack.passes(30);
  const ports = { ...stack.ports, bulkExecutions: stack.executions };

  const shown = await rehearsalReport(ports, { mappingId, limit: 10, withValues: true });

  expect(shown).toMatchObject({ ...rest, samples: expect.arrayContaining(samples), refusals: [] });
  expect(shown.hash).toMatch(/^[0-9a-f]{64}$/);
  const wrong = { mappingId, hash: '0'.repeat(64) };
  await expect(promoteRehearsal(ports, wrong)).rejects.toMatchObject({ code: 'REHEARSAL_REPORT_STALE' });
  await promoteRehearsal(ports, { mappingId, hash: shown.hash });
  await stack.passes(10);
  expect(stack.item('ann')).toMatchObject({ title: 'CEO' });
  expect(stack.org.withKey('poe')?.fields).toMatchObject({ LastName: 'Poe' });
});
