/**
 * The region for a client, as the AWS CLI reads it: AWS_DEFAULT_REGION counts where there is no AWS_REGION. The SDK
 * reads the latter alone, then the profile.
 */
export const clientRegion = (
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly region?: string } => {
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return region ? { region } : {};
};
