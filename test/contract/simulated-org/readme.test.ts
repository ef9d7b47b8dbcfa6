import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMIN_ROUTES } from '../../../simulated-org/admin/routes.ts';
import { DEFAULT_APP } from '../../../simulated-org/command-line.ts';
import { readFault } from '../../../simulated-org/faults/read-fault.ts';
import { DEFAULT_SETTINGS } from '../../../simulated-org/org/settings.ts';
import { type SimulatedOrg, startSimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import {
  between,
  fences,
  firstCells,
  inlineCode,
  readPage,
  relativeLinks,
} from '../../unit/docs/markdown.ts';

const README = readPage('simulated-org/README.md');
const isStart = (snippet: string): boolean => snippet.includes('--port 8080');
const shell = fences(README, 'sh');

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** What a snippet printed; fails with what it complained of. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, complaint, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(complaint || out);
  return out;
}

describe('a command that starts the org', () => {
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const { pid, exitCode } of started) if (pid !== undefined && exitCode === null) process.kill(-pid);
  });

  test.each(shell.filter(isStart))(
    '%s',
    async (command) => {
      const [port, adminPort] = [await freePort(), await freePort()];
      const own = command.replace('8080', String(port)).replace('8081', String(adminPort));
      // A group of its own, as a terminal makes one: Ctrl-C reaches every process in it.
      const child = spawn('bash', ['-c', own], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
      started.push(child);
      let said = '';
      for await (const chunk of child.stdout) {
        said += chunk;
        if (said.includes('Get a token of your own')) break;
      }

      process.kill(-(child.pid ?? 0), 'SIGINT');
      await once(child, 'exit');

      expect(said).toContain(`Org            http://127.0.0.1:${port}\n`);
      expect(said).toContain(`Admin page     http://127.0.0.1:${adminPort}\n`);
      await expect(fetch(`http://127.0.0.1:${port}/services/data`)).rejects.toThrow('fetch failed');
    },
    60_000,
  );
});

describe('an example', () => {
  let simulated: SimulatedOrg;
  beforeAll(async () => {
    simulated = await startSimulatedOrg({ ...DEFAULT_APP, accounts: 2, contacts: 5 });
  });
  afterAll(() => simulated.close());

  const pointed = (snippet: string): string =>
    snippet
      .replaceAll('http://127.0.0.1:8080', simulated.origin)
      .replaceAll('http://127.0.0.1:8081', simulated.adminOrigin);
  const runScript = (snippet: string): Promise<string> =>
    run(process.execPath, ['--input-type=module-typescript', '--eval', pointed(snippet)]);

  test('of curl queries the org', async () => {
    const [login = ''] = shell.filter((snippet) => snippet.includes('access_token'));

    const { records } = JSON.parse(await run('bash', ['-ec', pointed(login)]));

    expect(records).toHaveLength(3);
  });

  test('of jsforce writes and reads a row', async () => {
    const [snippet = ''] = fences(README, 'js');

    expect(await runScript(snippet)).toBe('ada@example.com\n');
  });

  test('in a test of its own meets the fault that it sets', async () => {
    const [snippet = ''] = fences(README, 'ts');

    expect(await runScript(snippet)).toMatch(/^503 .*expr0: 1/);
  });

  test.each(shell.filter((snippet) => snippet.includes(':8081/')))(
    'of the admin port is understood: %s',
    async (snippet) => {
      const printed = await run('bash', ['-ec', pointed(snippet)]);

      expect(printed).not.toBe('');
      expect(printed).not.toContain('"error"');
    },
  );

  test('is run here, whatever its language', () => {
    const all = [...README.text.matchAll(/^```(\w*)$/gm)].filter(([, language]) => language !== '');
    const isRun = (snippet: string): boolean =>
      isStart(snippet) || snippet.includes('access_token') || snippet.includes(':8081/');

    expect(shell.filter((snippet) => !isRun(snippet))).toEqual([]);
    expect(all).toHaveLength(shell.length + fences(README, 'js').length + fences(README, 'ts').length);
    expect([fences(README, 'js').length, fences(README, 'ts').length]).toEqual([1, 1]);
  });
});

describe('a table', () => {
  test('of the admin port lists every route, and no other', () => {
    const listed = firstCells(between(README, '| request | does |', '### Faults'));
    const fits = (route: string, [method, pattern]: (typeof ADMIN_ROUTES)[number]): boolean => {
      const [wanted, path = ''] = route.split(' ');
      return wanted === method && pattern.test(path.replaceAll(/\{\w+\}/g, 'x'));
    };
    const isForPeople = ([, pattern]: (typeof ADMIN_ROUTES)[number]): boolean =>
      pattern.test('/') || pattern.test('/edit/x/x');

    expect(listed.filter((route) => !ADMIN_ROUTES.some((known) => fits(route, known)))).toEqual([
      'POST /orgs',
    ]);
    expect(
      ADMIN_ROUTES.filter((known) => !isForPeople(known) && !listed.some((route) => fits(route, known))),
    ).toEqual([]);
  });

  test('of faults lists every kind, and no other', () => {
    const known = String(readFault({ kind: '' })).replace(/^kind must be one of: /, '');

    expect(firstCells(between(README, '| kind | what happens |', '`code` instead'))).toEqual(
      known.split(', '),
    );
  });

  test('of settings lists each with its default', () => {
    const rows = [...README.text.matchAll(/^\| `(\w+)` \| `(\w+)` \|/gm)].map(([, name, value]) => [
      name,
      JSON.parse(value ?? ''),
    ]);

    expect(Object.fromEntries(rows)).toEqual(DEFAULT_SETTINGS);
  });
});

test('every link and every file that is named leads somewhere', () => {
  const files = inlineCode(README).filter((code) => /^[\w-]+(?:\/[\w-]*)*(?:\.ts|\/)$/.test(code));
  const isThere = (file: string): boolean => existsSync(join('simulated-org', file)) || existsSync(file);

  expect(files.length).toBeGreaterThan(10);
  expect([...relativeLinks(README), ...files].filter((file) => !isThere(file))).toEqual([]);
});
