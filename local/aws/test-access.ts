/** The environment variable by which tests find the emulated AWS that the test command started. */
const variable = 'SALESFORCE_SYNC_E2E';

/** What tests on the emulated AWS know of it. SDK clients find the rest in the environment. */
export interface TestAws {
  /** As in `https://localhost:4566`. */
  endpoint: string;
  region: string;
  certificateFile: string;
  logFile: string;
  /** The whole environment for processes that shall use it, `deploy` among them. */
  env: Record<string, string>;
}

/** Adds the access to an environment, for the process that runs the tests. */
export function withTestAws(aws: TestAws): Record<string, string> {
  const { env, ...access } = aws;
  return { ...env, [variable]: JSON.stringify(access) };
}

/**
 * What a test on the emulated AWS begins with.
 *
 * @throws Error when the test was not started by the project's test command
 */
export function readTestAws(env: NodeJS.ProcessEnv = process.env): TestAws {
  const text = env[variable];
  if (text === undefined) {
    throw new Error(
      'This test needs the emulated AWS: run it by `npm run test:contract` or `npm run test:e2e`.',
    );
  }
  const settings = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...(JSON.parse(text) as Omit<TestAws, 'env'>), env: Object.fromEntries(settings) };
}
