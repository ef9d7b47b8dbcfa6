/** Installs the project's npm packages when they are missing or are not those that package-lock.json names. Plain JavaScript: nothing is installed yet. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ExpectedFailure } from '../expected-failure.mjs';
import { ended, spawnGuarded } from '../processes/guard.mjs';

/** What npm prints when it cannot reach the place that it installs from. */
const networkTrouble =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Not `npm ci`: it refuses a lock file without the optional packages of other platforms, which is what npm writes where
 * the registry does not carry all of them. With `--no-save`, `install` keeps to the lock file and leaves it alone.
 */
const installation = ['install', '--no-save', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline'];

/** One small request, to tell within seconds that there is no network: an installation would try for minutes. */
const probe = ['view', 'node', 'version', '--fetch-retries=1', '--fetch-retry-mintimeout=500'];

/**
 * Makes `node_modules` match `package-lock.json`, by `npm install`, unless it already does.
 *
 * @param {string} root - the project's folder
 * @throws ExpectedFailure in one sentence, when npm fails or cannot reach the network
 */
export async function ensurePackages(root) {
  const lock = readJson(join(root, 'package-lock.json'));
  const installed = readJson(join(root, 'node_modules/.package-lock.json'));
  if (isInstalled(lock, installed, process) && existsSync(projectNode(root))) return;

  const startedAt = Date.now();
  console.log('Installing the npm packages (once) …');
  const isOnline = !networkTrouble.test((await runNpm(root, probe)).output);
  // Without a network npm's cache may still hold everything.
  const { exitCode, output } = await runNpm(root, isOnline ? installation : [...installation, '--offline']);
  if (exitCode !== 0) throw new ExpectedFailure(describeNpmFailure(exitCode, output));
  if (!existsSync(projectNode(root))) {
    throw new ExpectedFailure(
      'npm installed the packages but not Node 24 (the package "node"): allow install scripts, as in `npm config set ignore-scripts false`, delete node_modules and try again.',
    );
  }
  console.log(`Installed the npm packages in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/**
 * Where the project's own Node 24 lies.
 *
 * @param {string} root
 */
export const projectNode = (root) => join(root, 'node_modules/node/bin/node');

/**
 * Tells whether npm's record of what it installed holds everything that the lock file names, byte for byte.
 * npm writes that record last, so an interrupted installation has none.
 * A package for another platform may be missing.
 *
 * @param {import('./install.mjs').Lock | undefined} lock
 * @param {import('./install.mjs').Lock | undefined} installed
 * @param {{ platform: string, arch: string }} machine
 */
export function isInstalled(lock, installed, machine) {
  if (!lock || !installed) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed.packages[path];
    if (!found) return mayBeMissing(wanted, machine);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** With a `libc` given the choice is between glibc and musl, which only npm knows. */
function mayBeMissing(wanted, machine) {
  if (!wanted.optional) return false;
  const fits = (names, name) => !names || names.includes(name);
  return (
    wanted.libc !== undefined ||
    !fits(wanted.os, machine.platform) ||
    !fits(wanted.cpu, machine.arch) ||
    !wanted.os
  );
}

/**
 * One sentence for a failed `npm install`.
 *
 * @param {number} exitCode
 * @param {string} output - what npm printed to its error stream
 */
export function describeNpmFailure(exitCode, output) {
  if (networkTrouble.test(output)) {
    return 'The npm packages could not be installed because the package registry cannot be reached from here: connect to the network once and try again.';
  }
  const reason = output
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/i, '').trim())
    .find((line) => line !== '' && !line.startsWith('code '));
  return `The npm packages could not be installed: npm install ended with ${exitCode}${reason ? ` (${reason})` : ''}.`;
}

async function runNpm(root, args) {
  const cli = process.env.npm_execpath;
  const [command, before] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  const order = { command, args: [...before, ...args, '--loglevel=error'], graceMs: 5_000 };
  const npm = spawnGuarded(order, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  const [exitCode, output] = await Promise.all([ended(npm), text(npm.stderr)]);
  if (exitCode === 127)
    throw new ExpectedFailure('npm is needed to install the packages, and is not on the PATH.');
  return { exitCode, output };
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
