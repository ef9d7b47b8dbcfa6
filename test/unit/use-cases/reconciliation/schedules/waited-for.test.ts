import { describe, expect, test } from '@jest/globals';
import { isoOf } from '../../../../../shared/contracts/time.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { showAllowance } from '../../../../../shared/use-cases/operations/allowance.ts';
import { treatAsDeleted } from '../../../../../shared/use-cases/operations/deletions.ts';
import { resolveConflict } from '../../../../../shared/use-cases/operations/open-conflicts.ts';
import { planning } from '../plan/a-planned-stack.ts';
import { aConfig, aSettledStack, bothEdited, MAPPING_ID, type Stack } from './a-stack.ts';

const MANUAL = aConfig({ contact: { conflictPolicy: 'manual' } });
const DELETING = aConfig({ contact: { deletePolicy: 'propagate', schedule: { everyMinutes: 1_440 } } });
const RARE = aConfig({ contact: { schedule: { everyMinutes: 1_440 } } });

test('a load begins although sweeps ask for more than there is, and what waits says why', async () => {
  const config = aConfig({ contact: { schedule: { everyMinutes: 1 } } });
  const stack = await aSettledStack({ config, pageRows: 500 });
  const keep = () => stack.org.othersUse(13_000);
  // Sweeps ask for 1,440 calls a day, of which some 600 are there.
  for (let hours = 0; hours < 26; hours += 1) {
    keep();
    await stack.passes(60);
  }
  expect((await showAllowance(stack.ports, { connectionId: 'c1' })).stopped).not.toContain('full-sweeps');
  // Of what is theirs alone, some six calls, nothing is left.
  await stack.slots.count('c1', { at: stack.clock.now(), calls: { 'full-sweeps': 7 } });
  const { stopped, waits, forecast } = await showAllowance(stack.ports, { connectionId: 'c1' });
  expect(forecast).toMatchObject({ isFeasible: false });
  expect(stopped).toContain('full-sweeps');
  expect(stopped).not.toContain('loads');
  expect(waits['full-sweeps']).toMatch(/^(kept|budget)$/);

  const operator = planning(stack);
  for (let n = 0; n < 401; n += 1) stack.putItem(`person-${n}`, { lastName: `Person ${n}` });
  stack.stream.splice(0);
  await operator.plan();
  await operator.apply();
  expect(await operator.status()).toMatchObject({ outcome: 'applied', applying: { done: 401 } });
});

/** Uses up so much of the budget, of some 7,100 calls. */
const useUp = async ({ slots, clock }: Stack, part: number, hoursAgo = 0): Promise<void> => {
  const at = isoOf(clock.nowMs() - hoursAgo * 3_600_000);
  await slots.count('c1', { at, calls: { hints: Math.ceil(part * 7_125) } });
};

const usedFor = async (stack: Stack) => (await showAllowance(stack.ports, { connectionId: 'c1' })).used;

describe('where edits have to wait', () => {
  test("a person's decision about a conflict does not", async () => {
    const stack = await aSettledStack({ config: MANUAL });
    await bothEdited(stack);
    const open = (await stack.openConflicts.list({ mappingId: MAPPING_ID, limit: 1 })).conflicts[0];
    await useUp(stack, 0.96);
    stack.putItem(stack.key, { title: 'Waits' });
    await stack.passes(1);
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CEO');
    const before = await usedFor(stack);

    await resolveConflict(stack.ports, {
      mappingId: MAPPING_ID,
      key: stack.key,
      field: 'email',
      version: must(open, 'an open conflict').version,
      take: 'local',
    });
    await stack.work();

    expect(stack.org.records.get(stack.sfId)?.fields.Email).toBe('ours@example.com');
    const after = await usedFor(stack);
    expect(after.interactive).toBeGreaterThan(before.interactive);
    expect(after.hints).toBe(before.hints);
  });

  test('word of so many deletions that nobody waits for each is a load', async () => {
    const stack = await aSettledStack({ config: DELETING });
    const keys = Array.from({ length: 201 }, (_, n) => `gone-${n}`);
    const before = await usedFor(stack);
    await treatAsDeleted(stack.ports, {
      mappingId: MAPPING_ID,
      keys: keys.slice(0, 200),
      sfIds: [stack.sfId],
    });
    await stack.work();
    const after = await usedFor(stack);
    expect(after.interactive).toBe(before.interactive);
    expect(after.loads).toBeGreaterThan(before.loads);

    stack.putItem('bob', { lastName: 'Bob' });
    await stack.passes(2);
    stack.tables.delete('contacts', 'bob');
    stack.stream.splice(0);
    await treatAsDeleted(stack.ports, { mappingId: MAPPING_ID, keys: ['bob'] });
    await stack.work();
    expect((await usedFor(stack)).interactive).toBeGreaterThan(before.interactive);
  });

  test('a small plan is made and applied', async () => {
    const stack = await aSettledStack({ config: RARE });
    stack.org.edit(stack.sfId, { Title: 'Chair' });
    await useUp(stack, 0.96);
    const operator = planning(stack);

    expect(await operator.plan()).toMatchObject({ outcome: 'planned', pages: 1 });
    expect(await operator.apply()).toMatchObject({ outcome: 'applied' });

    expect(stack.item(stack.key)?.title).toBe('Chair');
    expect((await usedFor(stack))['full-sweeps']).toBe(0);
  });
});

describe('a large plan', () => {
  const RECORDS = 401;
  const aLargeStack = async () => {
    const stack = await aSettledStack({ config: RARE, pageRows: 500 });
    for (let n = 0; n < RECORDS; n += 1) stack.org.insert({ LastName: `Person ${n}` });
    return { ...stack, operator: planning(stack) };
  };

  test('is a load, and its beginning is what somebody waits for', async () => {
    const stack = await aLargeStack();
    const before = await usedFor(stack);
    expect(await stack.operator.plan()).toMatchObject({ outcome: 'planned', pages: 3 });
    const planned = await usedFor(stack);
    await stack.operator.apply();
    const after = await usedFor(stack);
    expect(planned.interactive).toBeGreaterThan(before.interactive);
    expect(after.interactive).toBe(planned.interactive);
    expect(after.loads).toBeGreaterThan(planned.loads);
  });

  test('that waits for room goes on when there is some, long before the next sweep', async () => {
    const stack = await aLargeStack();
    await stack.operator.plan();
    await useUp(stack, 0.92, 22);
    await stack.withoutSweeps();
    await stack.operator.apply();
    await stack.passes(60);
    expect(await stack.operator.status()).toMatchObject({
      outcome: 'under-way',
      waits: { reason: 'BUDGET_SPENT', until: expect.stringContaining(':00:00.000Z') },
    });

    await stack.passes(3 * 60);

    expect(await stack.operator.status()).toMatchObject({ outcome: 'applied', applying: { done: RECORDS } });
    expect((await stack.state()).nextRunAt).toBe('2030-01-01T00:00:00.000Z');
  });
});
