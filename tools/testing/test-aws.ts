import { startEmulatedAws } from '../../local/aws/emulated-aws.ts';
import { localRegion } from '../../local/aws/environment.ts';
import { TEST_AWS_VARIABLE, type TestAwsAccess } from './test-access.ts';

/** State machines wait a tenth of the time: tests look at what they do, not at how long they rest. */
const waitScale = 0.1;

/**
 * Starts an emulated AWS, IAM enforced, for the tests that need one. It ends with the script.
 *
 * @returns the environment in which those tests find it
 */
export async function startTestAws(): Promise<Record<string, string>> {
  const { endpoint, certificateFile, logFile, env } = await startEmulatedAws({
    waitScale,
    onProgress: console.log,
  });
  console.log(`\nThe emulated AWS runs at ${endpoint} (log: ${logFile}).`);
  const access: TestAwsAccess = { endpoint, region: localRegion, certificateFile, logFile };
  return { ...env, [TEST_AWS_VARIABLE]: JSON.stringify(access) };
}
