import { join } from 'node:path';
import { bundleSimulation, type PlantedBug } from './bundle.ts';
import { type Ran, runSeeds, runThese } from './processes.ts';

/** How a planted bug was found. */
interface FoundBug {
  readonly seed: number;
  readonly profile: string;
  readonly problem: string;
  /** Schedules that it took. */
  readonly schedules: number;
}

/** Whether a seed fails without any bug. */
type FailsClean = (seed: number) => Promise<boolean>;

/** Schedules that are run for a bug which no kind of them is directed at. */
const UNDIRECTED = 3_000;
/** Of the one kind of schedule that a bug names, which is directed at it, so many are run. */
const DIRECTED = 1_000;

const UNTIL_ONE_FAILS = { stopsAtFailure: true, countsKnown: true };

/**
 * Asks the bundle without any bug.
 *
 * @param stored - seeds that are run together, in one process, when the first of them is asked for
 */
export const cleanRuns = (clean: string, stored: readonly number[]): FailsClean => {
  const isStored = new Set(stored);
  let ran: Promise<Ran> | undefined;
  const runStored = (): Promise<Ran> => {
    ran ??= runThese(clean, [...isStored], { countsKnown: true });
    return ran;
  };
  return async (seed) => {
    const { failures } = await (isStored.has(seed) ? runStored() : runThese(clean, [seed], UNTIL_ONE_FAILS));
    return failures.some((failure) => failure.seed === seed);
  };
};

/**
 * Runs the seed that found the bug last. Where it does not fail, or fails without the bug too, the seeds in order, those
 * of one kind of schedule where the bug names it, until one does.
 *
 * @param stored - the seed that found it last
 */
export async function findBug(
  bug: PlantedBug,
  stored: number | undefined,
  failsClean: FailsClean,
  folder: string,
): Promise<FoundBug | undefined> {
  const bundle = join(folder, `${bug.name.replaceAll(/\W+/g, '-')}.mjs`);
  await bundleSimulation(bundle, bug);
  if (stored !== undefined) {
    const [failure] = (await runThese(bundle, [stored], UNTIL_ONE_FAILS)).failures;
    if (failure && !(await failsClean(stored))) return { ...failure, schedules: 1 };
  }
  return search(bug, bundle, failsClean);
}

async function search(
  { profile }: PlantedBug,
  bundle: string,
  failsClean: FailsClean,
): Promise<FoundBug | undefined> {
  const kind = profile === undefined ? {} : { profile };
  const limit = profile === undefined ? UNDIRECTED : DIRECTED;
  let schedules = 0;
  for (let first = 1; schedules < limit; ) {
    const seeds = { ...UNTIL_ONE_FAILS, ...kind, processes: 1, first, count: limit - schedules };
    const { done, failures } = await runSeeds(bundle, seeds);
    schedules += done;
    const [failure] = failures;
    if (!failure) return undefined;
    if (!(await failsClean(failure.seed))) return { ...failure, schedules };
    first = failure.seed + 1;
  }
  return undefined;
}

/** What is said of a bug. */
export const verdictLine = (
  { name }: PlantedBug,
  found: FoundBug | undefined,
  stored: number | undefined,
): string => {
  if (!found) return `${name}: NOT FOUND`;
  const { seed, profile, schedules, problem } = found;
  const isStored = stored === undefined || stored === seed;
  const stale = isStored
    ? ''
    : ` Seed ${stored} finds it no longer: \`-- --planted "${name}"\` stores this one.`;
  return `${name}: seed ${seed} ("${profile}"), ${schedules} schedules. ${problem}${stale}`;
};
