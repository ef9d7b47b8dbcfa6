import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder } from '../paths.ts';

let current: string | undefined;

/**
 * The folder of this process's run, `.local/run-<pid>-<random>`, for logs and scratch files; made on first use.
 * It stays after the run, for its logs, until another run begins.
 */
export function runDirectory(): string {
  if (current === undefined) {
    removeStaleRuns();
    current = mkdtempSync(join(localFolder, `run-${process.pid}-`));
  }
  return current;
}

/**
 * Tells which folders belong to runs that have ended, by the process id in their name.
 *
 * @param names - what lies in `.local`
 * @param isAlive - whether a process of that id exists
 */
export function staleRuns(names: readonly string[], isAlive: (pid: number) => boolean): string[] {
  return names.filter((name) => {
    const pid = /^run-(\d+)-[0-9A-Za-z]+$/.exec(name)?.[1];
    return pid !== undefined && !isAlive(Number(pid));
  });
}

/** A process of another user counts as alive. */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Jest's sandbox has an `Error` of its own, so no `instanceof` here.
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM';
  }
}

function removeStaleRuns(): void {
  mkdirSync(localFolder, { recursive: true });
  for (const name of staleRuns(readdirSync(localFolder), isProcessAlive)) {
    // Whatever may still write there for a moment does not matter enough to fail: the next run tries again.
    try {
      rmSync(join(localFolder, name), { recursive: true, force: true, maxRetries: 2 });
    } catch {}
  }
}
