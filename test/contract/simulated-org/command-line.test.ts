import { describe, expect, test } from '@jest/globals';
import { DEFAULT_APP, HELP, readCommandLine } from '../../../simulated-org/command-line.ts';

describe('a command line', () => {
  test('without anything starts an org whose app has a known id and secret', () => {
    expect(readCommandLine([], {})).toMatchObject({
      kind: 'start',
      isJson: false,
      isSecretGiven: false,
      options: DEFAULT_APP,
    });
  });

  test('wins over the environment, which alone may hold the secret', () => {
    const environment = {
      SALESFORCE_CLIENT_ID: 'from-environment',
      SALESFORCE_CLIENT_SECRET: 'hidden',
      SALESFORCE_REDIRECT_URI: 'http://one.example/,http://two.example/',
    };

    expect(readCommandLine(['--client-id', 'from-flag', '--port', '8080'], environment)).toMatchObject({
      isSecretGiven: true,
      options: {
        port: 8080,
        clientId: 'from-flag',
        clientSecret: 'hidden',
        redirectUris: ['http://one.example/', 'http://two.example/'],
      },
    });
  });

  test.each([
    [['--prot', '80'], "Unknown option '--prot'."],
    [['80'], "Unexpected argument '80'."],
    [['--port'], '--port needs a value.'],
    [['--port', '-1'], '--port needs a value.'],
    [['--port=-1'], '--port must be a whole number from 0 to 65535.'],
    [['--port', '65536'], '--port must be a whole number from 0 to 65535.'],
    [['--contacts', '1e9'], '--contacts must be a whole number from 0 to 1000000.'],
    [['--redirect-uri', 'callback'], 'The redirect URI callback is not an absolute address.'],
    [['--client-id', 'mine'], 'The client id needs its secret: set SALESFORCE_CLIENT_SECRET.'],
  ])('%j is refused in one sentence', (args, sentence) => {
    expect(readCommandLine(args, {})).toEqual({ kind: 'refused', mistakes: [sentence] });
  });

  test('that leaves out the id of a secret is refused', () => {
    expect(readCommandLine([], { SALESFORCE_CLIENT_SECRET: 'hidden' })).toEqual({
      kind: 'refused',
      mistakes: ['SALESFORCE_CLIENT_SECRET is set, and the client id is missing: give --client-id.'],
    });
  });

  test('knows every flag that its help lists', () => {
    const flags = [...HELP.matchAll(/^ {2}(--[\w-]+)( [A-Z]+)?/gm)].map(([, flag = '', value]) =>
      value === undefined ? [flag] : [flag, flag === '--redirect-uri' ? 'http://localhost/' : '7'],
    );

    expect(flags).toHaveLength(10);
    for (const args of flags)
      expect(readCommandLine(args, { SALESFORCE_CLIENT_SECRET: 'x', SALESFORCE_CLIENT_ID: 'y' }).kind).toBe(
        args[0] === '--help' ? 'help' : 'start',
      );
  });
});
