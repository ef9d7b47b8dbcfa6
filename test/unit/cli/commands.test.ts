import { describe, expect, test } from '@jest/globals';
import { readAppCredentials } from '../../../cli/app-secret.ts';
import { readArguments } from '../../../cli/arguments.ts';
import { readOperation } from '../../../cli/operation.ts';

describe('the arguments of a command', () => {
  test('name the stack, wherever the option stands', () => {
    expect(readArguments(['{}', '--stack', 'Acme'], 'usage')).toEqual({
      stackName: 'Acme',
      operands: ['{}'],
    });
    expect(readArguments(['--stack=Acme'], 'usage')).toEqual({ stackName: 'Acme', operands: [] });
  });

  test('name no stack for the one that the project deploys', () => {
    expect(readArguments([], 'usage').stackName).toBe('SalesforceSync');
  });

  test.each([[['--stak', 'Acme']], [['--stack']]])(
    '%j is refused in one sentence, with the usage',
    (args) => {
      expect(() => readArguments(args, 'npm run x')).toThrow(
        expect.objectContaining({
          name: 'ExpectedFailure',
          message: 'The only option is --stack, and it needs a name. Usage: npm run x',
        }),
      );
    },
  );
});

describe('an operation', () => {
  test('is one JSON object', () => {
    expect(readOperation(['{"action":"connections","orgId":"acme"}'])).toEqual({
      action: 'connections',
      orgId: 'acme',
    });
  });

  test.each([
    [[]],
    [['']],
    [['{action:connections}']],
    [['{"action":"connections"', '"orgId":"acme"}']],
    [['{}', '{}']],
    [['[]']],
    [['null']],
    [['"connections"']],
  ])('is refused with an example: %j', (operands) => {
    expect(() => readOperation(operands)).toThrow(
      expect.objectContaining({
        name: 'ExpectedFailure',
        message: expect.stringContaining(`npm run operate -- '{"action":"connections","orgId":"acme"}'`),
      }),
    );
  });
});

describe("the app's credentials", () => {
  const env = {
    SALESFORCE_CLIENT_ID: 'id',
    SALESFORCE_CLIENT_SECRET: 'secret',
    SALESFORCE_REDIRECT_URI: 'https://api.test/oauth/callback',
  };

  test('come from the environment', () => {
    expect(readAppCredentials(env)).toEqual({
      clientId: 'id',
      clientSecret: 'secret',
      redirectUri: 'https://api.test/oauth/callback',
    });
  });

  test('are refused with every variable that is missing or empty, and without the value of any', () => {
    const incomplete = { SALESFORCE_CLIENT_SECRET: 'secret', SALESFORCE_REDIRECT_URI: '' };

    expect(() => readAppCredentials(incomplete)).toThrow(
      expect.objectContaining({
        name: 'ExpectedFailure',
        message:
          'Set SALESFORCE_CLIENT_ID, SALESFORCE_REDIRECT_URI to what the connected app shows, and run this again: see docs/setting-up-salesforce.md.',
      }),
    );
  });
});
