/**
 * `npm run bench`: our costs beside a peer's, measured in the same run. `-- --json` prints one JSON object a line,
 * `-- --only NAME` runs one benchmark. It always ends with 0: a goal that is missed is for people to read.
 */
import { parseArgs } from 'node:util';
import { apiCalls } from '../bench/api-calls.ts';
import type { Benchmark, Comparison } from '../bench/comparison.ts';
import { importing } from '../bench/import.ts';
import { rest } from '../bench/rest.ts';
import { rows } from '../bench/rows.ts';
import { ExpectedFailure } from './expected-failure.mjs';
import { runScript } from './script.ts';

const BENCHMARKS: readonly Benchmark[] = [rest, rows, apiCalls, importing];

const WIDTHS = [12, 21, 8, 18, 8, 7, 0];
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
    .join(' ')
    .trimEnd();

const tableRow = (line: Comparison, goal: Benchmark['goal']): string =>
  row([
    line.bench,
    line.unit,
    String(line.ours),
    `${line.peer} (${line.peerName})`,
    `${line.ratio}×`,
    String(line.floor),
    `${goal.text}: ${goal.isMet(line) ? 'met' : 'missed'}`,
  ]);

await runScript(async () => {
  const { json, only } = readArguments();
  const chosen = BENCHMARKS.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) {
    const names = BENCHMARKS.map(({ name }) => name).join(', ');
    throw new ExpectedFailure(`There is no benchmark "${only}": choose from ${names}.`);
  }
  if (!json) console.log(row(['bench', 'unit', 'ours', 'peer', 'ratio', 'floor', 'goal']));
  for (const benchmark of chosen)
    for (const line of await benchmark.run())
      console.log(json ? JSON.stringify(line) : tableRow(line, benchmark.goal));
  return 0;
});

function readArguments(): { readonly json: boolean; readonly only: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
    });
    return { json: values.json, only: values.only };
  } catch {
    throw new ExpectedFailure('Only --json and --only NAME are understood.');
  }
}
