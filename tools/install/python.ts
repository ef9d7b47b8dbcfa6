import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ExpectedFailure } from '../expected-failure.mjs';

/** A Python interpreter on the PATH. */
export interface Python {
  command: string;
  /** As in "3.12.4". */
  version: string;
}

/** MiniStack asks for this version or a newer one (its package metadata, `Requires-Python`). */
const oldestPython = [3, 10] as const;

/** Plain names first; some systems keep an old `python3` and put newer ones beside it. */
const names = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

const run = promisify(execFile);

const printVersion = 'import sys; print("%d.%d.%d" % sys.version_info[:3])';

/**
 * Finds a Python that can run MiniStack.
 *
 * @throws ExpectedFailure when there is none, or only older ones
 */
export async function findPython(): Promise<Python> {
  const tooOld: string[] = [];
  for (const command of names) {
    const printed = await run(command, ['-c', printVersion]).catch(() => undefined);
    const version = printed?.stdout.trim() ?? '';
    if (!/^\d+\.\d+\.\d+$/.test(version)) continue;
    if (isNewEnough(version)) return { command, version };
    tooOld.push(version);
  }
  throw new ExpectedFailure(describeMissingPython(tooOld));
}

/** @param version - as in "3.12.4" */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > oldestPython[0] || (major === oldestPython[0] && minor >= oldestPython[1]);
}

/** @param tooOld - the versions that were found and cannot be used */
export function describeMissingPython(tooOld: readonly string[]): string {
  const needed = `Python ${oldestPython.join('.')} or newer is needed to run the emulated AWS`;
  if (tooOld.length === 0) return `${needed}, and there is no python3 on the PATH.`;
  return `${needed}, and this machine's is ${[...new Set(tooOld)].join(', ')}.`;
}
