/** The second half of `run.mjs`, which an older Node never reaches: install, then run the script on Node 24 and end with it. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ExpectedFailure } from '../expected-failure.mjs';
import { ended, spawnGuarded } from '../processes/guard.mjs';
import { ensurePackages, projectNode } from './install.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A Ctrl-C under npm arrives twice, from the terminal and from npm; only a later one is the person's second. */
const samePressMs = 1_000;

/** A script gets this long to end by itself before its process group is ended by force. */
const graceMs = 20_000;

/** How often to look whether npm still lives. */
const lookMs = 1_000;

/**
 * Runs `script` with `args` from the project's folder until it ends. Whatever ends this process, SIGKILL included,
 * ends the script too: it runs under a guardian (see `guardian.mjs`).
 *
 * @param {string[]} command - the script and its arguments
 * @returns {Promise<number>} the script's exit code
 */
export async function launch([script, ...args]) {
  if (!script || !existsSync(resolve(root, script))) {
    throw new ExpectedFailure(
      `Usage: node tools/run.mjs <script.ts> [arguments]; there is no script ${script ?? ''}`,
    );
  }
  await ensurePackages(root);
  const order = { command: projectNode(root), args: [resolve(root, script), ...args], graceMs };
  const PATH = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const guardian = spawnGuarded(order, {
    cwd: root,
    env: { ...process.env, PATH },
    stdio: ['inherit', 'inherit', 'inherit'],
  });
  forwardSignals(guardian);
  endWithNpm(guardian);
  return ended(guardian);
}

function forwardSignals(guardian) {
  let firstAt;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = Date.now();
        guardian.kill(signal);
      } else if (Date.now() - firstAt > samePressMs && guardian.connected) {
        guardian.disconnect();
      }
    });
  }
}

/**
 * npm may be killed without a word to what it runs. Then this process, or the shell that npm put between, gets another
 * parent.
 */
function endWithNpm(guardian) {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const npm = isShell(shell) ? describeProcess(shell)?.parent : undefined;
  const timer = setInterval(() => {
    const isShellGone = process.ppid !== shell;
    const isNpmGone = npm !== undefined && (describeProcess(shell)?.parent ?? npm) !== npm;
    if (!isShellGone && !isNpmGone) return;
    clearInterval(timer);
    guardian.kill('SIGTERM');
  }, lookMs);
  timer.unref();
}

const isShell = (pid) => /^-?(sh|bash|dash|zsh|ksh|ash|busybox)$/.test(describeProcess(pid)?.name ?? '');

/** @returns {{ name: string, parent: number } | undefined} undefined where it cannot be told */
function describeProcess(pid) {
  try {
    if (process.platform === 'linux') {
      const [, name, parent] = /^\d+ \((.*)\) \S+ (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return { name, parent: Number(parent) };
    }
    const [parent, path] = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return { name: basename(path), parent: Number(parent) };
  } catch {
    return undefined;
  }
}
