/**
 * Stands in every bundle for the AWS SDK's chain of credential providers. Lambda hands a role's credentials over in
 * the environment and nowhere else, so the chain's other links (profiles, single sign-on, web identities, instance
 * metadata, and the clients that those need) are a hundred kilobytes that are loaded and never asked. Functions with
 * SnapStart or managed instances get theirs from a container endpoint instead, which these bundles do not ask.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const defaultProvider = () => async () => {
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
  const sessionToken = process.env.AWS_SESSION_TOKEN;
  if (!accessKeyId || !secretAccessKey) throw new Error(missing());
  const expiration = expirationOf(process.env.AWS_CREDENTIAL_EXPIRATION);
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken ? { sessionToken } : {}),
    ...(expiration ? { expiration } : {}),
  };
};

const missing = (): string =>
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI || process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
    ? 'Lambda offers credentials by a container endpoint, as with SnapStart; these bundles read them from the environment alone. Turn that feature off, or bundle with the whole credential chain.'
    : 'Lambda gave this function no credentials';

/** Undefined where there is none or it is not a valid time: the SDK then uses the credentials as long as they work. */
const expirationOf = (text: string | undefined): Date | undefined => {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
};
