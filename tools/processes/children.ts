import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { ExpectedFailure } from '../expected-failure.mjs';
import { projectRoot } from '../paths.ts';
import { ended, spawnGuarded } from './guard.mjs';
import type { GuardianOrder, GuardianReport } from './guardian-protocol.ts';

/** How {@link spawnManaged} starts a command. */
export interface ManagedOptions {
  /** What messages call the process. */
  name: string;
  /** @default the project's folder */
  cwd?: string;
  /** The whole environment. @default this process's own */
  env?: NodeJS.ProcessEnv;
  /** A file that receives stdout and stderr; its folder is made. @default both appear in this process's own */
  logFile?: string;
  /** Hands stdout to the caller, who must read it to its end, instead of to the log. @default false */
  captureStdout?: boolean;
  /** How long the command and its descendants may take to end after SIGTERM, before SIGKILL. @default 5,000 */
  graceMs?: number;
}

/** A running command that cannot outlive this process. */
export interface ManagedProcess {
  readonly name: string;
  /** The command's process id, which is also the id of its process group. */
  readonly pid: number;
  /** Present with `captureStdout` only. */
  readonly stdout: Readable | null;
  /** Resolves with the exit code once the command and everything it started are gone (128 + n after signal n). */
  readonly exited: Promise<number>;
  /** Ends the command and everything it started; resolves when they are gone. May be called again. */
  stop(): Promise<void>;
}

/** What a guardian may need beyond the grace of its command. */
const guardianPatienceMs = 10_000;

const running = new Set<ManagedProcess>();

/**
 * Starts a command in a process group of its own, under a guardian process that ends the whole group when `stop` is
 * called and when this process dies, however it dies.
 *
 * @throws ExpectedFailure when the command cannot be started
 */
export async function spawnManaged(
  command: string,
  args: readonly string[],
  options: ManagedOptions,
): Promise<ManagedProcess> {
  const order: GuardianOrder = { command, args: [...args], graceMs: options.graceMs ?? 5_000 };
  const guardian = spawnGuardian(order, options);
  const exited = ended(guardian);
  const pid = await startedPid(guardian, options.name);
  const managed: ManagedProcess = {
    name: options.name,
    pid,
    stdout: guardian.stdout,
    exited: exited.finally(() => running.delete(managed)),
    async stop() {
      if (guardian.connected) guardian.disconnect();
      // The guardian ends by itself, SIGKILL included; it is ended only if it should be stuck.
      const stuck = setTimeout(() => guardian.kill('SIGKILL'), order.graceMs + guardianPatienceMs);
      await exited;
      clearTimeout(stuck);
    },
  };
  running.add(managed);
  return managed;
}

/** Ends everything that {@link spawnManaged} started and that still runs; resolves when all of it is gone. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((managed) => managed.stop()));
}

function spawnGuardian(order: GuardianOrder, options: ManagedOptions): ChildProcess {
  const log = options.logFile === undefined ? undefined : openLog(options.logFile);
  try {
    return spawnGuarded(order, {
      cwd: options.cwd ?? projectRoot,
      env: options.env ?? process.env,
      stdio: ['ignore', options.captureStdout ? 'pipe' : (log ?? 'inherit'), log ?? 'inherit'],
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true });
  return openSync(path, 'a');
}

function startedPid(guardian: ChildProcess, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = (reason: string) =>
      reject(new ExpectedFailure(`${name} could not be started: ${reason}.`));
    guardian.once('message', (message: GuardianReport) => {
      if (message.kind === 'started') resolve(message.pid);
      else refuse(message.reason);
    });
    guardian.once('error', (error) => refuse(error.message));
    guardian.once('exit', (code) => refuse(`its guardian ended with ${code}`));
  });
}
