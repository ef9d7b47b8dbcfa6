import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PLANTED_BUGS } from './planted/bugs.ts';
import { bundleSimulation } from './planted/bundle.ts';
import { findBug, TESTED_SEEDS } from './planted/find-bug.ts';
import { runSeeds } from './planted/processes.ts';
import { isKnown } from './run/known.ts';

/** A fast machine runs more than the seeds that every machine runs. */
const AT_LEAST_MS = 120_000;
/** A machine that is busy with other things still ends. */
const LONGEST_MS = 20 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
const bundle = join(folder, 'clean.mjs');

beforeAll(() => bundleSimulation(bundle));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('whatever happens, in whatever order, with workers that die at any moment', () => {
  test(
    'nothing is lost, doubled, untold or left waiting',
    async () => {
      const seeds = { first: 1, count: TESTED_SEEDS, atLeastMs: AT_LEAST_MS };

      const { done, turns, elapsedMs, failures } = await runSeeds(bundle, seeds);

      process.stdout.write(
        `${done} schedules, ${turns} turns, ${(done / (elapsedMs / 1000)).toFixed(1)} schedules a second\n`,
      );
      expect(failures).toEqual([]);
      expect(done).toBeGreaterThanOrEqual(TESTED_SEEDS);
    },
    LONGEST_MS,
  );

  test(
    'the same seed runs the same',
    async () => {
      // Every kind of schedule.
      const seeds = { first: 1, count: 100 };

      const [first, second] = [await runSeeds(bundle, seeds), await runSeeds(bundle, seeds)];

      expect(first.hashes.size).toBe(100);
      expect(second.hashes).toEqual(first.hashes);
    },
    LONGEST_MS,
  );
});

describe('a planted bug is found by a schedule that passes without it', () => {
  const findable = PLANTED_BUGS.filter(({ awaits }) => awaits === undefined || !isKnown(awaits));

  test.concurrent.each(findable.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (_name, bug) => {
      expect(await findBug(bug, bundle, folder)).toBeDefined();
    },
    LONGEST_MS,
  );
});
