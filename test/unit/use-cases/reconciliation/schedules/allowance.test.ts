import { expect, test } from '@jest/globals';
import { isoOf } from '../../../../../shared/contracts/time.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { showAllowance } from '../../../../../shared/use-cases/operations/allowance.ts';
import { forecastAllowance } from '../../../../../shared/use-cases/operations/forecast.ts';
import { checkNow } from '../../../../../shared/use-cases/operations/mappings.ts';
import { aConfig, aSettledStack, aStack, MAPPING_ID, type Stack } from './a-stack.ts';

test('an allowance nearly used up by others: sweeps stretch, an edit goes through, and all is well after midnight', async () => {
  const stack = await aSettledStack();
  await stack.passes(60);
  const { org, sfId, key } = stack;
  const nameOf = (id: string, field: string) => org.alive().find((one) => one.Id === id)?.fields[field];
  org.othersUse(14_000);
  await stack.passes(10);
  const before = org.calls.length;
  await stack.passes(120);
  const swept = org.calls.length - before;
  // Each five minutes there would be 24.
  expect(swept).toBeLessThan(16);
  expect(swept).toBeGreaterThan(0);

  stack.putItem(key, { firstName: 'Anna' });
  await stack.passes(1);
  expect(nameOf(sfId, 'FirstName')).toBe('Anna');

  org.othersUse(15_000);
  await stack.passes(70);
  org.edit(sfId, { Title: 'Chair' });
  stack.putItem(key, { lastName: 'Leeds' });
  const refused = org.calls.length;
  await stack.passes(60);
  expect(stack.item(key)?.title).toBe('CEO');
  expect(stack.parked()).toHaveLength(1);
  // It is asked after now and then: only an answer tells that there is room again.
  expect(org.calls.length - refused).toBeLessThan(10);

  org.othersUse(200);
  await stack.passes(6 * 60);
  expect(stack.item(key)?.title).toBe('Chair');
  expect(nameOf(sfId, 'LastName')).toBe('Leeds');
  expect(stack.parked()).toEqual([]);
  expect(stack.dead).toEqual([]);
});

test('what somebody asked for has a reserve, and what waits is sent when calls of yesterday count no more', async () => {
  const stack = await aSettledStack();
  const { org, sfId, key, clock } = stack;
  // Of a budget of some 7,100 calls.
  await stack.slots.count('c1', { at: clock.now(), calls: { hints: 6_850 } });
  const before = org.calls.length;
  stack.putItem(key, { firstName: 'Anna' });
  await stack.passes(30);
  expect(org.calls).toHaveLength(before);
  expect(stack.parked()).toMatchObject([{ local: { reason: 'BUDGET_SPENT' } }]);

  org.edit(sfId, { Title: 'Chair' });
  await stack.hints.send([{ kind: 'sweep', mappingId: MAPPING_ID, runId: 'asked', isAsked: true }]);
  await stack.work();
  expect(stack.item(key)?.title).toBe('Chair');

  await stack.passes(26 * 60);
  expect(org.records.get(sfId)?.fields.FirstName).toBe('Anna');
  expect(stack.parked()).toEqual([]);
});

test('lone edits are gathered where the allowance is nearly used up', async () => {
  const stack = await aSettledStack();
  await stack.withoutSweeps();
  for (let n = 0; n < 20; n += 1) stack.putItem(`person-${n}`, { lastName: `Person ${n}` });
  await stack.passes(2);
  // Of a budget of some 7,100 calls: sweeps have stopped, and hints have not.
  await stack.slots.count('c1', { at: stack.clock.now(), calls: { hints: 6_500 } });
  const before = stack.org.calls.length;
  for (let n = 0; n < 20; n += 1) {
    stack.putItem(`person-${n}`, { title: 'Gathered' });
    stack.clock.advance(10_000);
    await stack.deliverStream();
    await stack.work();
  }
  expect(stack.org.calls).toHaveLength(before);
  expect(stack.parked()).toHaveLength(20);
  expect(stack.parked()[0]).toMatchObject({ local: { reason: 'BUDGET_SPENT' } });

  await stack.passes(10);

  expect(stack.parked()).toEqual([]);
  const titles = stack.org.alive().map(({ fields }) => fields.Title);
  expect(titles.filter((title) => title === 'Gathered')).toHaveLength(20);
  // One read and one write for all that is due in one tick of the dispatcher.
  expect(stack.org.calls.length - before).toBeLessThanOrEqual(10);
});

