/**
 * One process of the simulation, bundled: runs the seeds that it is told, and prints one JSON object a line.
 * Arguments: the first seed, how many, the step between two of them, the milliseconds after which no other begins.
 */
import { planOf } from './run/profiles.ts';
import { runSchedule } from './run/schedule.ts';

const [first = 1, count = 1, step = 1, limitMs = Number.POSITIVE_INFINITY] = process.argv.slice(2).map(Number);

const startedAt = performance.now();
let done = 0;
let steps = 0;
for (let index = 0; index < count && performance.now() - startedAt < limitMs; index += 1) {
  const seed = first + index * step;
  const outcome = await runSchedule(planOf(seed));
  done += 1;
  steps += outcome.steps;
  if (outcome.violations.length > 0) {
    console.log(JSON.stringify({ kind: 'failed', seed, violations: outcome.violations }));
  }
}
console.log(JSON.stringify({ kind: 'end', done, steps, elapsedMs: performance.now() - startedAt }));
process.exit(0);
