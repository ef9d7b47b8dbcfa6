import { constants } from 'node:os';
import { ExpectedFailure } from './expected-failure.mjs';
import { stopAll } from './processes/children.ts';

/** The signals by which people, terminals and supervisors end a script. */
const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How {@link runScript} ends what the script began. */
export interface ScriptOptions {
  /** Runs before the started processes are ended, whichever way the script ends. @default nothing */
  beforeEnd?: () => Promise<void>;
}

/**
 * Runs a script's main function and ends the process with its exit code. Every process that the script started is
 * gone before that, whether it returned, threw or was interrupted. An `ExpectedFailure` prints its sentence alone.
 *
 * @param main - resolves with the exit code
 */
export async function runScript(main: () => Promise<number>, options: ScriptOptions = {}): Promise<never> {
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= (async () => {
      await options.beforeEnd?.().catch(printFailure);
      await stopAll();
    })();
    return ending;
  };
  let isInterrupted = false;
  for (const signal of endings) {
    process.once(signal, async () => {
      isInterrupted = true;
      await end();
      process.exit(128 + constants.signals[signal]);
    });
  }
  let exitCode: number;
  try {
    exitCode = await main();
  } catch (error) {
    // What breaks because an interrupt took its processes away is no news.
    if (!isInterrupted) printFailure(error);
    exitCode = 1;
  }
  await end();
  // The handler of the interrupt ends the process, with the code of its signal.
  if (isInterrupted) await new Promise(() => {});
  process.exit(exitCode);
}

function printFailure(error: unknown): void {
  console.error(error instanceof ExpectedFailure ? error.message : error);
}
