import { describe, expect, test } from '@jest/globals';
import { mappingReport } from '../../../shared/use-cases/operations/mappings.ts';
import { InMemoryBulkExecutions } from '../../in-memory/bulk-jobs.ts';
import { anObject, checked, without } from '../sync/mapping/check/an-object.ts';
import { aSettledStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, readPage } from './markdown.ts';
import { shownConfig } from './shown-config.ts';

const PAGE = readPage('docs/14-checks.md');

/** What the rows of objects that lack system fields are about. */
const LACKS: Readonly<Record<string, readonly string[]>> = {
  'without an external id field': ['Key__c'],
  'without `IsDeleted`, such as `User`': ['IsDeleted'],
  'without `SystemModstamp`, such as those of sharing (`AccountShare`)': ['SystemModstamp'],
  'with `CreatedDate` alone, such as field history (`AccountHistory`)': [
    'SystemModstamp',
    'LastModifiedDate',
  ],
  'with neither': ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'],
};

test('the example of the page on checks runs, and ends as it says', async () => {
  const [config = ''] = fences(PAGE, 'ts');
  const [event, fields] = fences(PAGE, 'json').map((json) => JSON.parse(json) as object);
  const stack = await aSettledStack({ config: shownConfig(config) });

  stack.org.hideField('Title', true);
  stack.org.edit(stack.sfId, { LastName: 'Ray' });
  await stack.passes(20);

  expect(stack.events.published).toEqual([{ type: 'Mapping Drifted', detail: event }]);
  const ports = { ...stack, bulkExecutions: new InMemoryBulkExecutions() };
  const report = await mappingReport(ports, { mappingId: 'c1.contact' });
  expect(report.fields).toEqual(fields);
  expect(stack.item(stack.key)).toMatchObject({ lastName: 'Ray', title: 'CEO' });

  // A title that was cleared while it was hidden comes back, as at a first meeting.
  stack.org.edit(stack.sfId, { Title: null });
  stack.org.hideField('Title', false);
  await stack.mappingStates.expireCheck('c1.contact');
  await stack.passes(20);

  expect(stack.events.published.at(-1)).toMatchObject({ type: 'Mapping Mended' });
  expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CEO');
});

describe('an object unlike others, as the page has it,', () => {
  const table = between(PAGE, '| object | how it is synced |', 'Next:');
  const rows = [...table.matchAll(/^\| (.+?) \| (.+) \|$/gm)]
    .map(([, name = '', how = '']) => [name, how] as const)
    .slice(2);
  const here = rows.filter(([name]) => Object.hasOwn(LACKS, name));

  test('has a row for each of these', () => {
    expect(here.map(([name]) => name)).toEqual(Object.keys(LACKS));
  });

  test.each(here)('%s', (name, how) => {
    const sObject = without(anObject([], { updateable: false }), ...(LACKS[name] ?? []));
    const codesOf = (change: object) => checked(change, sObject).schema.findings.map(({ code }) => code);
    const isRefused = /^refused: `(\w+)`$/.exec(how)?.[1];
    if (isRefused !== undefined) {
      expect(codesOf({ direction: 'from-salesforce' })).toEqual([isRefused]);
      return;
    }
    const keyless = { direction: 'from-salesforce', externalIdField: undefined };
    expect(how).toMatch(/from[- ][sS]alesforce/);
    expect(checked(keyless, sObject).problems).toEqual([]);
    if (name !== 'without an external id field') expect(codesOf({})).toContain('OBJECT_ONLY_READ');
  });
});
