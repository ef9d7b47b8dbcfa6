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

/** Runs the seeds in order until one fails. */
export async function findBug(bug: PlantedBug, folder: string, first = 1): Promise<FoundBug | undefined> {
  const bundle = join(folder, `${bug.name.replaceAll(/\W+/g, '-')}.mjs`);
  await bundleSimulation(bundle, bug);
  const ran = await runSeeds(bundle, { first, count: TESTED_SEEDS, stopsAtFailure: true, processes: 1 });
  const [failure] = ran.failures;
  return failure && { ...failure, schedules: ran.done };
}

/** What `--planted` says of a bug. */
export const verdictLine = ({ name }: PlantedBug, found: FoundBug | undefined): string =>
  found
    ? `${name}: seed ${found.seed} ("${found.profile}"), ${found.schedules} schedules. ${found.problem}`
    : `${name}: NOT FOUND in ${TESTED_SEEDS} schedules`;
