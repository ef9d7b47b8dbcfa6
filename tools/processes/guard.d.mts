import type { ChildProcess } from 'node:child_process';
import type { GuardianOrder } from './guardian-protocol.ts';

/** How {@link spawnGuarded} starts a command. */
export interface GuardOptions {
  readonly cwd: string;
  /** The whole environment. @default this process's own */
  readonly env?: NodeJS.ProcessEnv;
  /** The command's stdin, stdout and stderr; a number is an open file. */
  readonly stdio: readonly ('inherit' | 'ignore' | 'pipe' | number)[];
}

export function spawnGuarded(order: GuardianOrder, options: GuardOptions): ChildProcess;

export function ended(guarded: ChildProcess): Promise<number>;
