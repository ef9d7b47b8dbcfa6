/** Starts commands under a guardian. Plain JavaScript for whatever Node runs it: it also guards the installation. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const guardian = fileURLToPath(new URL('./guardian.mjs', import.meta.url));

/**
 * Starts a command that ends, with everything that it started, when this process does. See `guardian.mjs`.
 * Disconnecting from the returned process ends the command too.
 *
 * @param {import('./guardian-protocol.ts').GuardianOrder} order
 * @param {import('./guard.mjs').GuardOptions} options
 * @returns {import('node:child_process').ChildProcess} the guardian
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

/** When somebody kills the guardian itself, nobody is left to give its group a grace: it ends at once. */
function endOrphans(guarded) {
  let group;
  guarded.once('message', (report) => {
    group = report.pid;
  });
  guarded.once('exit', (_code, signal) => {
    if (signal === null || group === undefined) return;
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // Nothing of the group is left.
    }
  });
}

/**
 * Waits for a guarded command to end and everything it started to be gone.
 *
 * @param {import('node:child_process').ChildProcess} guarded
 * @returns {Promise<number>} its exit code; 128 + n after signal n, 127 when it could not be started
 */
export function ended(guarded) {
  return new Promise((resolve) => {
    guarded.once('error', () => resolve(127));
    guarded.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}
