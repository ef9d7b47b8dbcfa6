import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandFolder } from '../paths.ts';
import { spawnManaged } from '../processes/children.ts';
import { runDirectory } from '../processes/run-directory.ts';
import { type Layer, layersOnAws } from './layers.ts';
import { countJest, type JestReport, type LayerResult } from './results.ts';
import { allTestAws } from './test-access.ts';

/** The lowest priority: whatever else wants the processor has it first. */
const patiently = ['nice', '-n', '19'];

/** A single test may deploy a stack, on a machine that is busy with other things. */
const deployingTestMs = 300_000;

/**
 * Runs one layer with Jest, its output in ours, and counts what ran.
 *
 * @param jestArgs - passed on to Jest
 * @param env - the whole environment of Jest
 * @param isPatient - whether it leaves the processor to what runs beside it
 */
export async function runLayer(
  layer: Layer,
  jestArgs: readonly string[],
  env: NodeJS.ProcessEnv,
  isPatient = false,
): Promise<LayerResult> {
  console.log(`\n── ${layer}`);
  const startedAt = Date.now();
  const reportFile = join(runDirectory(), `jest-${layer}.json`);
  const args = ['--selectProjects', layer, '--json', '--outputFile', reportFile];
  if (layersOnAws.includes(layer)) {
    const workers = allTestAws(env).length;
    const manner = workers > 1 ? [`--maxWorkers=${workers}`] : ['--runInBand'];
    args.push(...manner, '--testTimeout', String(deployingTestMs));
  }
  const [command = '', ...rest] = [
    ...(isPatient ? patiently : []),
    join(commandFolder, 'jest'),
    ...args,
    ...jestArgs,
  ];
  const jest = await spawnManaged(command, rest, {
    name: `The layer ${layer}`,
    env,
    // An end-to-end test may be in the middle of a deployment, whose processes end first.
    graceMs: 10_000,
  });
  const exitCode = await jest.exited;
  const counts = countJest(readReport(reportFile), exitCode);
  return { layer, ...counts, elapsedMs: Date.now() - startedAt };
}

function readReport(file: string): JestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
}
