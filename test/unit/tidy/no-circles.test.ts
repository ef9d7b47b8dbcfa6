import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';

const SOURCES = '{infra,functions,shared,cli,simulated-org,local,tools,bench}/**/*.{ts,mts,mjs}';

/** `from './x.ts'`, `import './x.ts'` and `import('./x.ts')`, in code and in JSDoc alike: a type makes a circle too. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g;

type Imports = ReadonlyMap<string, readonly string[]>;

function readImports(root: string): Imports {
  const files = globSync(SOURCES, { cwd: root }).sort();
  return new Map(
    files.map((file) => {
      const found = readFileSync(join(root, file), 'utf8').matchAll(RELATIVE_IMPORT);
      return [file, [...found].map(([, path = '']) => relative(root, resolve(root, dirname(file), path)))];
    }),
  );
}

/** The groups of files that all reach each other (strongly connected components, by Tarjan's algorithm). */
function circles(imports: Imports): readonly (readonly string[])[] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const open: string[] = [];
  /** Returns the earliest file still open that `file` reaches. */
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    open.push(file);
    const targets = (imports.get(file) ?? []).filter((target) => imports.has(target));
    let earliest = own;
    for (const target of targets) {
      if (!order.has(target)) earliest = Math.min(earliest, visit(target));
      else if (open.includes(target)) earliest = Math.min(earliest, order.get(target) ?? own);
    }
    if (earliest < own) return earliest;
    const group = open.splice(open.indexOf(file));
    if (group.length > 1) found.push(group.sort());
    return own;
  };
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return found;
}

let planted: string | undefined;
afterEach(() => {
  if (planted) rmSync(planted, { recursive: true });
  planted = undefined;
});

function plant(files: Readonly<Record<string, string>>): string {
  planted = mkdtempSync(join(tmpdir(), 'circles-'));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), source);
  }
  return planted;
}

test('no file imports itself by way of others, not even for a type', () => {
  expect(circles(readImports(process.cwd()))).toEqual([]);
});

test('a circle is found across folders, by types and by side effects, without the files that only lead to it', () => {
  const root = plant({
    'infra/a.ts': "import type { B } from '../shared/deep/b.ts';\n",
    'shared/deep/b.ts': "export {\n  c,\n} from '../c.mjs';\n",
    'shared/c.mjs': "import '../infra/a.ts';\nimport './leaf.ts';\n",
    'shared/leaf.ts': "import { join } from 'node:path';\n",
    'tools/entry.ts': "import '../infra/a.ts';\nimport './one.ts';\n",
    'tools/one.ts': "const two = await import('./two.ts');\n",
    'tools/two.ts': "type One = import('./one.ts').One;\n",
  });

  expect(circles(readImports(root))).toEqual([
    ['infra/a.ts', 'shared/c.mjs', 'shared/deep/b.ts'],
    ['tools/one.ts', 'tools/two.ts'],
  ]);
});
