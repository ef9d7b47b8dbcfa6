/**
 * `npm run simulate`: schedules until Ctrl-C. `-- --seeds N` runs so many, `--from S` begins elsewhere, `--seed S` shows
 * one and makes a failing one small, `--planted [NAME]` runs each planted bug until it is found, and stores its seed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript } from '../../tools/script.ts';
import { FINDABLE_BUGS } from './planted/bugs.ts';
import { bundleSimulation } from './planted/bundle.ts';
import { cleanRuns, findBug, verdictLine } from './planted/find-bug.ts';
import { storedSeeds, storeSeeds } from './planted/found.ts';
import { explainSeed, runSeeds } from './planted/processes.ts';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

const ENDLESS = 1_000_000_000;

const folder = mkdtempSync(join(tmpdir(), 'simulation-'));

await runScript(
  async () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        seeds: { type: 'string', default: String(ENDLESS) },
        from: { type: 'string', default: '1' },
        seed: { type: 'string' },
        whole: { type: 'boolean', default: false },
        planted: { type: 'boolean', default: false },
      },
    });
    const bundle = join(folder, 'simulation.mjs');
    await bundleSimulation(bundle);
    if (values.planted) return planted(bundle, positionals);
    if (values.seed !== undefined) {
      const text = await explainSeed(bundle, Number(values.seed), !values.whole);
      // A pipe takes its time over a long text, and the end of the script does not wait for it.
      await new Promise<void>((done) => process.stdout.write(`${text}\n`, () => done()));
      return 0;
    }
    return simulate(bundle, Number(values.from), Number(values.seeds));
  },
  { beforeEnd: async () => rmSync(folder, { recursive: true, force: true }) },
);

async function simulate(bundle: string, first: number, count: number): Promise<number> {
  const ran = await runSeeds(bundle, { first, count }, print);
  const failures = ran.failures.length;
  print(
    `${ran.done} schedules, ${ran.turns} turns, ${(ran.done / (ran.elapsedMs / 1000)).toFixed(1)} schedules a second, ${failures} failed`,
  );
  return failures === 0 ? 0 : 1;
}

async function planted(clean: string, names: readonly string[]): Promise<number> {
  const stored = storedSeeds();
  const wanted = FINDABLE_BUGS.filter(({ name }) => names.length === 0 || names.includes(name));
  const ofWanted = wanted.flatMap(({ name }) => stored[name] ?? []);
  const failsClean = cleanRuns(clean, ofWanted);
  const seeds = { ...stored };
  let missed = 0;
  const left = wanted.values();
  const findNext = async (): Promise<void> => {
    for (const bug of left) {
      const found = await findBug(bug, stored[bug.name], failsClean, folder);
      if (found) seeds[bug.name] = found.seed;
      else missed += 1;
      print(verdictLine(bug, found, stored[bug.name]));
      storeSeeds(seeds);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, findNext));
  return missed === 0 ? 0 : 1;
}
