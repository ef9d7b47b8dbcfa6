import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { type PlantedEdit, plant } from './plant.ts';

/** A bug that is put into a source file while it is bundled. */
export interface PlantedBug {
  readonly name: string;
  /** The kind of schedule that finds it soonest. @default any */
  readonly profile?: string;
  /** A finding by which the engine does the same wrong itself: until it is mended, nothing can tell the two apart. */
  readonly awaits?: string;
  readonly edits: readonly PlantedEdit[];
}

const ROOT = join(import.meta.dirname, '../../..');
const TIMERS = join(ROOT, 'test/simulation/turns/timers.ts');

/**
 * Bundles the simulation into one file, with virtual timers, and with one bug where one is given.
 *
 * @throws Error for a bug whose text is not in its file exactly once
 */
export async function bundleSimulation(outfile: string, bug?: PlantedBug): Promise<void> {
  const result = await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/simulation/child.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    // Nobody reads where a planted bug crashes.
    sourcemap: bug ? false : 'inline',
    logLevel: 'error',
    metafile: true,
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    plugins: [virtualTimers, ...(bug ? [planting(bug)] : [])],
  });
  const bundled = new Set(Object.keys(result.metafile.inputs));
  const missing = bug?.edits.find(({ file }) => !bundled.has(file));
  if (missing)
    throw new Error(`"${bug?.name}" is planted in ${missing.file}, which the simulation does not run`);
}

const virtualTimers: Plugin = {
  name: 'virtual-timers',
  setup: ({ onResolve }) => onResolve({ filter: /^(node:)?timers$/ }, () => ({ path: TIMERS })),
};

const planting = (bug: PlantedBug): Plugin => ({
  name: 'planted-bug',
  setup: ({ onLoad }) =>
    // Every file that the filter lets through costs a message to esbuild and back.
    onLoad({ filter: endingIn(bug.edits.map(({ file }) => file)) }, ({ path }) => {
      const contents = plant(bug, relative(ROOT, path), readFileSync(path, 'utf8'));
      return { contents, loader: 'ts' };
    }),
});

const endingIn = (files: readonly string[]): RegExp =>
  new RegExp(`(?:${files.map((file) => file.replaceAll('.', '\\.')).join('|')})$`);
