import { execFile } from 'node:child_process';

/** What a short command printed, and how it ended. */
export interface Captured {
  /** 127 when there is no such command. */
  exitCode: number;
  /** stdout and stderr, one after the other. */
  output: string;
}

/** Runs a short command to its end; a failure is a result here, not an exception. */
export function capture(command: string, args: readonly string[], env = process.env): Promise<Captured> {
  return new Promise((resolve) => {
    execFile(command, args, { env, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ exitCode: code, output: stdout + stderr });
    });
  });
}
