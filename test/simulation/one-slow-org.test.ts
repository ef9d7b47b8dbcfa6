import { beforeAll, describe, expect, test } from '@jest/globals';
import { percentile, type Run, type RunOptions, runWith } from './queue-model.ts';

const TIMEOUT_MS = 120_000;

/** What the model's tenants see: the wait of each edit, from its hint to the moment that Salesforce has it. */
const figuresOf = ({ waits }: Run) => ({
  edits: waits.length,
  median: percentile(waits, 0.5),
  p95: percentile(waits, 0.95),
});

let alone: ReturnType<typeof figuresOf>;
beforeAll(async () => {
  alone = figuresOf(await runWith({}));
}, TIMEOUT_MS);

const run = async (what: string, options: RunOptions) => {
  const ran = await runWith(options);
  const beside = figuresOf(ran);
  process.stdout.write(
    `${what}: the others' median ${alone.median} -> ${beside.median} ms, 95th percentile ${alone.p95} -> ` +
      `${beside.p95} ms; ${ran.slowCalls} calls to the slow org\n`,
  );
  return beside;
};

describe('among thirty tenants', () => {
  test.each([
    ['an org that leaves every call unanswered for 30 seconds', 30_000],
    ['an org that answers every call after 12 seconds', 12_000],
  ])(
    '%s delays the edits of the others by no more than a tenth',
    async (what, silentMs) => {
      const beside = await run(what, { silentMs });

      expect(beside.edits).toBe(alone.edits);
      expect(beside.median).toBeLessThanOrEqual(alone.median * 1.1);
      expect(beside.p95).toBeLessThanOrEqual(alone.p95 * 1.1);
    },
    TIMEOUT_MS,
  );

  test(
    'the same org would delay them without slots and breaker: the model can tell',
    async () => {
      const beside = await run('without slots and breaker', { silentMs: 30_000, isUnbounded: true });

      expect(beside.median).toBeGreaterThan(alone.median * 1.1);
    },
    TIMEOUT_MS,
  );

  test(
    'the same run has the same course',
    async () => {
      expect(await runWith({ silentMs: 30_000 })).toEqual(await runWith({ silentMs: 30_000 }));
    },
    TIMEOUT_MS,
  );
});
