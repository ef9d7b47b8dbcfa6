import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import type { Line, Order } from '../child.ts';

/** Seeds to run, and when to stop. */
export interface Seeds {
  readonly first: number;
  readonly count: number;
  /** Goes on past the count for as long. @default 0 */
  readonly atLeastMs?: number;
  /** @default false */
  readonly stopsAtFailure?: boolean;
  /** Whether what the engine is known to do wrong counts as a failure. @default false */
  readonly countsKnown?: boolean;
  /** @default one a core */
  readonly processes?: number;
  /** Only this kind of schedule, in one process. */
  readonly profile?: string;
}

type Failure = Extract<Line, { kind: 'failed' }>;

/** What became of them. */
export interface Ran {
  readonly done: number;
  readonly turns: number;
  readonly elapsedMs: number;
  readonly failures: readonly Failure[];
  /** By seed, where only a few were asked for. */
  readonly hashes: ReadonlyMap<number, string>;
}

/** Runs seeds in a process a core. `tell` hears of failures and of how it goes. */
export async function runSeeds(
  bundle: string,
  seeds: Seeds,
  tell: (line: string) => void = () => {},
): Promise<Ran> {
  const processes = Math.min(seeds.count, seeds.processes ?? availableParallelism());
  const startedAt = performance.now();
  const failures: Failure[] = [];
  const hashes = new Map<number, string>();
  const figures = new Map<number, { readonly done: number; readonly turns: number }>();
  const sum = (of: 'done' | 'turns') => [...figures.values()].reduce((all, one) => all + one[of], 0);
  await Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const order: Order = {
        do: 'run',
        first: seeds.first + index,
        count: Math.ceil((seeds.count - index) / processes),
        step: processes,
        atLeastMs: seeds.atLeastMs ?? 0,
        stopsAtFailure: seeds.stopsAtFailure === true,
        countsKnown: seeds.countsKnown === true,
        ...(seeds.profile !== undefined && { profile: seeds.profile }),
      };
      return runChild(bundle, order, (text) => {
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
      });
    }),
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
