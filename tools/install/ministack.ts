import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ExpectedFailure } from '../expected-failure.mjs';
import { localFolder } from '../paths.ts';
import { spawnManaged } from '../processes/children.ts';
import { withLock } from './lock.ts';
import { findPython, type Python } from './python.ts';

/** How to start MiniStack here. */
export interface MiniStackCommand {
  command: string;
  args: string[];
  /** Whether this call installed it or found it installed. */
  origin: 'installed' | 'reused' | 'uvx';
}

/** The emulator, and what it needs for KMS signatures and the JWT authorizer. Move the version with docs in hand. */
const requirements = ['ministack==1.5.33', 'cryptography==50.0.2'];

const venvFolder = join(localFolder, 'venv');
const venvPython = join(venvFolder, 'bin/python3');
/** Written last, so an interrupted installation has none. */
const marker = join(venvFolder, 'installed.txt');
const installLog = join(localFolder, 'venv-install.log');

/**
 * Makes sure that MiniStack is installed, in a virtual environment that belongs to this checkout; the first time
 * takes a network and some ten seconds, later calls take milliseconds.
 *
 * @param onProgress - receives a line when something is installed
 * @throws ExpectedFailure without a Python that can be used, or without a network to install from
 */
export async function ensureMiniStack(
  onProgress: (line: string) => void = () => {},
): Promise<MiniStackCommand> {
  if (isInstalled()) return inVenv('reused');
  return withLock(join(localFolder, 'venv-lock.sqlite'), async () => {
    if (isInstalled()) return inVenv('reused');
    const python = await findPython();
    onProgress(`Installing the emulated AWS for Python ${python.version} (once) …`);
    if (await makeVenv(python)) {
      await installPackages();
      return inVenv('installed');
    }
    return throughUvx(python);
  });
}

function isInstalled(): boolean {
  try {
    return readFileSync(marker, 'utf8') === requirements.join('\n') && existsSync(venvPython);
  } catch {
    return false;
  }
}

const inVenv = (origin: 'installed' | 'reused'): MiniStackCommand => ({
  command: venvPython,
  args: ['-m', 'ministack'],
  origin,
});

/** @returns false where this Python comes without the parts that make virtual environments */
async function makeVenv(python: Python): Promise<boolean> {
  rmSync(venvFolder, { recursive: true, force: true });
  mkdirSync(localFolder, { recursive: true });
  rmSync(installLog, { force: true });
  if ((await runLogged(python.command, ['-m', 'venv', venvFolder])) === 0) return true;
  rmSync(venvFolder, { recursive: true, force: true });
  return false;
}

async function installPackages(): Promise<void> {
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--retries=2',
  ];
  const exitCode = await runLogged(venvPython, [...args, ...requirements]);
  if (exitCode !== 0)
    throw new ExpectedFailure(describePipFailure(exitCode, readFileSync(installLog, 'utf8')));
  writeFileSync(marker, requirements.join('\n'));
}

async function runLogged(command: string, args: readonly string[]): Promise<number> {
  const options = { name: 'The installation of MiniStack', env: pythonEnvironment(), logFile: installLog };
  return (await spawnManaged(command, args, options)).exited;
}

async function throughUvx(python: Python): Promise<MiniStackCommand> {
  const found = await promisify(execFile)('uvx', ['--version']).catch(() => undefined);
  if (found === undefined) {
    throw new ExpectedFailure(
      `Python ${python.version} here cannot make virtual environments: install its venv module (Debian and Ubuntu: the package python3-venv) or uv.`,
    );
  }
  const [ministack = '', ...others] = requirements;
  const args = [
    '--python',
    python.command,
    '--from',
    ministack,
    ...others.flatMap((name) => ['--with', name]),
  ];
  return { command: 'uvx', args: [...args, 'ministack'], origin: 'uvx' };
}

/** One sentence for a failed `pip install`. */
export function describePipFailure(exitCode: number, output: string): string {
  const isNetworkTrouble =
    /name resolution|getaddrinfo|NewConnectionError|ConnectTimeoutError|ProxyError|Network is unreachable|Connection refused|Connection broken/i;
  if (isNetworkTrouble.test(output)) {
    return 'The emulated AWS (MiniStack) could not be installed because the Python package index cannot be reached from here: connect to the network once and try again.';
  }
  return `The emulated AWS (MiniStack) could not be installed: pip ended with ${exitCode} (see ${installLog}).`;
}

/** A person's own Python settings must not leak into the virtual environment. */
export function pythonEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { PYTHONHOME: _home, PYTHONPATH: _path, PIP_USER: _user, PIP_TARGET: _target, ...others } = env;
  return others;
}
