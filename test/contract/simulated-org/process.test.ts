import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { APP, anOrg, read } from './an-org.ts';

const MAIN = path.resolve(process.cwd(), 'simulated-org/main.ts');

let children: ChildProcessByStdio<null, Readable, Readable>[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

const start = (flags: readonly string[], environment: Record<string, string> = {}) => {
  const child = spawn(process.execPath, [MAIN, '--contacts', '2', '--accounts', '1', ...flags], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
};
const environment = {
  SALESFORCE_CLIENT_ID: APP.clientId,
  SALESFORCE_CLIENT_SECRET: APP.clientSecret,
  SALESFORCE_REDIRECT_URI: APP.redirectUri,
};
const firstOutput = async (child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> =>
  String((await once(child.stdout, 'data'))[0]);

describe('the process', () => {
  test('tells a program where it listens, and ends when asked to', async () => {
    const running = start(['--json'], environment);
    const { origin, pid } = JSON.parse(await firstOutput(running));

    const versions = await read(await fetch(`${origin}/services/data`));
    running.kill('SIGTERM');
    const [code] = await once(running, 'exit');

    expect(versions.body.at(-1)).toMatchObject({ version: '66.0' });
    expect(pid).toBe(running.pid);
    expect(code).toBe(0);
  });

  test('tells a person all that a client needs, and ends with Ctrl-C', async () => {
    const running = start([]);
    const greeting = await firstOutput(running);
    const told = Object.fromEntries(
      [...greeting.matchAll(/^ {2}(\w[\w ]+?) {2,}(.+)$/gm)].map(([, name, value]) => [name, value]),
    );

    const query = `${told.Org}/services/data/v59.0/query?q=SELECT+COUNT()+FROM+Contact`;
    const found = await read(
      await fetch(query, { headers: { authorization: `Bearer ${told['Access token']}` } }),
    );
    const refreshed = await fetch(`${told.Org}/services/oauth2/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: told['Client id'] ?? '',
        client_secret: told['Client secret'] ?? '',
        refresh_token: told['Refresh token'] ?? '',
      }),
    });
    const page = await read(await fetch(told['Admin page'] ?? ''));
    running.kill('SIGINT');
    const [code] = await once(running, 'exit');

    expect(found.body).toMatchObject({ totalSize: 2 });
    expect(refreshed.status).toBe(200);
    expect(page.body).toContain('<h1>Simulated org');
    expect(code).toBe(0);
  });

  test('never prints a secret that it was given', async () => {
    const greeting = await firstOutput(start([], environment));

    expect(greeting).toContain(APP.clientId);
    expect(greeting).not.toContain(APP.clientSecret);
  });

  test('says in a sentence which port is in use', async () => {
    const first = start(['--json'], environment);
    const { port } = new URL(JSON.parse(await firstOutput(first)).origin);

    const second = start(['--port', port], environment);
    const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);

    expect([said, code]).toEqual([`The simulated org cannot start: port ${port} is in use.\n`, 1]);
  });

  test('answers a mistake in its arguments with a sentence for each, and where to find help', async () => {
    const refused = start(['--port', 'any', '--seed', '1.5']);
    const [said, [code]] = await Promise.all([text(refused.stderr), once(refused, 'exit')]);

    expect(said.trimEnd().split('\n')).toEqual([
      '--port must be a whole number from 0 to 65535.',
      '--seed must be a whole number from 0 to 4294967295.',
      '--help lists all options.',
    ]);
    expect(code).toBe(2);
  });

  test('explains itself when asked for help', async () => {
    const asked = start(['--help']);
    const [said, [code]] = await Promise.all([text(asked.stdout), once(asked, 'exit')]);

    expect(said).toContain('--port N');
    expect(code).toBe(0);
  });
});

test('an org that is stopped does not wait for the endpoint of an outbound message', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
  const simulated = await anOrg();
  simulated.org.addOutboundMessage({ object: 'Contact', url, fields: [] });
  simulated.org.insert('Contact', { LastName: 'Never sent' });
  await once(silent, 'request');

  await simulated.close();

  expect(simulated.org.outboundMessages.stats()).toMatchObject({ sent: 1, acked: 0 });
  silent.close();
}, 10_000);
