import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ExpectedFailure } from '../../tools/expected-failure.mjs';
import { commandFolder } from '../../tools/paths.ts';
import { spawnManaged } from '../../tools/processes/children.ts';
import { lastLines } from '../../tools/processes/last-lines.ts';

/** One run of the CDK CLI. */
export interface CdkRun {
  /** The subcommand and what follows it. */
  args: readonly string[];
  /** Where `cdk.json` lies, if the subcommand needs the app. */
  cwd: string;
  env: Record<string, string>;
  logFile: string;
  /** Receives each line of output. @default they only go into the log */
  onLine?: (line: string) => void;
}

/** The CLI would otherwise ask hosts outside for news, and format for a terminal. */
const quiet = ['--no-notices', '--no-color', '--no-version-reporting'];
const quietEnv = { CI: 'true', CDK_DISABLE_VERSION_CHECK: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };

/**
 * Runs the project's CDK CLI to its end. In CI mode it writes everything but errors to stdout.
 *
 * @throws ExpectedFailure with the end of the log when the CLI fails
 */
export async function runCdk(run: CdkRun): Promise<void> {
  const cdk = await spawnManaged(join(commandFolder, 'cdk'), [...run.args, ...quiet], {
    name: `cdk ${run.args[0]}`,
    cwd: run.cwd,
    env: { ...run.env, ...quietEnv },
    logFile: run.logFile,
    captureStdout: true,
  });
  if (cdk.stdout !== null) {
    const log = createWriteStream(run.logFile, { flags: 'a' });
    for await (const line of createInterface({ input: cdk.stdout })) {
      log.write(`${line}\n`);
      run.onLine?.(line);
    }
    await new Promise((resolve) => log.end(resolve));
  }
  const exitCode = await cdk.exited;
  if (exitCode !== 0) {
    throw new ExpectedFailure(`${cdk.name} ended with ${exitCode}. ${lastLines(run.logFile, 25)}`);
  }
}
