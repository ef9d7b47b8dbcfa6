/** Starts commands under a guardian from plain JavaScript, on whatever Node runs it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const guardian = fileURLToPath(new URL('./guardian.mjs', import.meta.url));

/**
 * Starts a command that ends, with everything that it started, when this process does. See `guardian.mjs`.
 *
 * @param {import('./guardian-protocol.ts').GuardianOrder} order
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, stdio: Array<'inherit' | 'ignore' | 'pipe'> }} options
 */
export function spawnGuarded(order, { cwd, env = process.env, stdio }) {
  const guarded = spawn(process.execPath, [guardian, JSON.stringify(order)], {
    cwd,
    env,
    stdio: [...stdio, 'ipc'],
    detached: true,
  });
  endOrphans(guarded);
  return guarded;
}

/** When somebody kills the guardian itself, its group has lost its keeper. */
function endOrphans(guarded) {
  let group;
  guarded.once('message', (report) => {
    group = report.pid;
  });
  guarded.once('exit', (_code, signal) => {
    if (signal === null || group === undefined) return;
    try {
      process.kill(-group, 'SIGTERM');
    } catch {
      // Nothing of the group is left.
    }
  });
}

/**
 * Waits for a guarded command to end and everything it started to be gone.
 *
 * @returns {Promise<number>} its exit code; 128 + n after signal n, 127 when it could not be started
 */
export function ended(guarded) {
  return new Promise((resolve, reject) => {
    guarded.on('error', reject);
    guarded.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
