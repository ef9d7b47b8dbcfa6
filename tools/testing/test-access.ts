/** The environment variable by which tests find each emulated AWS that the test command started. */
export const TEST_AWS_VARIABLE = 'SALESFORCE_SYNC_E2E';

/** What tests on an emulated AWS know of it; {@link TEST_AWS_VARIABLE} has one for each of Jest's workers. */
export interface TestAwsAccess {
  /** As in `https://localhost:4566`. */
  readonly endpoint: string;
  readonly certificateFile: string;
  /** Where it unpacks the code of functions. */
  readonly scratchFolder: string;
}

/** All that were started; none if the test was not started by the project's test command. */
export const allTestAws = (env: NodeJS.ProcessEnv): readonly TestAwsAccess[] =>
  JSON.parse(env[TEST_AWS_VARIABLE] ?? '[]') as TestAwsAccess[];
