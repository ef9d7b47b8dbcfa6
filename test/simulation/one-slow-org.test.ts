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
      `${beside.p95} ms; ${ran.slowCalls} calls to slow orgs\n`,
  );
  return beside;
};

describe('among thirty tenants', () => {
  test.each([
    ['an org that leaves every call unanswered for 30 seconds', { slowOrgs: 1 }],
    ['four orgs of that kind', { slowOrgs: 4 }],
    ['an org that answers every call after 12 seconds', { slowOrgs: 1, silentMs: 12_000 }],
  ])(
    'beside %s the edits of the others wait no more than a tenth longer',
    async (what, options) => {
      const beside = await run(what, options);

      expect(beside.edits).toBe(alone.edits);
      expect(beside.median).toBeLessThanOrEqual(alone.median * 1.1);
      expect(beside.p95).toBeLessThanOrEqual(alone.p95 * 1.1);
    },
    TIMEOUT_MS,
  );

  test(
    'the same org would delay them without slots and breaker: the model can tell',
    async () => {
      const beside = await run('without slots and breaker', { slowOrgs: 1, isUnbounded: true });

      expect(beside.median).toBeGreaterThan(alone.median * 1.1);
    },
    TIMEOUT_MS,
  );

  test(
    'the same run has the same course',
    async () => {
      expect(await runWith({ slowOrgs: 1 })).toEqual(await runWith({ slowOrgs: 1 }));
    },
    TIMEOUT_MS,
  );
});
