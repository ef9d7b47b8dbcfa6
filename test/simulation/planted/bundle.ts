import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** A bug that is put into a source file while it is bundled, so that the product holds no switch for it. */
export interface PlantedBug {
  readonly name: string;
  /** The kind of schedule that finds it soonest. @default any */
  readonly profile?: string;
  /** A finding by which the engine does the same wrong itself: until it is mended, nothing can tell the two apart. */
  readonly awaits?: string;
  readonly edits: readonly {
    /** From the project's root. */
    readonly file: string;
    /** Occurs once in the file. */
    readonly find: string;
    readonly replace: string;
  }[];
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
    sourcemap: 'inline',
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

const planting = ({ name, edits }: PlantedBug): Plugin => ({
  name: 'planted-bug',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const file = relative(ROOT, path);
      const ours = edits.filter((edit) => edit.file === file);
      if (ours.length === 0) return undefined;
      let contents = readFileSync(path, 'utf8');
      for (const { find, replace } of ours) {
        const count = contents.split(find).length - 1;
        if (count !== 1) throw new Error(`"${name}": the text to replace occurs ${count} times in ${file}`);
        contents = contents.replace(find, () => replace);
      }
      return { contents, loader: 'ts' };
    }),
});
