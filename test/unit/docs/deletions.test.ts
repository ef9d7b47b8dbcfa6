import { describe, expect, test } from '@jest/globals';
import type { SyncConfig } from '../../../shared/contracts/sync-config.ts';
import { must } from '../../../shared/sync/assert.ts';
import { DELETION_LIMITS } from '../../../shared/sync/guard/guard.ts';
import { listHeldClears } from '../../../shared/use-cases/operations/clears.ts';
import { KEY_FIELD } from '../../in-memory/salesforce-org/contact.ts';
import {
  aSettledStack,
  aStack,
  MAPPING_ID,
  type Stack,
} from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, readPage } from './markdown.ts';
import { shownConfig } from './shown-config.ts';

const PAGE = readPage('docs/11-deletions.md');

const [CONFIG = '', MARKS = ''] = fences(PAGE, 'ts');
/** The page's own config, for the org in memory, whose fields have other names. */
const configOfPage = (from = '', to = ''): SyncConfig =>
  shownConfig(CONFIG.replace(from, to), {
    Sync_Key__c: KEY_FIELD,
    Deleted_In_App__c: 'Opted_In__c',
  });

type Pair = Awaited<ReturnType<typeof aSettledStack>>;

const SCENES: Readonly<Record<string, (stack: Pair) => Promise<void>>> = {
  'Ben deletes his record': async ({ org, sfId }) => org.remove(sfId),
  'Ann deletes her item': async ({ deleteItem, key }) => deleteItem(key),
  "Carol's item expires": async ({ expireItem, key }) => expireItem(key),
  "Ben's record is undeleted": async ({ org, sfId, passes }) => {
    org.remove(sfId);
    await passes(10);
    org.undelete(sfId);
  },
  "Ann's item is made again under its key": async ({ deleteItem, putItem, item, key, passes }) => {
    const before = item(key) ?? {};
    deleteItem(key);
    await passes(10);
    putItem(key, before);
  },
};

const recordOf = (stack: Stack): string => (stack.org.alive().length > 0 ? 'there' : 'deleted');

describe('the worked example of deletions', () => {
  const table = between(PAGE, '| what happens |', '`fromSalesforce` is');
  const scenes = [...table.matchAll(/^\| (.+) \|$/gm)]
    .map(([, row = '']) => row.split(' | '))
    .filter(([scene = '']) => scene !== 'what happens' && scene !== '---');

  test('has a row for each of its scenes', () => {
    expect(scenes.map(([scene]) => scene).sort()).toEqual(Object.keys(SCENES).sort());
  });

  test.each(scenes)('is right about what becomes of it when %s', async (scene, record, item, link) => {
    const stack = await aSettledStack({ config: configOfPage() });
    await must(SCENES[scene ?? ''], 'a scene')(stack);
    await stack.passes(10);

    expect(recordOf(stack)).toBe(record);
    expect(stack.item(stack.key) ? 'there' : scene?.startsWith('Carol') ? 'gone' : 'deleted').toBe(item);
    expect(`\`${stack.link(stack.key)?.state}\``).toBe(link);
  });
});

test('the page of deletions is right about how many go without a person', () => {
  const { most, share, least } = DELETION_LIMITS;
  expect(PAGE.text).toContain(
    `at most ${most} deletions in a day, both sides taken together, or ${share * 100} % of its living pairs where that is less, but never fewer than ${least}`,
  );
});

describe('the marks of the page', () => {
  const policy = /deletePolicy: .+,/.exec(CONFIG)?.[0] ?? '';
  const aMarkingStack = () => aSettledStack({ config: configOfPage(policy, MARKS.trim()) });

  test('say of a record that its item is gone, until that is there again', async () => {
    const stack = await aMarkingStack();
    const before = stack.item(stack.key) ?? {};
    const mark = () => stack.org.records.get(stack.sfId)?.fields.Opted_In__c;
    stack.deleteItem(stack.key);
    await stack.passes(10);
    expect([recordOf(stack), mark(), stack.link(stack.key)?.state]).toEqual(['there', true, 'local-deleted']);

    stack.putItem(stack.key, before);
    await stack.passes(10);
    expect([mark(), stack.link(stack.key)?.state]).toEqual([false, 'linked']);
  });

  test('say of an item when its record was deleted, until that is back', async () => {
    const stack = await aMarkingStack();
    stack.org.remove(stack.sfId);
    const deletedAt = stack.org.records.get(stack.sfId)?.SystemModstamp;
    await stack.passes(10);
    expect(stack.item(stack.key)).toMatchObject({ deletedAt });
    expect(stack.link(stack.key)?.state).toBe('remote-deleted');

    stack.org.undelete(stack.sfId);
    await stack.passes(10);
    expect(stack.item(stack.key)).not.toHaveProperty('deletedAt');
    expect(stack.link(stack.key)?.state).toBe('linked');
  });
});

test('a field that was deleted and made again in the org empties so many items as the page says, and no more', async () => {
  const { least } = DELETION_LIMITS;
  const stack = aStack({
    config: configOfPage("lastName: 'LastName'", "lastName: 'LastName', title: 'Title'"),
  });
  for (let n = 0; n < least + 5; n += 1) stack.org.insert({ LastName: `Lee ${n}`, Title: 'CEO' });
  await stack.passes(10);
  for (const { Id } of stack.org.alive()) stack.org.edit(Id, { Title: null });
  await stack.passes(10);

  const titled = stack.tables.keys('contacts').filter((key) => stack.item(key)?.title === 'CEO');
  expect(titled).toHaveLength(5);
  const { clears } = await listHeldClears(stack, { mappingId: MAPPING_ID, limit: 50 });
  expect(clears).toMatchObject([{ side: 'local', field: 'title' }]);
  expect((await stack.rejections()).map(({ code }) => code)).toEqual(titled.map(() => 'MANY_FIELDS_CLEARED'));
});
