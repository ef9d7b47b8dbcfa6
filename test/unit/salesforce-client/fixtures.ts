import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';

/** Recorded payloads of the platform; they lie beside the project, since their licences keep them out of it. */
const FOLDER = join(process.cwd(), '..', 'shared', 'salesforce', 'fixtures');
const isThere = existsSync(FOLDER);

/** A test that replays recordings. Where they are not at hand it is skipped, but never in a pipeline. */
export const replay = isThere || process.env.CI ? test : test.skip;

export const fixture = (path: string): Buffer => readFileSync(join(FOLDER, path));
export const fixtureText = (path: string): string => fixture(path).toString('utf8');
export const fixtureJson = <T = unknown>(path: string): T => JSON.parse(fixtureText(path)) as T;
