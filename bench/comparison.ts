/** One line of the table: what we cost, and what a peer costs in the same run. */
export interface Comparison {
  /** Stable name, for `--only` and for whoever compares runs. */
  readonly bench: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  /** Ours by the peer's; below 1 is less. */
  readonly ratio: number;
  /** What it cannot go below: the same with nothing of a client in it. */
  readonly floor: number;
}

/** A benchmark, and what it is to reach. */
export interface Benchmark {
  readonly name: string;
  /** Whether a line reaches the goal, and the goal in words. */
  readonly goal: { readonly text: string; isMet(line: Comparison): boolean };
  run(): Promise<readonly Comparison[]>;
}

/** Puts a line together. */
export const compared = (line: Omit<Comparison, 'ratio'>): Comparison => ({
  ...line,
  ours: rounded(line.ours),
  peer: rounded(line.peer),
  floor: rounded(line.floor),
  ratio: Number((line.ours / line.peer).toFixed(3)),
});

const rounded = (value: number): number => Number(value.toFixed(value < 10 ? 2 : 0));

/** The middle of what was measured. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Measures several ways of doing the same in turn, so that whatever the machine does besides meets all of them.
 *
 * @returns the median of each
 */
export async function interleaved<K extends string>(
  rounds: number,
  ways: Readonly<Record<K, () => Promise<number>>>,
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(ways) as K[];
  const measured = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const name of names) measured.get(name)?.push(await ways[name]());
  return Object.fromEntries(names.map((name) => [name, median(measured.get(name) ?? [])])) as Record<
    K,
    number
  >;
}
