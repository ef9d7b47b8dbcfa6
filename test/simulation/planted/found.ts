import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FINDABLE_BUGS } from './bugs.ts';

const FILE = join(import.meta.dirname, 'found.json');

/** The seed that found each planted bug last, by the bug's name. */
export const storedSeeds = (): Readonly<Record<string, number>> =>
  JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, number>;

/** Sorted by name; what is planted no longer is left out. */
export function storeSeeds(seeds: Readonly<Record<string, number>>): void {
  const names = FINDABLE_BUGS.map(({ name }) => name).filter((name) => name in seeds);
  const sorted = Object.fromEntries(names.sort().map((name) => [name, seeds[name]]));
  writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
