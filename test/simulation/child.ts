/**
 * One process of the simulation, bundled. Its one argument is an order in JSON, and it prints one JSON object a line.
 */
import { explain } from './run/explain.ts';
import { unknown } from './run/known.ts';
import { planOf } from './run/profiles.ts';
import { runSchedule } from './run/schedule.ts';
import { shrink } from './run/shrink.ts';

/** What one process is to do. */
export type Order =
  /** Seeds from `first` on, each `step` after the one before, until so many are done; or just those of a list. */
  | {
      readonly do: 'run';
      readonly seeds:
        | readonly number[]
        | { readonly first: number; readonly count: number; readonly step: number };
      /** Goes on past the count for as long. */
      readonly atLeastMs: number;
      readonly stopsAtFailure: boolean;
      readonly tellsHashes: boolean;
      /** Whether what the engine is known to do wrong counts as a failure. */
      readonly countsKnown: boolean;
    }
  /** One seed, with all that happens in it; a failing one as small as it gets. */
  | { readonly do: 'explain'; readonly seed: number; readonly shrinks: boolean };

/** What a process says of its seeds. */
export type Line =
  | { readonly kind: 'failed'; readonly seed: number; readonly profile: string; readonly problem: string }
  | { readonly kind: 'hash'; readonly seed: number; readonly hash: string }
  | {
      readonly kind: 'progress' | 'end';
      readonly done: number;
      readonly turns: number;
      readonly elapsedMs: number;
    };

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const say = (line: Line): boolean => print(JSON.stringify(line));

const order = JSON.parse(process.argv[2] ?? '{}') as Order;
if (order.do === 'run') await run(order);
else print(await explain(order.shrinks ? await shrink(planOf(order.seed)) : planOf(order.seed)));
// A pipe takes its time, and an exit does not wait for it.
process.stdout.write('', () => process.exit(0));

async function run({
  seeds,
  countsKnown,
  atLeastMs,
  stopsAtFailure,
  tellsHashes,
}: Extract<Order, { do: 'run' }>): Promise<void> {
  const seedAt = (index: number): number =>
    'first' in seeds ? seeds.first + index * seeds.step : (seeds[index] ?? 0);
  const count = 'first' in seeds ? seeds.count : seeds.length;
  const startedAt = performance.now();
  let turns = 0;
  let done = 0;
  let toldAt = 0;
  const figures = () => ({ done, turns, elapsedMs: Math.round(performance.now() - startedAt) });
  while (done < count || figures().elapsedMs < atLeastMs) {
    const plan = planOf(seedAt(done));
    const outcome = await runSchedule(plan);
    done += 1;
    turns += outcome.steps;
    if (tellsHashes) say({ kind: 'hash', seed: plan.seed, hash: outcome.hash });
    const [violation] = countsKnown ? outcome.violations : unknown(outcome.violations, plan);
    if (violation) {
      const problem = `${violation.oracle}: ${violation.text}`;
      say({ kind: 'failed', seed: plan.seed, profile: plan.profile, problem });
      if (stopsAtFailure) break;
    }
    if (figures().elapsedMs - toldAt > 5_000) {
      toldAt = figures().elapsedMs;
      say({ kind: 'progress', ...figures() });
    }
  }
  say({ kind: 'end', ...figures() });
}
