import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { METRICS } from '../../../shared/contracts/metrics.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { randomIds } from '../../../shared/runtime/ids.ts';
import { makeCounters } from '../../../shared/runtime/metrics.ts';
import { manualClock } from '../../in-memory/clock.ts';

test('the system clock tells the time and takes a negative sleep for none', async () => {
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(60_000);
  await systemClock.sleep(-5);
});

test('random ids are URL-safe, have no dot and never repeat', () => {
  const ids = Array.from({ length: 100 }, () => randomIds.next());

  for (const id of ids) expect(id).toMatch(/^[0-9a-zA-Z_-]+$/);
  expect(new Set(ids).size).toBe(100);
});

test('the manual clock moves by sleeping, and sleepers side by side sleep together', async () => {
  const clock = manualClock('2026-01-01T00:00:00.000Z');

  await Promise.all([clock.sleep(1000), clock.sleep(3000)]);
  clock.advance(500);

  expect(clock.now()).toBe('2026-01-01T00:00:03.500Z');
  expect(clock.sleeps).toEqual([1000, 3000]);
});

describe('counters', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    // In its mode for developing, Powertools writes by the console, and no metrics unless told to.
    process.env.POWERTOOLS_DEV = 'true';
    process.env.POWERTOOLS_METRICS_DISABLED = 'false';
    for (const method of ['log', 'warn'] as const) {
      jest.spyOn(console, method).mockImplementation((line: unknown) => {
        written.push(String(line));
      });
    }
  });
  afterEach(() => {
    delete process.env.POWERTOOLS_DEV;
    delete process.env.POWERTOOLS_METRICS_DISABLED;
    jest.restoreAllMocks();
  });

  test('write one line of embedded metrics with the sums, in our namespace', () => {
    const counters = makeCounters('sync-worker');
    counters.count(METRICS.localWrites, 2);
    counters.count(METRICS.localWrites);
    counters.count(METRICS.conflicts, 0);
    counters.flush();

    expect(written).toHaveLength(1);
    const line = JSON.parse(written[0] ?? '');
    expect(line._aws.CloudWatchMetrics[0].Namespace).toBe('SalesforceSync');
    expect([line.LocalWrites].flat()).toEqual([2, 1]);
    expect(line).toMatchObject({ service: 'sync-worker' });
    expect(line).not.toHaveProperty('Conflicts');
  });

  test('that counted nothing write nothing', () => {
    makeCounters('sync-worker').flush();

    expect(written).toEqual([]);
  });
});
