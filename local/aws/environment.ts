/** What a process needs to know to talk to the emulated AWS. */
export interface AwsAccess {
  /** As in `https://localhost:4566`, without a slash at the end. */
  endpoint: string;
  certificateFile: string;
}

/** The one account and region that MiniStack plays for the credentials below. */
export const localAccount = '000000000000';
/** @see localAccount */
export const localRegion = 'us-east-1';

/**
 * An environment in which the AWS CLI, the CDK CLI, the SDKs and MiniStack's functions reach the emulated AWS and
 * nothing else: every AWS setting of the person who started us is left out, so that no profile, session or endpoint
 * of theirs can lead into a real account.
 *
 * @param base - the environment to start from, usually this process's own
 */
export function localAwsEnvironment(access: AwsAccess, base: NodeJS.ProcessEnv): Record<string, string> {
  const others = Object.entries(base).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('AWS_'),
  );
  return {
    ...Object.fromEntries(others),
    AWS_ENDPOINT_URL: access.endpoint,
    // An address instead of a name makes the SDK put the bucket into the path; Node cannot resolve bucket.localhost.
    AWS_ENDPOINT_URL_S3: access.endpoint.replace('localhost', '127.0.0.1'),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CA_BUNDLE: access.certificateFile,
    NODE_EXTRA_CA_CERTS: access.certificateFile,
    ...withoutProxy(base),
  };
}

/** Loopback never goes through a proxy; both spellings are read, by different programs. */
function withoutProxy(base: NodeJS.ProcessEnv): Record<string, string> {
  const names = [base.NO_PROXY ?? base.no_proxy, 'localhost', '127.0.0.1'].filter(Boolean).join(',');
  return { NO_PROXY: names, no_proxy: names };
}
