import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

/** The project's own lint rules, over sources that are planted beside them. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'circles-lint-'));
  for (const path of ['biome.json', '.gitignore', 'shared/salesforce-client/soql'])
    cpSync(join(process.cwd(), path), join(folder, path), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The files of which lint says that they are part of a circle of imports. */
function filesInCircles(sources: Readonly<Record<string, string>>): readonly string[] {
  for (const [path, source] of Object.entries(sources)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const biome = join(process.cwd(), 'node_modules/.bin/biome');
  const args = ['lint', '--reporter=json', ...Object.keys(sources)];
  const { stdout } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; severity: string; location: { path: string } }[];
  };
  return diagnostics
    .filter(({ category, severity }) => category.endsWith('/noImportCycles') && severity === 'error')
    .map(({ location }) => location.path)
    .sort();
}

describe('lint', () => {
  test.each(['infra', 'functions', 'shared', 'cli', 'simulated-org', 'local', 'tools', 'bench', 'test'])(
    'refuses a circle of imports in %s, without the file that only leads to it',
    (room) => {
      const circle = filesInCircles({
        [`${room}/a.ts`]: "import { b } from './deep/b.ts';\nexport const a = b;\n",
        [`${room}/deep/b.ts`]: "export { c as b } from '../c.mts';\n",
        [`${room}/c.mts`]: "import './a.ts';\nexport const c = 1;\n",
        [`${room}/entry.ts`]: "import './a.ts';\n",
      });

      expect(circle).toEqual([`${room}/a.ts`, `${room}/c.mts`, `${room}/deep/b.ts`]);
    },
  );

  test('refuses a circle of types, across folders', () => {
    const circle = filesInCircles({
      'shared/a.ts': "import type { B } from './deep/b.ts';\nexport type A = readonly B[];\n",
      'shared/deep/b.ts': "import type { A } from '../a.ts';\nexport type B = A | string;\n",
    });

    expect(circle).toEqual(['shared/a.ts', 'shared/deep/b.ts']);
  });
});
