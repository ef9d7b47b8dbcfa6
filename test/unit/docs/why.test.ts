import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import { CAUSE_KINDS } from '../../../shared/contracts/causes.ts';
import { HISTORY_RULES } from '../../../shared/sync/history/line.ts';
import { REASONS } from '../../../shared/sync/reconcile/plan.ts';
import { why } from '../../../shared/use-cases/operations/why.ts';
import { aStack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/18-why.md');
const [SNIPPET = ''] = fences(PAGE, 'ts');
const [ANSWER = ''] = fences(PAGE, 'json');
const shown = JSON.parse(ANSWER);

const configShown = () => {
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value, config: undefined };
  runInNewContext(SNIPPET.replace(/^ *import .*$/gm, '').replace('export default', 'config ='), sandbox);
  return parseSyncConfig(JSON.parse(JSON.stringify(sandbox.config)));
};

/** Times and ids of runs differ from run to run; everything else is what the page shows. */
const timeless = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, 'at')
      .replace(/"runId":"[^"]+"/g, '"runId":"run"')
      .replace(/\(id-\d+\)|\(run-\d+\)/g, '(run)'),
  );

test('the worked example of why a field has its value is what happens', async () => {
  const [, json = ''] = /'(\{"action":"why",[^\n]+\})'/.exec(PAGE.text) ?? [];
  const asked = operation.parse(JSON.parse(json));
  if (asked.action !== 'why' || asked.key === undefined) throw new Error('the page shows how to ask');
  const { mappingId, key } = asked;
  const [connectionId = ''] = mappingId.split('.');
  const stack = aStack({ config: configShown(), connections: { [connectionId]: 'acme' } });
  const sfId = stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com', External_Id__c: key });
  await stack.passes(10);
  await stack.withoutSweeps();
  stack.putItem(key, { email: 'ann@local.example' });
  stack.clock.advance(2_000);
  stack.org.edit(sfId, { Email: 'ann@salesforce.example' });
  await stack.hints.send([{ kind: 'remote-ids', mappingId, sfIds: [sfId], cause: { by: 'message' } }]);
  await stack.passes(1);

  const answer = await why(stack.ports, asked);

  expect(timeless(answer)).toEqual(timeless(shown));
  expect(stack.item(key)?.email).toBe('ann@salesforce.example');
});

test('every rule and every cause of the history is on its page', () => {
  const plain = HISTORY_RULES.filter((rule) => !(rule in REASONS));
  for (const name of [...plain, ...CAUSE_KINDS]) expect(PAGE.text).toContain(`\`${name}\``);
});
