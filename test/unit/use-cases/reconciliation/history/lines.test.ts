import { expect, test } from '@jest/globals';
import { why } from '../../../../../shared/use-cases/operations/why.ts';
import type { HistoryLine } from '../../../../../shared/use-cases/ports/history.ts';
import {
  aConfig,
  afterNext,
  aSettledStack,
  aStack,
  bothEdited,
  MAPPING_ID,
  type Stack,
} from '../schedules/a-stack.ts';

/** The lines of a record, newest first, without what differs with every line. */
const linesOf = async (stack: Pick<Stack, 'history'>, key: string) =>
  (await stack.history.ofRecord(MAPPING_ID, key, 20)).map(told);

const told = ({ event, causes, changes, held }: HistoryLine) => ({
  event,
  causes: causes.map(({ by, isWaiting }) => (isWaiting ? `${by}, waiting` : by)),
  changes: changes.map(({ field, side, rule }) => `${field} ${side} ${rule}`),
  ...(held && { held }),
});

test('a record that a sweep finds leaves a line: the item was made, and which sweep it was', async () => {
  const stack = await aSettledStack();

  const [line] = await stack.history.ofRecord(MAPPING_ID, stack.key, 9);

  expect(line).toMatchObject({ event: 'item-created', sfId: stack.sfId, version: 1 });
  expect(line?.causes).toMatchObject([{ by: 'sweep', runId: expect.stringMatching(/./) }]);
  expect(line?.changes.map(({ field }) => field)).toContain('email');
});

test('an edit in Salesforce leaves the field alone that changed, with the message as its cause', async () => {
  const stack = await aSettledStack();
  stack.org.edit(stack.sfId, { Email: 'new@example.com' });
  await stack.hints.send([
    { kind: 'remote-ids', mappingId: MAPPING_ID, sfIds: [stack.sfId], cause: { by: 'message' } },
  ]);
  await stack.work();

  expect((await linesOf(stack, stack.key))[0]).toEqual({
    event: 'edit',
    causes: ['message'],
    changes: ['email local salesforceEdit'],
  });
});

test('an edit of the item leaves its line once Salesforce has taken it, and its echo leaves none', async () => {
  const stack = await aSettledStack();
  const before = stack.history.stored.size;
  stack.putItem(stack.key, { email: 'new@example.com' });
  await stack.passes(10);

  expect(await linesOf(stack, stack.key)).toMatchObject([
    { event: 'edit', causes: ['stream'], changes: ['email salesforce localEdit'] },
    { event: 'item-created' },
  ]);
  expect(stack.history.stored.size).toBe(before + 1);
});

test('a conflict names the reason for which it was decided, on the side that was written', async () => {
  const stack = await aSettledStack();
  await bothEdited(stack);

  expect((await linesOf(stack, stack.key))[0]).toMatchObject({
    causes: ['stream'],
    changes: ['email salesforce localLater'],
  });
});

test('a write whose answer was lost leaves its line when it is found to have arrived', async () => {
  const stack = await aSettledStack();
  afterNext(stack.org, 'update', () => {
    throw new Error('killed');
  });
  stack.putItem(stack.key, { email: 'new@example.com' });
  await stack.passes(30);

  expect((await linesOf(stack, stack.key))[0]).toMatchObject({ changes: ['email salesforce arrived'] });
});

test('a key that waited keeps the cause that parked it', async () => {
  const stack = await aSettledStack();
  await stack.connections.setStatus('c1', 'paused', stack.clock.now());
  stack.putItem(stack.key, { email: 'new@example.com' });
  await stack.passes(2);
  await stack.connections.setStatus('c1', 'active', stack.clock.now());
  await stack.withoutSweeps();
  await stack.passes(20);

  expect((await linesOf(stack, stack.key))[0]).toMatchObject({
    causes: ['woken', 'stream, waiting'],
    changes: ['email salesforce localEdit'],
  });
});

test('keys that are looked at together keep each its own cause', async () => {
  const stack = await aSettledStack();
  const other = stack.org.insert({ LastName: 'Ray', Email: 'ray@example.com' });
  await stack.passes(10);
  await stack.withoutSweeps();
  const otherKey = stack.tables.keys('contacts').find((key) => key !== stack.key) ?? '';
  stack.org.edit(stack.sfId, { Email: 'a@example.com' });
  stack.org.edit(other, { Email: 'b@example.com' });
  await stack.hints.send([
    { kind: 'remote-ids', mappingId: MAPPING_ID, sfIds: [stack.sfId], cause: { by: 'message' } },
    { kind: 'remote-ids', mappingId: MAPPING_ID, sfIds: [other], cause: { by: 'operator' } },
  ]);
  await stack.work();

  expect((await linesOf(stack, stack.key))[0]?.causes).toEqual(['message']);
  expect((await linesOf(stack, otherKey))[0]?.causes).toEqual(['operator']);
});

test('what a bulk load changes leaves no line: the link names the run', async () => {
  const config = aConfig();
  const contact = config.mappings.contact;
  if (!contact) throw new Error('the config has the mapping');
  const stack = aStack({
    config: { ...config, mappings: { ...config.mappings, contact: { ...contact, bulkThreshold: 1 } } },
  });
  stack.org.insert({ LastName: 'Lee', Email: 'ann@example.com' });
  await stack.passes(10);
  const [key = ''] = stack.tables.keys('contacts');

  expect(await stack.history.ofRecord(MAPPING_ID, key, 9)).toEqual([]);
  expect(stack.link(key)?.run).toMatchObject({ by: 'load', runId: stack.executions.started[0]?.bulkJobId });
  const { answers } = await why(stack, { mappingId: MAPPING_ID, key, limit: 9 });
  expect(answers).toMatchObject([{ text: expect.stringContaining('A bulk load changed this pair') }]);

  await stack.withoutSweeps();
  stack.putItem(key, { email: 'new@example.com' });
  await stack.passes(2);
  expect(stack.link(key)?.run).toMatchObject({ by: 'load' });
  expect(await linesOf(stack, key)).toMatchObject([{ changes: ['email salesforce localEdit'] }]);
});

test('a mapping that is taken away takes its history with it', async () => {
  const stack = await aSettledStack();
  expect(stack.history.stored.size).toBeGreaterThan(0);
  stack.deploy({ ...stack.ports.config, mappings: {} });
  await stack.passes(10);

  expect(stack.history.stored.size).toBe(0);
});
