import { type EmulatedAws, startEmulatedAws } from '../../local/aws/emulated-aws.ts';
import { TEST_AWS_VARIABLE, type TestAwsAccess } from './test-access.ts';

/** State machines wait a tenth of the time: tests look at what they do, not at how long they rest. */
const waitScale = 0.1;

/**
 * Starts emulated AWSs, IAM enforced, for the tests that need one. They end with the script.
 *
 * @param count - how many of Jest's workers each have one of their own
 * @returns the environment in which those tests find them
 */
export async function startTestAws(count = 1): Promise<Record<string, string>> {
  const all: EmulatedAws[] = [];
  // One after the other: the first installs what they need.
  for (let index = 0; index < count; index += 1) {
    const aws = await startEmulatedAws({ waitScale, index, onProgress: console.log });
    console.log(`\nThe emulated AWS runs at ${aws.endpoint} (log: ${aws.logFile}).`);
    all.push(aws);
  }
  const access = all.map(
    ({ endpoint, certificateFile, scratchFolder }): TestAwsAccess => ({
      endpoint,
      certificateFile,
      scratchFolder,
    }),
  );
  return { ...all[0]?.env, [TEST_AWS_VARIABLE]: JSON.stringify(access) };
}
