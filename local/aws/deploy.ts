import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../tools/paths.ts';
import { runDirectory } from '../../tools/processes/run-directory.ts';
import { runCdk } from './cdk.ts';
import { localAccount, localRegion } from './environment.ts';

/** What {@link deploy} deploys, and where. */
export interface DeployOptions {
  /** A started emulated AWS: its environment and endpoint. */
  aws: { env: Record<string, string>; endpoint: string };
  /** Folder with the app's `cdk.json`. @default the project's */
  appFolder?: string;
  /** Added to the app's environment. @default nothing */
  env?: Record<string, string>;
  /** CDK context, as by `--context name=value`. @default only that of `cdk.json` */
  context?: Record<string, string>;
  /** Told of each step that ends and of the resources as they come. @default nobody is told */
  onProgress?: (progress: DeployProgress) => void;
}

/** How far a deployment has come. Bootstrapping and synthesis run side by side, and end in either order. */
export type DeployProgress =
  | { step: 'bootstrapped' | 'synthesized' | 'deployed'; elapsedMs: number }
  | { step: 'deploying'; stack: string; done: number; total: number };

/** What became of a deployment. */
export interface Deployment {
  /** By stack name, then by output name. */
  outputs: Record<string, Record<string, string>>;
  elapsedMs: number;
  /** Holds the logs of the CDK CLI and the synthesized app. */
  folder: string;
}

/** Bootstrapping an account once is enough; the endpoint stands for the account. */
const bootstrapping = new Map<string, Promise<void>>();

/**
 * Deploys all stacks of a CDK app to the emulated AWS, as a person would: bootstrap, synthesize, deploy.
 *
 * @throws ExpectedFailure with the end of the CDK CLI's log when a step fails
 */
export async function deploy(options: DeployOptions): Promise<Deployment> {
  const startedAt = Date.now();
  const elapsed = () => Date.now() - startedAt;
  const tell = options.onProgress ?? (() => {});
  const folder = mkdtempSync(join(runDirectory(), 'deploy-'));

  const preparations = await Promise.allSettled([
    bootstrap(options, folder).then(() => tell({ step: 'bootstrapped', elapsedMs: elapsed() })),
    synthesize(options, folder).then(() => tell({ step: 'synthesized', elapsedMs: elapsed() })),
  ]);
  for (const preparation of preparations) {
    if (preparation.status === 'rejected') throw preparation.reason;
  }
  await deployAssembly(options, folder, tell);
  tell({ step: 'deployed', elapsedMs: elapsed() });

  const outputs = JSON.parse(readFileSync(join(folder, 'outputs.json'), 'utf8')) as Deployment['outputs'];
  return { outputs, elapsedMs: elapsed(), folder };
}

function bootstrap({ aws }: DeployOptions, folder: string): Promise<void> {
  const known = bootstrapping.get(aws.endpoint);
  if (known !== undefined) return known;
  // Run where there is no cdk.json: given an app, the CLI would synthesize it first.
  const cwd = join(folder, 'bootstrap');
  mkdirSync(cwd);
  const begun = runCdk({
    args: ['bootstrap', `aws://${localAccount}/${localRegion}`],
    cwd,
    env: aws.env,
    logFile: join(folder, 'bootstrap.log'),
  });
  bootstrapping.set(aws.endpoint, begun);
  begun.catch(() => bootstrapping.delete(aws.endpoint));
  return begun;
}

function synthesize({ aws, appFolder, env, context }: DeployOptions, folder: string): Promise<void> {
  const contextArgs = Object.entries(context ?? {}).flatMap(([name, value]) => [
    '--context',
    `${name}=${value}`,
  ]);
  return runCdk({
    args: ['synth', '--quiet', '--output', join(folder, 'cdk.out'), ...contextArgs],
    cwd: appFolder ?? projectRoot,
    env: { ...aws.env, ...env },
    logFile: join(folder, 'synth.log'),
  });
}

function deployAssembly(
  { aws }: DeployOptions,
  folder: string,
  tell: (progress: DeployProgress) => void,
): Promise<void> {
  const assembly = ['--app', join(folder, 'cdk.out'), '--all', '--require-approval', 'never'];
  return runCdk({
    args: ['deploy', ...assembly, '--progress', 'events', '--outputs-file', join(folder, 'outputs.json')],
    cwd: folder,
    env: aws.env,
    logFile: join(folder, 'deploy.log'),
    onLine: (line) => {
      const progress = readProgress(line);
      if (progress !== undefined) tell(progress);
    },
  });
}

/** Reads a line of the CLI's event list, as in `Stack | 3/36 | 6:10:55 PM | CREATE_COMPLETE | …`. */
export function readProgress(line: string): DeployProgress | undefined {
  const match = /^\s*(\S+) \| +(\d+)\/(\d+) \| /.exec(line);
  if (match === null) return undefined;
  const [, stack = '', done, total] = match;
  return { step: 'deploying', stack, done: Number(done), total: Number(total) };
}
