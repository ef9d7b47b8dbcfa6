import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { APP, read } from './an-org.ts';

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

describe('the process', () => {
  test('says where it listens and ends when asked to', async () => {
    const running = start([], environment);
    const [line] = await once(running.stdout, 'data');
    const { origin } = JSON.parse(String(line));

    const versions = await read(await fetch(`${origin}/services/data`));
    running.kill('SIGTERM');
    const [code] = await once(running, 'exit');

    expect(versions.body.at(-1)).toMatchObject({ version: '66.0' });
    expect(code).toBe(0);
  });

  test('says in a sentence that a port is in use', async () => {
    const first = start([], environment);
    const [line] = await once(first.stdout, 'data');
    const { port } = new URL(JSON.parse(String(line)).origin);

    const second = start(['--port', port], environment);
    const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
    first.kill('SIGTERM');
    await once(first, 'exit');

    expect([said, code]).toEqual(['The simulated org cannot start: a port is in use.\n', 1]);
  });

  test('names each setting that is missing or wrong', async () => {
    const refused = start(['--port', 'any']);
    const [said, [code]] = await Promise.all([text(refused.stderr), once(refused, 'exit')]);

    expect(said.trimEnd().split('\n')).toEqual([
      'The simulated org needs --client-id or SALESFORCE_CLIENT_ID.',
      'The simulated org needs SALESFORCE_CLIENT_SECRET.',
      '--port must be a whole number.',
    ]);
    expect(code).toBe(2);
  });
});
