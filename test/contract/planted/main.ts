/**
 * `npm run contract-planted`: runs the suite of a port with each bug of its adapter, on the emulated AWS. `-- NAME ...`
 * runs these alone.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commandFolder } from '../../../tools/paths.ts';
import { spawnManaged } from '../../../tools/processes/children.ts';
import { runDirectory } from '../../../tools/processes/run-directory.ts';
import { runScript } from '../../../tools/script.ts';
import { startTestAws } from '../../../tools/testing/test-aws.ts';
import { ADAPTER_BUGS, type AdapterBug } from './adapter-bugs.ts';
import { PLANTED_VARIABLE } from './transformer.ts';

interface Counts {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that did not run at all. */
  readonly numRuntimeErrorTestSuites: number;
}

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

await runScript(async () => {
  const names = parseArgs({ allowPositionals: true }).positionals;
  const bugs = ADAPTER_BUGS.filter(({ name }) => names.length === 0 || names.includes(name));
  const env = await startTestAws();
  const clean = await runTests(bugs, env);
  if (clean.numFailedTests > 0 || clean.numPassedTests < new Set(bugs.map(testOf)).size) {
    print(`Without any bug: ${JSON.stringify(clean)}`);
    return 1;
  }
  let missed = 0;
  for (const bug of bugs) {
    const { numFailedTests, numRuntimeErrorTestSuites } = await runTests([bug], {
      ...env,
      [PLANTED_VARIABLE]: bug.name,
    });
    const isCaught = numFailedTests > 0 && numRuntimeErrorTestSuites === 0;
    if (!isCaught) missed += 1;
    print(`${bug.name}: ${isCaught ? 'caught' : 'NOT CAUGHT'} by "${bug.caughtBy}"`);
  }
  return missed === 0 ? 0 : 1;
});

/** Just the tests that are to catch these bugs. */
async function runTests(bugs: readonly AdapterBug[], env: NodeJS.ProcessEnv): Promise<Counts> {
  const report = join(runDirectory(), 'jest-planted.json');
  const args = [
    ...['--config', 'test/contract/planted/jest.config.ts', '--runInBand', '--silent'],
    ...['--json', '--outputFile', report],
    ...['--testNamePattern', [...new Set(bugs.map(testOf))].join('|')],
    ...[...new Set(bugs.map(({ suite }) => `test/contract/ports/${suite}`))],
  ];
  const logFile = join(runDirectory(), 'jest-planted.log');
  const jest = await spawnManaged(join(commandFolder, 'jest'), args, { name: 'Jest', env, logFile });
  await jest.exited;
  return JSON.parse(readFileSync(report, 'utf8')) as Counts;
}

function testOf({ caughtBy }: AdapterBug): string {
  return `on DynamoDB.*${caughtBy.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
}
