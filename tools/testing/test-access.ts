/** The environment variable by which tests find the emulated AWS that the test command started. */
export const TEST_AWS_VARIABLE = 'SALESFORCE_SYNC_E2E';

/** What tests on the emulated AWS know of it, in {@link TEST_AWS_VARIABLE}. SDK clients find the rest in the environment. */
export interface TestAwsAccess {
  /** As in `https://localhost:4566`. */
  readonly endpoint: string;
  readonly region: string;
  readonly certificateFile: string;
  readonly logFile: string;
}
