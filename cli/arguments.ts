import { parseArgs } from 'node:util';
import { ExpectedFailure } from '../tools/expected-failure.mjs';

/** What a command was called with. */
export interface Arguments {
  /** By `--stack`. */
  readonly stackName: string;
  /** What else stands there, in order. */
  readonly operands: readonly string[];
}

/**
 * Reads the arguments of a command that works on a deployed stack.
 *
 * @param args - without Node and the script
 * @throws ExpectedFailure with the usage when there is an option that the command does not know
 */
export function readArguments(args: readonly string[], usage: string): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { stack: { type: 'string', default: 'SalesforceSync' } },
    });
    return { stackName: values.stack, operands: positionals };
  } catch {
    throw new ExpectedFailure(`The only option is --stack, and it needs a name. Usage: ${usage}`);
  }
}