test('an org that refuses a call is not called again by whatever else there is to do, and then a call at a time', async () => {
  const config = aConfig({
    contact: { schedule: { everyMinutes: 1 } },
    other: { schedule: { everyMinutes: 1 } },
  });
  const stack = await aSettledStack({ config });
  const callsIn = async (minutes: number): Promise<number> => {
    const before = stack.org.calls.length;
    for (let minute = 0; minute < minutes; minute += 1) {
      stack.putItem(stack.key, { title: `Title ${minute}` });
      await stack.passes(1);
    }
    return stack.org.calls.length - before;
  };
  for (let times = 0; times < 2; times += 1) stack.org.failNext('any', 'used-up');

  expect(await callsIn(15)).toBe(1);
  expect(await callsIn(30)).toBe(1);
  expect(await callsIn(5)).toBeGreaterThan(2);
  await stack.passes(20);
  expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('Title 4');
  expect(stack.parked()).toEqual([]);
});

test('what an org said yesterday is not news because its first call of today fails', async () => {
  const stack = await aSettledStack();
  stack.org.othersUse(14_000);
  await stack.passes(10);
  const before = await showAllowance(stack.ports, { connectionId: 'c1' });
  stack.clock.advance(24 * 3_600_000);
  stack.org.failNext('any', 'unavailable');
  await stack.hints.send([stack.sweepHint('first')]);

  await stack.work();

  const { org, used } = await showAllowance(stack.ports, { connectionId: 'c1' });
  expect(used.all).toBe(1 + before.used.all);
  expect(org?.others).toBeLessThan(100);
  expect(org?.seenAt).toBe(before.org?.seenAt);
});

test('what a connection will use is not known before its org was called, and is after check-now', async () => {
  const stack = aStack();
  await stack.tick();
  const ask = { connectionId: 'c1', changedKeysPerDay: 20_000 };
  const before = await forecastAllowance(stack.ports, ask);
  expect(before).toEqual({
    scheduledPerDay: 288,
    hintsPerDay: 200,
    hintsPerDayAtMost: 40_000,
    fullSweepsPerDayAtLeast: 0,
    notKnown: expect.stringContaining('check-now'),
  });
  expect((await showAllowance(stack.ports, ask)).forecast).toHaveProperty('notKnown');

  await checkNow({ ...stack.ports, bulkExecutions: stack.executions }, { mappingId: MAPPING_ID });
  await stack.work();

  const after = await forecastAllowance(stack.ports, ask);
  expect(after).toMatchObject({ isFeasible: true, stretch: 1, availablePerDay: expect.any(Number) });
  expect(JSON.parse(JSON.stringify(after))).toEqual(after);
  expect(after).not.toHaveProperty('notKnown');
});

test('calls count by class', async () => {
  const stack = await aSettledStack();
  const shown = await showAllowance(stack.ports, { connectionId: 'c1' });
  expect(shown.used.all).toBe(stack.org.usage().calls);
  expect(shown.used.loads).toBeGreaterThan(0);
  expect(shown.used.schedules).toBeGreaterThan(0);
});

test('sweeps that find nothing stretch within the freshness, and come back when one finds something', async () => {
  const config = aConfig({ contact: { schedule: { everyMinutes: 1 }, freshness: '15m' } });
  const stack = await aSettledStack({ config });
  await stack.passes(120);
  const calls = stack.org.calls.length;
  await stack.passes(60);
  expect(stack.org.calls.length - calls).toBeLessThanOrEqual(5);

  await findsAChange(stack);
  expect((await stack.state()).idleRounds).toBe(0);
  expect(await nextRunInMs(stack)).toBeLessThanOrEqual(60_000);
});

