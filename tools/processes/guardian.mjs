/**
 * Runs one command in a process group of its own and leaves nothing of it behind.
 *
 * Started with an IPC channel by the process that wants the command (`guard.mjs`). When the channel
 * closes, because that process asked for it or because it died, even by SIGKILL, the whole group is ended: SIGTERM,
 * then SIGKILL when the grace is over. The same happens to what the command leaves behind when it ends by itself.
 * Signals sent to the guardian are passed on to the command. It ends with the command's exit code.
 *
 * Plain JavaScript, since it also guards the installation of everything else.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a group may take to vanish after SIGKILL; only a process stuck in the kernel needs longer. */
const lastWaitMs = 3_000;

/** @type {import('./guardian-protocol.ts').GuardianOrder} */
const order = JSON.parse(process.argv[2]);

/** @type {Promise<void> | undefined} */
let sweeping;

const child = spawn(order.command, order.args, { stdio: 'inherit', detached: true });
child.on('spawn', () => report({ kind: 'started', pid: child.pid }));
child.on('error', (error) => {
  report({ kind: 'failed', reason: error.message });
  process.exitCode = 127;
  if (process.connected) process.disconnect();
});
child.on('exit', (code, signal) => {
  sweep().then(() => process.exit(code ?? 128 + constants.signals[signal]));
});
process.on('disconnect', sweep);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
// The starter may have died before the listener above was there.
if (!process.connected) sweep();

/** @param {import('./guardian-protocol.ts').GuardianReport} message */
function report(message) {
  if (process.connected) process.send(message, undefined, undefined, () => {});
}

function sweep() {
  sweeping ??= endGroup(child.pid);
  return sweeping;
}

async function endGroup(group) {
  if (group === undefined) return;
  signalGroup(group, 'SIGTERM');
  if (await isGroupGone(group, order.graceMs)) return;
  signalGroup(group, 'SIGKILL');
  await isGroupGone(group, lastWaitMs);
}

/** Looks often: a group usually vanishes within milliseconds, and a run ends only when it has. */
async function isGroupGone(group, patienceMs) {
  const deadline = Date.now() + patienceMs;
  while (signalGroup(group, 0)) {
    if (Date.now() >= deadline) return false;
    await sleep(20);
  }
  return true;
}

/** Returns false when no process of the group is left. */
function signalGroup(group, signal) {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    // macOS answers EPERM for a group of which only a zombie is left.
    return error.code === 'EPERM' && process.platform !== 'darwin';
  }
}
