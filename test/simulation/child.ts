/**
 * One process of the simulation, bundled: runs the seeds that it is told, and prints one JSON object a line.
 * Arguments: the first seed, how many, the step between two of them, the milliseconds after which no other begins.
 * With `trace` and a seed: that one, with all that happened in it.
 */
import { unknown } from './run/known.ts';
import { planOf } from './run/profiles.ts';
import { runSchedule } from './run/schedule.ts';

const say = (line: object): void => console.log(JSON.stringify(line));

if (process.argv[2] === 'trace') {
  const plan = planOf(Number(process.argv[3]));
  const outcome = await runSchedule(plan, true);
  for (const line of outcome.trace) console.log(line);
  say({ ...plan, choices: undefined, policy: outcome.policy, hash: outcome.hash, steps: outcome.steps });
  for (const violation of outcome.violations) console.log(`${violation.oracle}: ${violation.text}`);
  process.exit(0);
}

const [first = 1, count = 1, step = 1, limitMs = Number.POSITIVE_INFINITY] = process.argv.slice(2).map(Number);
const startedAt = performance.now();
let done = 0;
let steps = 0;
for (let index = 0; index < count && performance.now() - startedAt < limitMs; index += 1) {
  const seed = first + index * step;
  const plan = planOf(seed);
  const outcome = await runSchedule(plan);
  done += 1;
  steps += outcome.steps;
  const violations = unknown(outcome.violations, plan);
  if (violations.length > 0) say({ kind: 'failed', seed, profile: plan.profile, violations });
}
say({ kind: 'end', done, steps, elapsedMs: performance.now() - startedAt });
process.exit(0);
