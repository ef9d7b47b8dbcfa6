import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { describePipFailure, pythonEnvironment } from '../../../tools/install/ministack.ts';
import { describeMissingPython, isNewEnough } from '../../../tools/install/python.ts';
import { choosePort, describeTakenPort, freePort, parsePort } from '../../../tools/processes/ports.ts';
import { staleRuns } from '../../../tools/processes/run-directory.ts';

describe('the version of Python', () => {
  test.each([
    ['3.9.19', false],
    ['2.7.18', false],
    ['3.10.0', true],
    ['3.14.1', true],
    ['4.0.0', true],
  ])('%s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  test('a machine without Python is told what is needed', () => {
    expect(describeMissingPython([])).toBe(
      'Python 3.10 or newer is needed to run the emulated AWS, and there is no python3 on the PATH.',
    );
  });

  test('a machine with an old Python is told which, once', () => {
    expect(describeMissingPython(['3.8.1', '3.8.1'])).toMatch(/this machine's is 3\.8\.1\.$/);
  });
});

describe('a failed pip in one sentence', () => {
  test.each([
    'NewConnectionError("<...>: Failed to establish a new connection: [Errno 101] Network is unreachable")',
    'Temporary failure in name resolution',
  ])('names the network: %s', (output) => {
    expect(describePipFailure(1, output)).toContain('cannot be reached');
  });

  test('points to the log for anything else', () => {
    expect(describePipFailure(2, 'No space left on device')).toMatch(
      /pip ended with 2 \(see .*venv-install\.log\)\.$/,
    );
  });
});

test("a person's own Python settings stay out of the virtual environment", () => {
  expect(pythonEnvironment({ PYTHONPATH: '/x', PYTHONHOME: '/y', PIP_USER: '1', PATH: '/bin' })).toEqual({
    PATH: '/bin',
  });
});

describe('ports', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  const listening = () =>
    new Promise<number>((resolve) => {
      const opened = createServer().listen(0, '127.0.0.1', () => {
        const address = opened.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
      server = opened;
    });

  const freeNow = async () => {
    const port = await listening();
    await new Promise((resolve) => server?.close(resolve));
    return port;
  };

  test('any free port serves when none is asked for', async () => {
    expect(await choosePort('SALESFORCE_SYNC_AWS_PORT', {})).toBeGreaterThan(0);
  });

  test('are different ones for those who ask one after the other', async () => {
    const ports = [await freePort(), await freePort(), await freePort()];

    expect(new Set(ports).size).toBe(3);
  });

  test('a port that is asked for and free is taken', async () => {
    const free = await freeNow();

    expect(await choosePort('SALESFORCE_SYNC_ORG_PORT', { SALESFORCE_SYNC_ORG_PORT: String(free) })).toBe(
      free,
    );
  });

  test('a port that is asked for and in use is refused in one sentence', async () => {
    const taken = await listening();

    const choosing = choosePort('SALESFORCE_SYNC_AWS_PORT', { SALESFORCE_SYNC_AWS_PORT: String(taken) });

    await expect(choosing).rejects.toThrow(
      `Port ${taken} is in use: end what listens there, or set SALESFORCE_SYNC_AWS_PORT to another port (leave it out for any free one).`,
    );
  });

  test('a port below 1024 that this user may not open says which ports are open to all', () => {
    expect(describeTakenPort(80, 'SALESFORCE_SYNC_ORG_PORT')).toContain('above 1023');
  });

  test.each(['0', '65536', '-1', '80a', '1e3', ' 80'])('"%s" is no port', (text) => {
    expect(() => parsePort(text, 'SALESFORCE_SYNC_ORG_PORT')).toThrow(
      `SALESFORCE_SYNC_ORG_PORT must be a port number from 1 to 65535, and is "${text}".`,
    );
  });
});

describe('folders of ended runs', () => {
  test('go when no process has their id, and nothing else goes', () => {
    const names = [
      'run-1-aa',
      'run-2-bb',
      'run-x-cc',
      'run-2',
      'venv',
      'tls',
      'summary.json',
      'run-2-bb.keep',
    ];

    expect(staleRuns(names, (pid) => pid === 1)).toEqual(['run-2-bb']);
  });
});
