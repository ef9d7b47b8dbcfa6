import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Line, Order } from '../child.ts';
import { seedsOf } from '../run/profiles.ts';

/** Seeds to run, from `first` on. */
interface Seeds extends Manner {
  readonly first: number;
  readonly count: number;
  /** Goes on past the count for as long. @default 0 */
  readonly atLeastMs?: number;
  /** @default one a core */
  readonly processes?: number;
  /** Only this kind of schedule, in one process. */
  readonly profile?: string;
}

/** How seeds are run. */
interface Manner {
  /** @default false */
  readonly stopsAtFailure?: boolean;
  /** Whether what the engine is known to do wrong counts as a failure. @default false */
  readonly countsKnown?: boolean;
  /** @default false */
  readonly tellsHashes?: boolean;
}

type RunOrder = Extract<Order, { do: 'run' }>;
type Failure = Extract<Line, { kind: 'failed' }>;

/** What became of them. */
export interface Ran {
  readonly done: number;
  readonly turns: number;
  readonly elapsedMs: number;
  readonly failures: readonly Failure[];
  /** By seed, where they were asked for. */
  readonly hashes: ReadonlyMap<number, string>;
}

/** Runs seeds in a process a core. `tell` hears of failures and of how it goes. */
export function runSeeds(bundle: string, seeds: Seeds, tell?: (line: string) => void): Promise<Ran> {
  const { profile, atLeastMs = 0 } = seeds;
  const processes =
    profile === undefined ? Math.min(seeds.count, seeds.processes ?? availableParallelism()) : 1;
  const { first, step } = profile === undefined ? { ...seeds, step: 1 } : seedsOf(profile, seeds.first);
  const orders = Array.from({ length: processes }, (_, index): RunOrder => {
    const count = Math.ceil((seeds.count - index) / processes);
    return orderOf({ first: first + index * step, count, step: processes * step }, seeds, atLeastMs);
  });
  return runOrders(bundle, orders, tell);
}

/** Runs just these seeds, in one process. */
export const runThese = (bundle: string, seeds: readonly number[], manner: Manner): Promise<Ran> =>
  runOrders(bundle, [orderOf(seeds, manner)]);

const orderOf = (seeds: RunOrder['seeds'], manner: Manner, atLeastMs = 0): RunOrder => ({
  do: 'run',
  seeds,
  atLeastMs,
  stopsAtFailure: manner.stopsAtFailure === true,
  countsKnown: manner.countsKnown === true,
  tellsHashes: manner.tellsHashes === true,
});

async function runOrders(
  bundle: string,
  orders: readonly RunOrder[],
  tell: (line: string) => void = () => {},
): Promise<Ran> {
  const startedAt = performance.now();
  const failures: Failure[] = [];
  const hashes = new Map<number, string>();
  const figures = new Map<number, { readonly done: number; readonly turns: number }>();
  const sum = (of: 'done' | 'turns') => [...figures.values()].reduce((all, one) => all + one[of], 0);
  await Promise.all(
    orders.map((order, index) =>
      runChild(bundle, order, (text) => {
        const line = JSON.parse(text) as Line;
        if (line.kind === 'hash') hashes.set(line.seed, line.hash);
        else if (line.kind === 'failed') {
          failures.push(line);
          tell(`seed ${line.seed} ("${line.profile}") ${line.problem}`);
        } else {
          figures.set(index, line);
          const seconds = (performance.now() - startedAt) / 1000;
          if (line.kind === 'progress' && index === 0)
            tell(`${sum('done')} schedules, ${(sum('done') / seconds).toFixed(1)} a second`);
        }
      }),
    ),
  );
  return {
    done: sum('done'),
    turns: sum('turns'),
    elapsedMs: performance.now() - startedAt,
    failures,
    hashes,
  };
}

/** One seed, for a person to read; a failing one as small as it gets, if that is wanted. */
export async function explainSeed(bundle: string, seed: number, shrinks: boolean): Promise<string> {
  const lines: string[] = [];
  await runChild(bundle, { do: 'explain', seed, shrinks }, (line) => lines.push(line));
  return lines.join('\n');
}

function runChild(bundle: string, order: Order, hear: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', bundle, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The child ends with us, whatever ends us: its pipe breaks.
  let complaint = '';
  child.stderr.on('data', (part) => {
    complaint += String(part);
  });
  createInterface({ input: child.stdout }).on('line', hear);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`a simulation ended with ${code}: ${complaint}`)),
    );
  });
}
