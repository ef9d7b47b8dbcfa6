import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { SalesforceSyncProps } from './salesforce-sync.ts';

/** The account that an emulated AWS plays, and that nobody owns. */
const EMULATED_ACCOUNT = '000000000000';

/** The settings of the app that only an emulated AWS may have, as they were given. */
export interface LocalSettings {
  /** `SALESFORCE_SYNC_LOCAL` */
  readonly local: string | undefined;
  /** `SALESFORCE_SYNC_TRUSTED_ORIGINS` */
  readonly trustedOrigins: string | undefined;
  /** `SALESFORCE_SYNC_LOCAL_API` */
  readonly localApi: string | undefined;
}

/**
 * What an emulated AWS needs otherwise: tokens go to further origins, keys ask for no context, and everything is
 * deleted with the stack. Nothing of it may reach a real account.
 *
 * @returns undefined where the stack is for a real account
 * @throws Error for an account that is not the emulated one, and for local settings without `SALESFORCE_SYNC_LOCAL`
 */
export const localProps = (
  { local, trustedOrigins, localApi }: LocalSettings,
  account: string | undefined,
): Partial<SalesforceSyncProps> | undefined => {
  if (local !== 'true') {
    const given = { SALESFORCE_SYNC_TRUSTED_ORIGINS: trustedOrigins, SALESFORCE_SYNC_LOCAL_API: localApi };
    const names = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : name));
    if (names.length === 0) return undefined;
    throw new Error(
      `${names.join(' and ')}: for an emulated AWS alone, together with SALESFORCE_SYNC_LOCAL=true.`,
    );
  }
  if (account !== EMULATED_ACCOUNT) {
    throw new Error(
      `SALESFORCE_SYNC_LOCAL is for an emulated AWS, which plays the account ${EMULATED_ACCOUNT}; these credentials are of ${account ?? 'an unknown account'}.`,
    );
  }
  return {
    trustedSalesforceOrigins: (trustedOrigins ?? '').split(',').filter((origin) => origin !== ''),
    restrictTokenKeyToContext: false,
    removalPolicy: RemovalPolicy.DESTROY,
    logRetention: RetentionDays.ONE_DAY,
    ...(localApi === undefined
      ? {}
      : { publicUrl: (api) => `${localApi}/_aws/execute-api/${api.apiId}/$default` }),
  };
};
