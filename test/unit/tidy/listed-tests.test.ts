import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const FOLDER = 'test/unit/use-cases/reconciliation';
const LISTS = ['schedules', 'pains'];
const ROW = /^\| .* \| \[`[^`]+`\]\(([^)]+)\) \| (.*) \|$/gm;

const textOf = (list: string): string => readFileSync(join(FOLDER, list, 'README.md'), 'utf8');

const rows = LISTS.flatMap((list) =>
  [...textOf(list).matchAll(ROW)].map(
    ([, file = '', name = '']) => [list, name, join(FOLDER, list, file)] as const,
  ),
);

test.each(rows)('what the list of %s names is there: %s', (_list, name, file) => {
  expect(readFileSync(file, 'utf8')).toContain(`'${name}'`);
});

test('every row of a list is read, and all 27 proven schedules are listed', () => {
  for (const list of LISTS) {
    const lines = textOf(list)
      .split('\n')
      .filter((line) => line.startsWith('|'));
    // Below the names of the columns.
    expect(rows.filter(([of]) => of === list)).toHaveLength(lines.length - 2);
  }
  expect([...textOf('schedules').matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))).toEqual(
    Array.from({ length: 27 }, (_, index) => index + 1),
  );
});
