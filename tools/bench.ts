/**
 * `npm run bench`: our costs beside a peer's, measured in the same run. `-- --json` prints one JSON object a line,
 * `-- --only NAME` runs one benchmark. `-- costs` counts what each path of the sync costs instead, as `docs/costs.md` has
 * it. It always ends with 0: a goal that is missed is for people to read.
 */
import { parseArgs } from 'node:util';
import { apiCalls } from '../bench/api-calls.ts';
import type { Benchmark, Comparison } from '../bench/comparison.ts';
import { countPaths } from '../bench/costs/paths.ts';
import { costsGoals, costsTable } from '../bench/costs/table.ts';
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
  const { json, only, isCosts } = readArguments();
  if (isCosts) return printCosts(json);
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

interface Arguments {
  readonly json: boolean;
  readonly only: string | undefined;
  readonly isCosts: boolean;
}

function readArguments(): Arguments {
  try {
    const { values, positionals } = parseArgs({
      options: { json: { type: 'boolean', default: false }, only: { type: 'string' } },
      allowPositionals: true,
    });
    if (positionals.some((name) => name !== 'costs')) throw new Error('another name');
    return { json: values.json, only: values.only, isCosts: positionals.length > 0 };
  } catch {
    throw new ExpectedFailure('Only costs, --json and --only NAME are understood.');
  }
}

/** The table of `docs/costs.md`, and after it the goals. */
async function printCosts(json: boolean): Promise<number> {
  const costs = await countPaths();
  if (json) for (const line of costs) console.log(JSON.stringify(line));
  else for (const line of [...costsTable(costs), '', ...costsGoals(costs)]) console.log(line);
  return 0;
}
