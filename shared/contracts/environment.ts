/**
 * The environment of the functions: set by `infra`, read by `shared/runtime/configuration.ts`, each function
 * getting only what it uses. Lambda's environment holds 4 KB, so the sync config is not in it but in the bundle.
 */
export const ENVIRONMENT = {
  connectionsTable: 'CONNECTIONS_TABLE',
  syncStateTable: 'SYNC_STATE_TABLE',
  /** JSON object: a local table's name in the sync config to its physical name. */
  localTables: 'LOCAL_TABLES',
  tokenKeyArn: 'TOKEN_KEY_ARN',
  hintQueueUrl: 'HINT_QUEUE_URL',
  /** How many workers may call one connection's org at once: a whole number above 0. */
  orgSlots: 'ORG_SLOTS',
  /** Signs certificates. */
  certificateKeyArn: 'CERTIFICATE_KEY_ARN',
  stagingBucket: 'STAGING_BUCKET',
  appSecretArn: 'APP_SECRET_ARN',
  signingSecretArn: 'SIGNING_SECRET_ARN',
  /** JSON array of further origins that count as Salesforce's, such as a simulated org's; usually empty. */
  trustedSalesforceOrigins: 'TRUSTED_SALESFORCE_ORIGINS',
  loadStateMachineArn: 'LOAD_STATE_MACHINE_ARN',
  pushStateMachineArn: 'PUSH_STATE_MACHINE_ARN',
  eventBusName: 'EVENT_BUS_NAME',
  /** Where the HTTP API is reached, without a trailing slash. */
  publicUrl: 'PUBLIC_URL',
} as const;

/** esbuild replaces this name in every bundle with the checked sync config, as a JSON string. */
export const SYNC_CONFIG_DEFINE = 'SYNC_CONFIG_JSON';

/** The index of the sync-state table that lists things: due mappings, waiting keys, conflicts, rejections, runs, jobs. */
export const SYNC_STATE_LIST_INDEX = 'byList';

/** The source of our events on the bus. */
export const EVENT_SOURCE = 'salesforce-sync';

/** The cookie that binds an authorisation to the browser that began it. */
export const BROWSER_COOKIE = '__Host-salesforce-sync';
