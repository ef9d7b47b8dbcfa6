import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from '@jest/globals';

/** Recorded payloads stay outside the project, since their licences differ; tests read them in place. */
const FOLDER = path.resolve(process.cwd(), '../shared/salesforce/fixtures');
const isThere = existsSync(FOLDER);

/**
 * A test that needs the recorded payloads. Without them it is skipped on a person's machine, and fails in CI,
 * where nobody would notice that it no longer runs.
 */
export function fixturesTest(name: string, work: (folder: string) => void | Promise<void>): void {
  if (isThere) test(name, () => work(FOLDER));
  else if (process.env.CI)
    test(name, () => Promise.reject(new Error(`the recorded payloads are missing: ${FOLDER}`)));
  else
    test.skip(`${name} (skipped: the recorded payloads are not at ../shared/salesforce/fixtures)`, () =>
      undefined);
}

/** One recorded payload. */
export function fixture(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
}

/** What a value is, with its keys but without its content: two payloads of one shape give the same. */
export function shapeOf(value: unknown): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object') return typeof value;
  const entries = Object.entries(value).map(([key, item]) => [key, shapeOf(item)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
