import { runInNewContext } from 'node:vm';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import type { SyncConfig } from '../../../shared/contracts/sync-config.ts';

/**
 * A config as a page shows it, checked as at synthesis; what the snippet imports is left out.
 *
 * @param inOrg - the names of the page's org, and what the org in memory has in their place
 */
export const shownConfig = (snippet: string, inOrg: Readonly<Record<string, string>> = {}): SyncConfig => {
  const expression = snippet.replace(/^ *import .*$/gm, '').replace('export default', 'config =');
  const sandbox: Record<string, unknown> = { defineSyncConfig: (value: unknown) => value };
  runInNewContext(expression, sandbox);
  const renamed = Object.entries(inOrg).reduce(
    (text, [name, there]) => text.replaceAll(name, there),
    JSON.stringify(sandbox.config),
  );
  return parseSyncConfig(JSON.parse(renamed));
};
