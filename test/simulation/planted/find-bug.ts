import { join } from 'node:path';
import { bundleSimulation, type PlantedBug } from './bundle.ts';
import { runSeeds } from './processes.ts';

/** How a planted bug was found. */
export interface FoundBug {
  readonly seed: number;
  readonly profile: string;
  readonly problem: string;
  /** Schedules that it took. */
  readonly schedules: number;
}

/** The seeds that `npm test` runs at least. */
export const TESTED_SEEDS = 3_000;

/** Of the one kind of schedule that a bug names, which is directed at it, so many are run. */
const DIRECTED = 1_000;

/**
 * Runs the seeds in order, those of one kind of schedule where the bug names it, until one fails that does not fail
 * without the bug.
 *
 * @param clean - the bundle without any bug
 */
export async function findBug(bug: PlantedBug, clean: string, folder: string): Promise<FoundBug | undefined> {
  const bundle = join(folder, `${bug.name.replaceAll(/\W+/g, '-')}.mjs`);
  await bundleSimulation(bundle, bug);
  const order = { stopsAtFailure: true, countsKnown: true, processes: 1 };
  const kind = bug.profile === undefined ? {} : { profile: bug.profile };
  const limit = bug.profile === undefined ? TESTED_SEEDS : DIRECTED;
  let schedules = 0;
  for (let first = 1; schedules < limit; ) {
    const { done, failures } = await runSeeds(bundle, { ...order, ...kind, first, count: limit - schedules });
    schedules += done;
    const [failure] = failures;
    if (!failure) return undefined;
    const withoutIt = await runSeeds(clean, { ...order, first: failure.seed, count: 1 });
    if (withoutIt.failures.length === 0) return { ...failure, schedules };
    first = failure.seed + 1;
  }
  return undefined;
}

/** What `--planted` says of a bug. */
export const verdictLine = ({ name }: PlantedBug, found: FoundBug | undefined): string =>
  found
    ? `${name}: seed ${found.seed} ("${found.profile}"), ${found.schedules} schedules. ${found.problem}`
    : `${name}: NOT FOUND`;
