import { TEST_AWS_VARIABLE, type TestAwsAccess } from '../../../tools/testing/test-access.ts';

/** The emulated AWS that the test command started, and how processes reach it. */
export interface TestAws extends TestAwsAccess {
  /** The whole environment for processes that shall use it, `deploy` among them. */
  readonly env: Record<string, string>;
}

/**
 * What a test on the emulated AWS begins with.
 *
 * @throws Error when the test was not started by the project's test command
 */
export function readTestAws(): TestAws {
  const text = process.env[TEST_AWS_VARIABLE];
  if (text === undefined) throw new Error('This test needs the emulated AWS: run it by `npm run test:e2e`.');
  const settings = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...(JSON.parse(text) as TestAwsAccess), env: Object.fromEntries(settings) };
}
