import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Allowance, admit, budgetOf, stoppedAfter } from '../../../../shared/sync/allowance/admit.ts';
import { callsOfDay, countCalls, HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import { CEILINGS, OWN, WORK_CLASSES, type WorkClass } from '../../../../shared/sync/allowance/work-class.ts';

const NOW = 1_000 * HOUR_MS;

/** An org of 100,000 calls, of which others use 15,000 and half of the rest, but for the margin, is ours: 40,000. */
const anAllowance = (
  used: Partial<Record<WorkClass, number>> = {},
  change: Partial<Allowance> = {},
): Allowance => {
  let ledger = { hours: {} };
  for (const work of WORK_CLASSES) ledger = countCalls(ledger, work, used[work] ?? 0, NOW);
  const usage = { max: 100_000, others: 15_000, atMs: NOW };
  return { ledger, usage, share: 0.5, scheduledPerDay: 0, stopped: [], ...change };
};

describe('the budget', () => {
  test('is the share of what others leave, less a margin', () => {
    expect(budgetOf(anAllowance(), NOW)).toBe(40_000);
    expect(budgetOf(anAllowance({}, { share: 0.1 }), NOW)).toBe(8_000);
  });

  test('is nothing where others leave nothing', () => {
    const usage = { max: 100_000, others: 99_000, atMs: NOW };
    expect(budgetOf(anAllowance({}, { usage }), NOW)).toBe(0);
  });

  test('is without a bound before the org ever answered, and one call is free', () => {
    expect(budgetOf(anAllowance({}, { usage: undefined }), NOW)).toBe(Number.POSITIVE_INFINITY);
    expect(admit(anAllowance({}, { usage: undefined }), 'full-sweeps', 1, NOW)).toEqual({ kind: 'go' });
  });
});

describe('near the limit', () => {
  test.each([
    [27_999, []],
    [28_000, ['full-sweeps']],
    [34_000, ['loads', 'full-sweeps']],
    [36_000, ['schedules', 'loads', 'full-sweeps']],
    [38_000, ['hints', 'schedules', 'loads', 'full-sweeps']],
    [40_000, ['interactive', 'hints', 'schedules', 'loads', 'full-sweeps']],
  ])('with %d calls made, %j have to wait', (calls, stopped) => {
    const allowance = anAllowance({ schedules: calls - 2_400, loads: 2_000, 'full-sweeps': 400 });

    expect(stoppedAfter(allowance, NOW)).toEqual(stopped);
    for (const work of WORK_CLASSES)
      expect(admit(allowance, work, 1, NOW).kind).toBe((stopped as string[]).includes(work) ? 'wait' : 'go');
  });

  test('what was stopped goes on only when there is room again', () => {
    const stopped: readonly WorkClass[] = ['schedules'];
    expect(admit(anAllowance({ hints: 35_000 }, { stopped }), 'schedules', 1, NOW).kind).toBe('wait');
    expect(admit(anAllowance({ hints: 33_999 }, { stopped }), 'schedules', 1, NOW).kind).toBe('go');
  });

  test('work that waits comes back when calls of a day ago count no more', () => {
    const allowance = anAllowance({ hints: 40_000 });

    expect(admit(allowance, 'interactive', 1, NOW + 5)).toEqual({
      kind: 'wait',
      untilMs: NOW + HOUR_MS,
      why: 'budget',
    });
    const usage = { max: 100_000, others: 15_000, atMs: NOW + 25 * HOUR_MS };
    expect(admit({ ...allowance, usage }, 'interactive', 1, NOW + 25 * HOUR_MS)).toEqual({ kind: 'go' });
  });

  test('a load leaves what the schedules need and what hints used', () => {
    const allowance = anAllowance({ hints: 1_000 }, { scheduledPerDay: 30_000 });

    expect(admit(allowance, 'loads', 2_000, NOW).kind).toBe('go');
    expect(admit(allowance, 'loads', 3_001, NOW).kind).toBe('wait');
    expect(admit(allowance, 'schedules', 3_001, NOW).kind).toBe('go');
  });

  test('slow work leaves that to every other class, and counts with all that is slow', () => {
    const scheduledPerDay = 30_000;
    const isSlow = (work: WorkClass, calls: number, used: Partial<Record<WorkClass, number>>) =>
      admit(anAllowance(used, { scheduledPerDay }), work, calls, NOW).kind;

    // 34,000 are the loads' at most, of which 30,000 are kept.
    expect(isSlow('loads', 4_000, {})).toBe('go');
    expect(isSlow('loads', 4_001, {})).toBe('wait');
    expect(isSlow('loads', 3_000, { interactive: 1_000 })).toBe('go');
    expect(isSlow('loads', 3_001, { interactive: 1_000 })).toBe('wait');
    expect(isSlow('loads', 1_000, { loads: 1_000, 'full-sweeps': 2_000 })).toBe('go');
    expect(isSlow('loads', 1_001, { loads: 1_000, 'full-sweeps': 2_000 })).toBe('wait');
    // 28,000 are the full sweeps' at most, but for 400 of their own.
    expect(isSlow('full-sweeps', 400, {})).toBe('go');
    expect(isSlow('full-sweeps', 401, {})).toBe('wait');
    expect(isSlow('interactive', 4_001, {})).toBe('go');
    expect(isSlow('hints', 4_001, {})).toBe('go');
  });

  test('loads have a twenty-fifth of the budget for themselves, whatever sweeps ask for', () => {
    const load = (calls: number, used: Partial<Record<WorkClass, number>>, stopped: WorkClass[] = []) =>
      admit(anAllowance(used, { scheduledPerDay: 100_000, stopped }), 'loads', calls, NOW);

    expect(load(1_600, { schedules: 34_000 })).toEqual({ kind: 'go' });
    expect(load(1_600, { schedules: 34_000 }, ['loads'])).toEqual({ kind: 'go' });
    expect(load(1_601, { schedules: 30_000 })).toMatchObject({ kind: 'wait', why: 'kept' });
    expect(load(1, { schedules: 30_000, loads: 1_600 })).toMatchObject({ kind: 'wait', why: 'kept' });
    // 36,000 are the sweeps' at most.
    expect(load(1, { schedules: 36_000 })).toMatchObject({ kind: 'wait', why: 'budget' });
  });

  test('full sweeps have a hundredth, whatever sweeps ask for and loads use', () => {
    const fullSweep = (calls: number, used: Partial<Record<WorkClass, number>>, stopped: WorkClass[] = []) =>
      admit(anAllowance(used, { scheduledPerDay: 100_000, stopped }), 'full-sweeps', calls, NOW);

    expect(fullSweep(400, { schedules: 33_600, loads: 2_000 })).toEqual({ kind: 'go' });
    expect(fullSweep(400, { schedules: 33_600 }, ['full-sweeps'])).toEqual({ kind: 'go' });
    expect(fullSweep(401, { schedules: 20_000 })).toMatchObject({ kind: 'wait', why: 'kept' });
    expect(fullSweep(1, { schedules: 20_000, 'full-sweeps': 400 })).toMatchObject({ why: 'kept' });
    expect(fullSweep(1, { schedules: 36_000 })).toMatchObject({ kind: 'wait', why: 'budget' });
  });

  test('the org’s own end is met by the call that would be one too many, and asked after in a quarter of an hour', () => {
    const usage = { max: 1_000, others: 900, atMs: NOW };
    const at = (calls: number) =>
      admit(anAllowance({ hints: 70 }, { usage, share: 100 }), 'interactive', calls, NOW);

    expect(at(10).kind).toBe('go');
    expect(at(11)).toEqual({ kind: 'wait', untilMs: NOW + 15 * 60_000, why: 'org' });
  });

  test('nobody calls where the org itself has next to nothing left, whatever the budget', () => {
    const usage = { max: 100_000, others: 97_500, atMs: NOW };
    expect(admit(anAllowance({ hints: 600 }, { usage, share: 1 }), 'interactive', 1, NOW)).toMatchObject({
      kind: 'wait',
      why: 'org',
    });
  });

  test('no order of requests takes a class above its ceiling', () => {
    const request = fc.record({
      work: fc.constantFrom(...WORK_CLASSES),
      calls: fc.integer({ min: 1, max: 2_000 }),
      laterMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 80 }), (requests) => {
        let allowance = anAllowance();
        let nowMs = NOW;
        for (const { work, calls, laterMs } of requests) {
          nowMs += laterMs;
          allowance = { ...allowance, usage: { max: 100_000, others: 15_000, atMs: nowMs } };
          if (admit(allowance, work, calls, nowMs).kind === 'wait') continue;
          allowance = { ...allowance, ledger: countCalls(allowance.ledger, work, calls, nowMs) };
          const ceiling = OWN[work] === undefined ? CEILINGS[work] : CEILINGS.schedules;
          expect(callsOfDay(allowance.ledger, nowMs, 'at-most')).toBeLessThanOrEqual(40_000 * ceiling);
        }
      }),
    );
  });
});
