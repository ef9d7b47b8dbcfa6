import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

/** An interpolation, which this file itself must not look like having. */
const HOLE = '$'.concat('{name}');
const withHole = (expression: string) =>
  `export const make = (name, table) => ${expression.replaceAll('HOLE', HOLE)};\n`;
/** The project's own lint rules, over sources that are planted beside them. */
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'soql-lint-'));
  for (const path of [
    'biome.json',
    '.gitignore',
    'shared/salesforce-client/soql/no-soql-strings.grit',
    'shared/salesforce-client/soql/no-soql-pieces.grit',
  ])
    cpSync(join(process.cwd(), path), join(folder, path));
});
afterAll(() => rmSync(folder, { recursive: true }));

function complaints(path: string, source: string): readonly string[] {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, source);
  const biome = join(process.cwd(), 'node_modules/.bin/biome');
  const { stdout } = spawnSync(biome, ['lint', '--reporter=json', path], { cwd: folder, encoding: 'utf8' });
  rmSync(file);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { category: string }[] };
  return diagnostics.map(({ category }) => category).filter((category) => category === 'plugin');
}

describe('lint', () => {
  test.each([
    ['a template', '`SELECT Id FROM Contact WHERE Name = HOLE`'],
    ['a template without a value', '`SELECT Id FROM Contact`'],
    ['a template that begins on the next line', '`\n  select Id from Contact`'],
    ['text that more is added to', '"SELECT Id FROM Contact WHERE Name = " + name'],
    ['text in single quotes', "['SELECT Id FROM', table].join(' ')"],
    ['another tag', 'String.raw(`SELECT HOLE`)'],
    ['a piece that nobody checked', 'new Soql(name)'],
  ])('refuses SOQL from strings: %s', (_, expression) => {
    const source = withHole(expression);

    for (const path of [
      'shared/use-cases/planted.ts',
      'functions/planted/handler.ts',
      'shared/salesforce/planted.ts',
    ])
      expect(complaints(path, source)).toEqual(['plugin']);
  });

  test.each([
    ['the tag', 'soql`SELECT Id FROM Contact WHERE Name = HOLE`'],
    ['the tag of chunks', 'soqlChunks`SELECT Id FROM Contact WHERE Id IN HOLE`'],
    ['words that only begin so', "'selection of one'"],
    ['the word in the middle', '`You select HOLE`'],
  ])('takes %s', (_, expression) => {
    expect(complaints('shared/planted.ts', withHole(expression))).toEqual([]);
  });

  test('lets the folder of the tag make pieces', () => {
    expect(
      complaints('shared/salesforce-client/soql/planted.ts', 'export const a = new Soql("x");\n'),
    ).toEqual([]);
  });
});
