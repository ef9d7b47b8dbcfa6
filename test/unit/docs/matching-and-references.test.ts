import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import type { SyncConfig } from '../../../shared/contracts/sync-config.ts';
import { must } from '../../../shared/sync/assert.ts';
import { InMemoryOrg } from '../../in-memory/salesforce-org/in-memory-org.ts';
import { aStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/12-matching-and-references.md');

/** The page's config, with the external id field that the in-memory org has. */
const config = (): SyncConfig => {
  const snippet = must(fences(PAGE, 'ts')[0], 'the page shows a config');
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value };
  runInNewContext(snippet.replace(/^import .*$/gm, '').replace('export default', 'config ='), sandbox);
  return parseSyncConfig(
    JSON.parse(JSON.stringify(sandbox.config).replaceAll('Sync_Key__c', 'External_Id__c')),
  );
};

/** The items that the page shows, in their order. */
const items = (from: string, to: string): Record<string, string>[] => {
  const text = must(PAGE.text.split(from)[1]?.split(to)[0], from);
  return [...text.matchAll(/`(\{"id":.+?\})`/g)].map(([, json = '']) => JSON.parse(json));
};

const aStackOfThePage = async () => {
  const stack = aStack({ config: config() });
  // Past the sweep at 00:06:58: the next one comes five minutes later.
  await stack.passes(8);
  const put = (table: string, item: Record<string, string>) =>
    stack.tables.put(table, must(item.id, 'an id'), { tenantId: 'acme', ...item });
  const contact = (key: string) => stack.org.withKey(key);
  return { ...stack, put, contact };
};

describe('the page on matching and references', () => {
  test('says what becomes of five people', async () => {
    const stack = await aStackOfThePage();
    expect(stack.org).toBeInstanceOf(InMemoryOrg);
    const ann = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com', Title: 'CEO' });
    const bo = stack.org.insert({ LastName: 'Ray' });
    for (const LastName of ['one', 'two']) stack.org.insert({ LastName, Email: 'kim@example.com' });
    const shown = items('Here is what becomes', '## How a record');
    expect(shown.map(({ id }) => id)).toEqual(['ann', 'bo', 'kim', 'new', 'ann-2']);

    for (const item of shown) {
      stack.put('people', item.salesforceId === undefined ? item : { ...item, salesforceId: bo });
      await stack.passes(2);
    }

    expect(stack.contact('ann')?.Id).toBe(ann);
    expect(stack.tables.get('people', 'ann')?.title).toBe('CEO');
    expect(stack.contact('bo')?.Id).toBe(bo);
    const rejections = await stack.rejections('c1.person');
    expect(rejections).toContainEqual({ key: 'kim', code: 'SEVERAL_MATCHES' });
    expect(stack.contact('kim')).toBeUndefined();
    for (const key of ['new', 'ann-2']) expect(stack.contact(key)).toBeDefined();
    expect(stack.org.alive()).toHaveLength(6);
  });

  test('says in which order parents and children come to Salesforce', async () => {
    const stack = await aStackOfThePage();
    const [bo, ann, acme] = items('So this order of events', 'First passes go');

    stack.put('people', must(bo, 'Bo'));
    await stack.passes(1);
    expect(stack.contact('bo')?.fields).toMatchObject({ ReportsToId: null });

    stack.put('people', must(ann, 'Ann'));
    await stack.passes(1);
    expect(stack.contact('ann')).toBeUndefined();

    stack.put('companies', must(acme, 'Acme'));
    await stack.passes(1);
    expect(stack.contact('ann')?.fields.AccountId).toBe(stack.org.withKey('acme', 'Account')?.Id);
    expect(stack.contact('bo')?.fields.ReportsToId).toBe(stack.contact('ann')?.Id);
  });
});
