import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { operation } from '../../../functions/operations/event.ts';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import { MAX_FIELDS_FOR_PERSON } from '../../../shared/contracts/dynamodb-limits.ts';
import { listOpenConflicts, resolveConflict } from '../../../shared/use-cases/operations/open-conflicts.ts';
import { aStack, type Stack } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/10-manual-conflicts.md');
const [SNIPPET = ''] = fences(PAGE, 'ts');
const [LIST = '', EVENT = ''] = fences(PAGE, 'json');
const shown = JSON.parse(LIST).conflicts[0];
const [CONNECTION] = String(shown.mappingId).split('.');

const configShown = () => {
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value, config: undefined };
  runInNewContext(SNIPPET.replace(/^ *import .*$/gm, '').replace('export default', 'config ='), sandbox);
  return parseSyncConfig(JSON.parse(JSON.stringify(sandbox.config)));
};

/** The two edits of the page, in a stack with the page's own config. */
async function theWorkedExample() {
  const { base, local, remote, localKey } = shown;
  const stack: Stack = aStack({ config: configShown(), connections: { [String(CONNECTION)]: 'acme' } });
  const sfId = stack.org.insert({ LastName: 'Lee', Title: base, External_Id__c: localKey });
  await stack.passes(10);
  await stack.withoutSweeps();
  stack.org.edit(sfId, { Title: remote });
  stack.clock.advance(2_000);
  stack.putItem(localKey, { title: local });
  await stack.passes(1);
  return { stack, sfId };
}

test('the worked example of conflicts that a person decides is what happens', async () => {
  const { stack, sfId } = await theWorkedExample();

  const { conflicts } = await listOpenConflicts(stack.ports, { mappingId: shown.mappingId, limit: 50 });
  const [conflict] = conflicts;
  const times = ['since', 'localChangedAt', 'remoteChangedAt'] as const;
  expect(Object.keys(conflict ?? {}).sort()).toEqual(Object.keys(shown).sort());
  for (const name of times) expect(conflict?.[name]).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/);
  expect(conflict).toMatchObject({
    ...Object.fromEntries(Object.entries(shown).filter(([name]) => !times.includes(name as 'since'))),
    version: expect.any(Number),
  });
  expect(stack.events.published).toEqual([{ type: 'Conflicts Held', detail: JSON.parse(EVENT) }]);

  const [, json = ''] = /'(\{"action":"resolve-conflict",[^\n]+\})'/.exec(PAGE.text) ?? [];
  const asked = operation.parse(JSON.parse(json));
  if (asked.action !== 'resolve-conflict') throw new Error('the page shows how to decide');
  expect(asked.version).toBe(shown.version);
  await resolveConflict(stack.ports, { ...asked, version: conflict?.version ?? 0 });
  await stack.passes(2);

  expect(stack.item(shown.localKey)?.title).toBe(asked.value);
  expect(stack.org.records.get(sfId)?.fields.Title).toBe(asked.value);
  expect(await listOpenConflicts(stack.ports, { mappingId: shown.mappingId, limit: 50 })).toEqual({
    conflicts: [],
  });
});

test.each([
  `at most ${MAX_FIELDS_FOR_PERSON} fields of a mapping can have it`,
  'makes at most 50 such writes a round',
  'a hundred a call',
])('the page says: %s', (sentence) => {
  expect(PAGE.text).toContain(sentence);
});
