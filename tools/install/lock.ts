import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedFailure } from '../expected-failure.mjs';

/** SQLite's code for a database that another connection has locked (`SQLITE_BUSY`). */
const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === 5;

/** How {@link withLock} waits for another process. */
export interface LockPatience {
  /** An installation takes a minute or two on a slow network; after this long it hangs. @default 10 minutes */
  readonly timeoutMs?: number;
  /** @default 200 */
  readonly everyMs?: number;
}

/**
 * Runs `work` while no other process of this machine does the same under the same file.
 *
 * The lock is that of an empty SQLite database, so it is the operating system's own: it is gone with the process that
 * held it, however that process ended, and nobody has to judge whether it is stale.
 *
 * @throws ExpectedFailure when another process holds the lock for too long
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { timeoutMs = 600_000, everyMs = 200 }: LockPatience = {},
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    const deadline = Date.now() + timeoutMs;
    while (!tryLock(database)) {
      if (Date.now() >= deadline)
        throw new ExpectedFailure(
          `Another process has held ${file} for ${timeoutMs / 1_000} s: end the other run of this project, and try again.`,
        );
      await sleep(everyMs);
    }
    return await work();
  } finally {
    database.close();
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
