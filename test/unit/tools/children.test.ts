import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from '@jest/globals';
import { spawnManaged, stopAll } from '../../../tools/processes/children.ts';
import { ended, spawnGuarded } from '../../../tools/processes/guard.mjs';
import { freePort } from '../../../tools/processes/ports.ts';
import { readReadyLine } from '../../../tools/processes/ready-line.ts';
import { isProcessAlive } from '../../../tools/processes/run-directory.ts';

/** Prints its own process id and that of a descendant that ignores SIGTERM, then stays. */
const stubborn = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => console.log(JSON.stringify([process.pid, child.pid])));
  setInterval(() => {}, 1000);
`;

const folder = mkdtempSync(join(tmpdir(), 'children-'));
const logFile = join(folder, 'log.txt');

afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits for processes to vanish, for as long as a busy machine may need; then ends them, and fails. */
const gone = async (pids: readonly number[]) => {
  const deadline = Date.now() + 10_000;
  while (pids.some(isProcessAlive) && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const left = pids.filter(isProcessAlive);
  for (const pid of left) process.kill(pid, 'SIGKILL');
  expect(left).toEqual([]);
};

/** The slowest part is the reaping of what is killed, which is for the machine's own first process to do. */
const timeoutMs = 15_000;

describe('a managed process', () => {
  test('leaves nothing behind when it is stopped, not even a descendant that ignores SIGTERM', async () => {
    const managed = await spawnManaged(process.execPath, ['-e', stubborn], {
      name: 'stubborn',
      captureStdout: true,
      graceMs: 50,
    });
    const pids = (await readReadyLine(managed, logFile)) as number[];
    expect(pids.map(isProcessAlive)).toEqual([true, true]);

    await managed.stop();

    expect(pids.map(isProcessAlive)).toEqual([false, false]);
  });

  test(
    'ends with its starter when that is killed without a word',
    async () => {
      const guardian = join(process.cwd(), 'tools/processes/guardian.mjs');
      const order = JSON.stringify({ command: process.execPath, args: ['-e', stubborn], graceMs: 50 });
      const starter = spawn(
        process.execPath,
        [
          '-e',
          `require('node:child_process').spawn(process.execPath, ${JSON.stringify([guardian, order])}, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true })`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const pids = await new Promise<number[]>((resolve) => {
        createInterface({ input: starter.stdout }).once('line', (line) =>
          resolve(JSON.parse(line) as number[]),
        );
      });

      starter.kill('SIGKILL');

      await gone(pids);
    },
    timeoutMs,
  );

  test(
    'is gone at once when somebody kills its guardian, even what ignores SIGTERM',
    async () => {
      const order = { command: process.execPath, args: ['-e', stubborn], graceMs: 50 };
      const guardian = spawnGuarded(order, { cwd: process.cwd(), stdio: ['ignore', 'pipe', 'inherit'] });
      const pids = await new Promise<number[]>((resolve) => {
        if (guardian.stdout === null) throw new Error('the guardian has no stdout');
        createInterface({ input: guardian.stdout }).once('line', (line) =>
          resolve(JSON.parse(line) as number[]),
        );
      });

      guardian.kill('SIGKILL');

      expect(await ended(guardian)).toBe(128 + 9);
      await gone(pids);
    },
    timeoutMs,
  );

  test('reports its exit code, and writes both its streams into the log', async () => {
    const script = 'console.log("to stdout"); console.error("to stderr"); process.exitCode = 7';
    const managed = await spawnManaged(process.execPath, ['-e', script], { name: 'brief', logFile });

    expect(await managed.exited).toBe(7);
    expect(readFileSync(logFile, 'utf8')).toBe('to stdout\nto stderr\n');
  });

  test('is refused in one sentence when there is no such command', async () => {
    await expect(spawnManaged('no-such-command', [], { name: 'Nothing', logFile })).rejects.toThrow(
      /^Nothing could not be started: spawn no-such-command ENOENT\.$/,
    );
  });

  test('says so, with the end of its log, when it ends before it is ready', async () => {
    const managed = await spawnManaged(process.execPath, ['-e', 'console.error("port 7 is in use")'], {
      name: 'Brief',
      logFile,
      captureStdout: true,
    });

    await expect(readReadyLine(managed, logFile)).rejects.toThrow(
      /^Brief ended before it was ready\. The log \(.+\) ends with:\nport 7 is in use$/,
    );
  });
});

test('a free port is one that no system lends to outgoing connections, and another one at each call', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));

  expect(ports.filter((port) => port < 20_000 || port > 32_000)).toEqual([]);
  expect(new Set(ports).size).toBe(50);
});
