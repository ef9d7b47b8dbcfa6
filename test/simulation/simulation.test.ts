import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FINDABLE_BUGS } from './planted/bugs.ts';
import { bundleSimulation } from './planted/bundle.ts';
import { cleanRuns, findBug, verdictLine } from './planted/find-bug.ts';
import { storedSeeds } from './planted/found.ts';
import { runSeeds, runThese } from './planted/processes.ts';
import { seedOfEachKind } from './run/profiles.ts';

const TESTED_SEEDS = 3_000;
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
      const seeds = seedOfEachKind();
      const runAll = () => runThese(bundle, seeds, { tellsHashes: true });

      const [first, second] = await Promise.all([runAll(), runAll()]);

      expect(first.hashes.size).toBe(seeds.length);
      expect(second.hashes).toEqual(first.hashes);
    },
    LONGEST_MS,
  );
});

describe('a planted bug is found by a schedule that passes without it', () => {
  const stored = storedSeeds();
  const failsClean = cleanRuns(bundle, Object.values(stored));

  test.concurrent.each(FINDABLE_BUGS.map((bug) => [bug.name, bug] as const))(
    '%s',
    async (name, bug) => {
      const found = await findBug(bug, stored[name], failsClean, folder);

      if (found && found.seed !== stored[name])
        process.stdout.write(`${verdictLine(bug, found, stored[name])}\n`);
      expect(found).toBeDefined();
    },
    LONGEST_MS,
  );
});
