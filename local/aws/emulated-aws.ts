import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedFailure } from '../../tools/expected-failure.mjs';
import { ensureMiniStack, type MiniStackCommand, pythonEnvironment } from '../../tools/install/ministack.ts';
import { commandFolder } from '../../tools/paths.ts';
import { type ManagedProcess, spawnManaged } from '../../tools/processes/children.ts';
import { lastLines } from '../../tools/processes/last-lines.ts';
import { choosePort, freePort, isPortFixed } from '../../tools/processes/ports.ts';
import { runDirectory } from '../../tools/processes/run-directory.ts';
import { ensureCertificate } from './certificate.ts';
import { type AwsAccess, localAwsEnvironment } from './environment.ts';

/** How {@link startEmulatedAws} runs MiniStack. */
export interface EmulatedAwsOptions {
  /** Factor on the Wait states of state machines; their task timeouts stay. @default 1 */
  waitScale?: number;
  /** Which one it is of those that run side by side. The first has the port that a person may have fixed. @default 0 */
  index?: number;
  /** Receives a line now and then. @default nobody does */
  onProgress?: (line: string) => void;
}

/** A running MiniStack with IAM enforced, reached over TLS. */
export interface EmulatedAws extends AwsAccess {
  /** This process's environment, turned towards the emulated AWS, for every process that shall use it. */
  env: Record<string, string>;
  logFile: string;
  /** Where it unpacks the code of functions, among other things. */
  scratchFolder: string;
  /** Process group of MiniStack and of the function workers below it. */
  pid: number;
  /** Resolves when MiniStack has ended, wanted or not. */
  exited: Promise<number>;
  /** Ends MiniStack and its workers; resolves when they are gone. */
  stop(): Promise<void>;
}

/** MiniStack is up within two seconds on an idle machine; a busy one may need many times that. */
const startTimeoutMs = 90_000;

/** Another program may take a free port between our look and MiniStack's. */
const startAttempts = 3;

/**
 * Installs MiniStack if need be and starts it on a loopback port (`SALESFORCE_SYNC_AWS_PORT`, else any free one).
 * Its state lives in memory: it begins empty and leaves nothing. This process trusts its certificate from here on.
 *
 * @throws ExpectedFailure when it cannot be installed or started, or the port asked for is in use
 */
export async function startEmulatedAws(options: EmulatedAwsOptions = {}): Promise<EmulatedAws> {
  const ministack = await ensureMiniStack(options.onProgress);
  const { certificateFile, keyFile } = await ensureCertificate();
  for (let attempt = 1; ; attempt += 1) {
    const port = options.index ? await freePort() : await choosePort('SALESFORCE_SYNC_AWS_PORT');
    const access = { endpoint: `https://localhost:${port}`, certificateFile };
    const logFile = join(runDirectory(), `${nameOf(options)}.log`);
    const env = localAwsEnvironment(access, process.env);
    const settings = ministackSettings(port, access, keyFile, options);
    const server = await start(ministack, { ...pythonEnvironment(env), ...settings }, logFile);
    if (await isReady(server, access)) {
      const scratchFolder = scratchOf(options);
      return {
        ...access,
        env,
        logFile,
        scratchFolder,
        pid: server.pid,
        exited: server.exited,
        stop: () => server.stop(),
      };
    }
    await server.stop();
    const hasLostRace = /address already in use/i.test(readFileSync(logFile, 'utf8'));
    if (!hasLostRace || isPortFixed('SALESFORCE_SYNC_AWS_PORT') || attempt === startAttempts) {
      throw new ExpectedFailure(`The emulated AWS (MiniStack) did not start. ${lastLines(logFile, 10)}`);
    }
  }
}

const nameOf = ({ index = 0 }: EmulatedAwsOptions): string => (index === 0 ? 'aws' : `aws-${index + 1}`);

const scratchOf = (options: EmulatedAwsOptions): string => join(runDirectory(), `${nameOf(options)}-tmp`);

function ministackSettings(port: number, access: AwsAccess, keyFile: string, options: EmulatedAwsOptions) {
  // MiniStack writes CommonJS workers into its TMPDIR; Node must not find this project's "type": "module" above them.
  const scratch = scratchOf(options);
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, 'package.json'), '{}');
  return {
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    AUTH: 'true',
    USE_SSL: '1',
    MINISTACK_SSL_CERT: access.certificateFile,
    MINISTACK_SSL_KEY: keyFile,
    // Its MQTT listener would open a fixed port on every interface.
    IOT_MTLS_ENABLED: '0',
    SFN_WAIT_SCALE: String(options.waitScale ?? 1),
    PERSIST_STATE: '0',
    STATE_DIR: join(scratch, 'state'),
    S3_DATA_DIR: join(scratch, 's3'),
    TMPDIR: scratch,
    // Its function workers are the first `node` on the PATH.
    PATH: [commandFolder, process.env.PATH].join(delimiter),
  };
}

function start(
  ministack: MiniStackCommand,
  env: NodeJS.ProcessEnv,
  logFile: string,
): Promise<ManagedProcess> {
  const options = { name: 'MiniStack', cwd: runDirectory(), env, logFile, graceMs: 3_000 };
  return spawnManaged(ministack.command, ministack.args, options);
}

async function isReady(server: ManagedProcess, access: AwsAccess): Promise<boolean> {
  let hasEnded = false;
  void server.exited.then(() => {
    hasEnded = true;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (!hasEnded && Date.now() < deadline) {
    if (await isHealthy(access)) return true;
    await sleep(100);
  }
  return false;
}

function isHealthy(access: AwsAccess): Promise<boolean> {
  return new Promise((resolve) => {
    const url = `${access.endpoint}/_ministack/health`;
    const ca = readFileSync(access.certificateFile);
    const probe = request(url, { ca, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on('timeout', () => probe.destroy());
    probe.on('error', () => resolve(false));
    probe.end();
  });
}
