import { expect, test } from '@jest/globals';
import { showAllowance } from '../../../../../shared/use-cases/operations/allowance.ts';
import { aSweptStack } from './a-swept-stack.ts';

const HOUR_MS = 3_600_000;

/** Nobody of ours called for a while; the calls from then on, and those that count as full sweeps. */
const aQuietStack = async (quietMs: number) => {
  const stack = await aSweptStack();
  const { org, clock, ports } = stack;
  clock.advance(quietMs);
  const before = org.calls.length;
  const ofSweeps = async () => (await showAllowance(ports, { connectionId: 'c1' })).used['full-sweeps'] ?? 0;
  return { ...stack, callsSince: () => org.calls.slice(before), ofSweeps };
};

test('a full sweep asks first how much is left where that was last seen over an hour ago, and once', async () => {
  const { callsSince, fullSweep, ofSweeps } = await aQuietStack(2 * HOUR_MS);

  await fullSweep();

  const calls = callsSince();
  expect(calls[0]).toBe('dailyCalls');
  expect(calls.filter((call) => call === 'dailyCalls')).toHaveLength(1);
  expect(calls.length).toBeGreaterThan(1);
  expect(await ofSweeps()).toBe(calls.length);
});

test('it does not ask while what was seen is fresh', async () => {
  const { callsSince, fullSweep, ofSweeps } = await aQuietStack(0);

  await fullSweep();

  expect(callsSince()).not.toContain('dailyCalls');
  expect(await ofSweeps()).toBe(callsSince().length);
});

test('where others used up our part meanwhile, nothing but the question is called', async () => {
  const { ask, callsSince, clock, org, work } = await aQuietStack(2 * HOUR_MS);
  org.othersUse(14_200);

  await ask();
  await work();
  expect(callsSince()).toEqual(['dailyCalls']);

  // Still so little is left, and that is known: it does not even ask.
  clock.advance(60_000);
  await ask();
  await work();
  expect(callsSince()).toEqual(['dailyCalls']);
});

test.each(['unavailable', 'lost-answer'] as const)(
  'a question without an answer (%s) stops no work',
  async (fault) => {
    const { callsSince, fullSweep, org } = await aQuietStack(2 * HOUR_MS);
    org.failNext('dailyCalls', fault);

    await fullSweep();

    const calls = callsSince();
    expect(calls[0]).toBe('dailyCalls');
    expect(calls.filter((call) => call === 'dailyCalls')).toHaveLength(1);
    expect(calls).toContain('select');
  },
);

test('an edit and a sweep do not ask', async () => {
  const { callsSince, hints, key, putItem, passes, work } = await aQuietStack(2 * HOUR_MS);

  putItem(key, { title: 'CTO' });
  await passes(1);
  await hints.send([{ kind: 'sweep', mappingId: 'c1.contact', runId: 'asked', isAsked: true }]);
  await work();

  expect(callsSince().length).toBeGreaterThan(0);
  expect(callsSince()).not.toContain('dailyCalls');
});
