import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStack } from '../../../local/stack/local-stack.ts';
import { functionNamed } from './iam.ts';
import { readTestAws } from './test-aws.ts';

/**
 * Kills the processes in which the emulated AWS runs a function, in the middle of whatever they do: by a signal that
 * none can handle. They are told by the folder that this run's MiniStack unpacks a function's code into: another run on
 * the machine has functions of the same names.
 *
 * @returns how many there were
 */
export function killWorkers(stack: LocalStack, entry: string): number {
  const folder = join(readTestAws().scratchFolder, `ministack-lambda-${functionNamed(stack, entry)}-`);
  const pids = processes().flatMap(({ pid, command }) => (command.includes(folder) ? [pid] : []));
  return pids.filter(kill).length;
}

interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Not every Linux has `ps`, and nothing else has `/proc`. */
function processes(): RunningProcess[] {
  if (existsSync('/proc/self/cmdline')) {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map((pid) => ({ pid: Number(pid), command: commandOf(pid) }));
  }
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
}

/** Empty for a process that has ended meanwhile. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** False for a process that has ended meanwhile. */
function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}
