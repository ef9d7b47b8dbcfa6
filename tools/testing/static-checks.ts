import { join } from 'node:path';
import { commandFolder } from '../paths.ts';
import { spawnManaged } from '../processes/children.ts';
import type { LayerResult } from './results.ts';

/** What needs no test to be found out: name, command and arguments. */
const checks = [
  ['format and lint', 'biome', ['check', '--error-on-warnings', '.']],
  ['types', 'tsc', ['--noEmit']],
  ['unused', 'knip', []],
  ['unused outside tests', 'knip', ['--production']],
] as const;

/** Runs every static check, in order, whatever becomes of the others; each counts as one test. */
export async function runStaticChecks(): Promise<LayerResult[]> {
  const results: LayerResult[] = [];
  for (const [layer, command, args] of checks) {
    console.log(`\n── ${layer} (${[command, ...args].join(' ')})`);
    const startedAt = Date.now();
    const check = await spawnManaged(join(commandFolder, command), args, { name: layer });
    const hasPassed = (await check.exited) === 0;
    if (hasPassed) console.log('No complaint.');
    results.push({
      layer,
      passed: hasPassed ? 1 : 0,
      failed: hasPassed ? 0 : 1,
      skipped: 0,
      elapsedMs: Date.now() - startedAt,
    });
  }
  return results;
}
