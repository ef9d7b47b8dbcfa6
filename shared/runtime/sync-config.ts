import { ConfigurationError } from '../contracts/configuration-error.ts';
import { type SyncConfig, syncConfig } from '../contracts/sync-config.ts';

/** esbuild puts the checked config in its place; see `SYNC_CONFIG_DEFINE`. */
declare const SYNC_CONFIG_JSON: string;

let parsed: SyncConfig | undefined;

/**
 * The sync config that was bundled with this function.
 *
 * @throws ConfigurationError when the bundle was made without one
 */
export const bundledSyncConfig = (): SyncConfig => {
  parsed ??= parse();
  return parsed;
};

const parse = (): SyncConfig => {
  if (typeof SYNC_CONFIG_JSON === 'undefined') {
    throw new ConfigurationError(
      'SYNC_CONFIG_MISSING',
      'The bundle holds no sync config: deploy the stack again.',
    );
  }
  return syncConfig.parse(JSON.parse(SYNC_CONFIG_JSON));
};
