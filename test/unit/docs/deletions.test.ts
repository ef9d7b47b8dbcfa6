import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { type SyncConfig, syncConfig } from '../../../shared/contracts/sync-config.ts';
import { must } from '../../../shared/sync/assert.ts';
import { DELETION_LIMITS } from '../../../shared/sync/guard/guard.ts';
import { KEY_FIELD } from '../../in-memory/salesforce-org/contact.ts';
import { aSettledStack, type Stack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/11-deletions.md');

/** The page's own config, for the org in memory, which calls its external id field otherwise. */
const configOfPage = (): SyncConfig => {
  const [code = ''] = fences(PAGE, 'ts');
  const expression = code.replace(/^ *import .*$/gm, '').replace('export default', 'config =');
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value };
  runInNewContext(expression, sandbox);
  const config = JSON.parse(JSON.stringify(sandbox.config).replaceAll('Sync_Key__c', KEY_FIELD));
  return syncConfig.parse(config);
};

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
