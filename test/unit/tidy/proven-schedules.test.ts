import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const FOLDER = 'test/unit/use-cases/reconciliation/schedules';
const rows = readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(
  /^\| (\d+) \| .*? \| \[`[^`]+`\]\(([^)]+)\) \| (.*) \|$/gm,
);

test.each([...rows].map(([, number, file, name]) => [number, name, file] as const))(
  'the proven schedule %s has its test: %s',
  (_number, name, file) => {
    expect(readFileSync(join(FOLDER, file ?? ''), 'utf8')).toContain(`'${name}'`);
  },
);

test('all 27 are listed', () => {
  const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  expect([...text.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))).toEqual(
    Array.from({ length: 27 }, (_, index) => index + 1),
  );
});
