import { closingLine, hasSucceeded, type LayerResult, sum, table } from './results.ts';

/**
 * Prints what ran, by layer, and last the line with the sums, alone.
 *
 * @returns the exit code of the run
 */
export function report(results: readonly LayerResult[], isCi: boolean): number {
  console.log(`\n${table(results)}`);
  const empty = results.filter(({ passed, failed, skipped }) => passed + failed + skipped === 0);
  if (empty.length > 0) console.log(`\nWithout tests: ${empty.map(({ layer }) => layer).join(', ')}.`);
  if (sum(results).skipped > 0)
    console.log(`\n${isCi ? 'In CI a skipped test fails the run.' : WHY_SKIPPED}`);
  console.log(`\n${closingLine(results)}`);
  return hasSucceeded(results, isCi) ? 0 : 1;
}

/** The only reason for which a test of ours is skipped. */
const WHY_SKIPPED =
  'The skipped tests replay recorded answers of Salesforce, which are not here (../shared/salesforce/fixtures).';

/** Whether this run is a pipeline's, as all of them say by setting `CI`. */
export const isCi = (env: NodeJS.ProcessEnv): boolean => !['', '0', 'false', undefined].includes(env.CI);
