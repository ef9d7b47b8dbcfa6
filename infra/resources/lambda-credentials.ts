/**
 * Stands in every bundle for the AWS SDK's chain of credential providers. Lambda hands a role's credentials over in
 * the environment and nowhere else, so the chain's other links (profiles, single sign-on, web identities, instance
 * metadata, and the clients that those need) are a hundred kilobytes that are loaded and never asked.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export const defaultProvider = () => async () => {
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
  const sessionToken = process.env.AWS_SESSION_TOKEN;
  if (!accessKeyId || !secretAccessKey) throw new Error('Lambda gave this function no credentials');
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};