test('a sweep that ends before its run is ticked off comes back to its rhythm too', async () => {
  const config = aConfig({ contact: { schedule: { everyMinutes: 1 }, freshness: '1d' } });
  const stack = await aSettledStack({ config });
  await stack.passes(240);
  const { nextRunAt, idleRounds } = await stack.state();
  expect(must(idleRounds, 'it was swept')).toBeGreaterThan(5);
  stack.org.edit(stack.sfId, { Title: 'Chair' });
  stack.clock.advance(Date.parse(nextRunAt) - stack.clock.nowMs());

  const { send } = stack.hints;
  stack.hints.send = async (hints) => {
    await send.call(stack.hints, hints);
    await stack.work();
  };
  await stack.tick();
  stack.hints.send = send;

  expect(stack.item(stack.key)?.title).toBe('Chair');
  expect(await nextRunInMs(stack)).toBeLessThanOrEqual(60_000);
});

test('a sweep that finds something loses no run that comes sooner', async () => {
  const config = aConfig({ contact: { schedule: { everyMinutes: 60 }, freshness: '1d' } });
  const stack = await aSettledStack({ config });
  await stack.passes(4 * 60);
  expect((await stack.state()).idleRounds).toBeGreaterThan(1);
  stack.org.edit(stack.sfId, { Title: 'Chair' });
  const soon = isoOf(stack.clock.nowMs() + 60_000);
  await stack.mappingStates.makeDue(MAPPING_ID, soon);

  await stack.hints.send([stack.sweepHint('asked')]);
  await stack.work();

  expect(await stack.state()).toMatchObject({ idleRounds: 0, nextRunAt: soon });
});

test('a pass whose last turn finds nothing was not idle', async () => {
  const config = aConfig({ contact: { schedule: { everyMinutes: 1 }, freshness: '1d' } });
  const stack = await aSettledStack({ config });
  await stack.passes(60);
  const before = await stack.state();
  const startedAt = stack.clock.now();
  const cursor = { modstamp: startedAt, sfId: stack.sfId };
  const since = must(before.watermark, 'it was swept');
  await stack.mappingStates.advancePass(before, { passId: 'long', startedAt, since, cursor });

  await stack.hints.send([stack.sweepHint('goes on')]);
  await stack.work();

  const after = await stack.state();
  expect(after).not.toHaveProperty('pass');
  expect(after.idleRounds).toBe(0);
  expect(await nextRunInMs(stack)).toBeLessThanOrEqual(60_000);
});

/** Time passes until a sweep has found an edit of the record. */
async function findsAChange(stack: Awaited<ReturnType<typeof aSettledStack>>): Promise<void> {
  stack.org.edit(stack.sfId, { Title: 'Chair' });
  for (let minutes = 0; minutes < 16 && stack.item(stack.key)?.title !== 'Chair'; minutes += 1)
    await stack.passes(1);
  expect(stack.item(stack.key)?.title).toBe('Chair');
}

const nextRunInMs = async (stack: Stack): Promise<number> =>
  Date.parse((await stack.state()).nextRunAt) - stack.clock.nowMs();

test('a load counts as one, its bulk calls too', async () => {
  const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 2 } }) });
  for (const LastName of ['a', 'b', 'c']) stack.org.insert({ LastName });
  await stack.passes(10);

  const { used } = await showAllowance(stack.ports, { connectionId: 'c1' });
  const ofLoad = stack.org.calls.filter((call) =>
    ['count', 'submitQuery', 'info', 'queryResults'].includes(call),
  );
  expect(ofLoad).toHaveLength(4);
  expect(used.loads).toBe(4);
  expect(used.all).toBe(stack.org.usage().calls);
  expect(await stack.mappingStates.get(MAPPING_ID)).toMatchObject({ status: 'active' });
});
