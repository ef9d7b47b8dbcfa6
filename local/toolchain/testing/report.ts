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
  if (isCi && sum(results).skipped > 0) console.log('\nIn CI a skipped test fails the run.');
  console.log(`\n${closingLine(results)}`);
  return hasSucceeded(results, isCi) ? 0 : 1;
}

/** Whether this run is a pipeline's, as all of them say by setting `CI`. */
export const isCi = (env: NodeJS.ProcessEnv): boolean => !['', '0', 'false', undefined].includes(env.CI);
