import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { ExpectedFailure } from '../expected-failure.mjs';
import type { ManagedProcess } from './children.ts';
import { lastLines } from './last-lines.ts';

/**
 * Waits for the line of JSON by which a process started with `captureStdout` says that it is ready.
 * Everything it prints goes on into `logFile`, the line itself excepted: it may carry credentials.
 *
 * @returns what the line says, unread: the caller checks its shape
 * @throws ExpectedFailure when the process ends, or prints anything but JSON, first
 */
export function readReadyLine(managed: ManagedProcess, logFile: string): Promise<unknown> {
  const { stdout, name } = managed;
  if (stdout === null) throw new TypeError(`${name} was started without captureStdout`);
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile, { flags: 'a' });
  const lines = createInterface({ input: stdout });
  return new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      lines.on('line', (later) => log.write(`${later}\n`));
      try {
        resolve(JSON.parse(line));
      } catch {
        reject(new ExpectedFailure(`${name} did not start as expected: see ${logFile}.`));
      }
    });
    lines.once('close', () => {
      log.end();
      // Its log is whole once it has ended.
      void managed
        .stop()
        .then(() =>
          reject(new ExpectedFailure(`${name} ended before it was ready. ${lastLines(logFile, 10)}`)),
        );
    });
  });
}
