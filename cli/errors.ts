import { ExpectedFailure } from '../tools/expected-failure.mjs';

/** A function of ours ended in an error of its own, which `message` tells. */
export class FunctionFailed extends Error {
  override readonly name = 'FunctionFailed';
}

/**
 * Asks AWS for something. What goes wrong is said in one sentence, with what to do about it.
 *
 * @param action - what is asked, as in "look up the stack SalesforceSync"
 * @throws ExpectedFailure for every failure
 */
export async function askAws<T>(action: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw new ExpectedFailure(describeAwsFailure(action, error));
  }
}

/** By the name of the SDK's error; the services have names of their own for the same. */
const SENTENCES: readonly (readonly [RegExp, (action: string, message: string) => string])[] = [
  [
    /^(CredentialsProviderError|TokenProviderError)$/,
    (_, message) =>
      `There are no AWS credentials to work with (${message}): log in, as by \`aws sso login\`, or set AWS_PROFILE.`,
  ],
  [
    /^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch|RequestExpired)/,
    (_, message) =>
      `AWS refuses the credentials (${message}): log in again, or set AWS_PROFILE to another profile.`,
  ],
  [
    /^AccessDenied/,
    (action, message) => `These AWS credentials may not ${action} (${message}): use a role that may.`,
  ],
  [
    /^FunctionFailed$/,
    (_, message) => `${message}. The function's log in CloudWatch tells more, and what it was doing.`,
  ],
];

/** One sentence for an error of the AWS SDK, or of a function of ours. */
export function describeAwsFailure(action: string, error: unknown): string {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  if (message === 'Region is missing')
    return 'No AWS region is set: set AWS_REGION to the region that the stack is deployed in.';
  const sentence = SENTENCES.find(([names]) => names.test(name))?.[1];
  return (
    sentence?.(action, message) ??
    `AWS could not ${action} (${name}: ${message}): check the network, AWS_REGION and --stack, and try again.`
  );
}
