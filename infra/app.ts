import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { SyncConfigInput } from '../shared/contracts/sync-config.ts';
import { localProps } from './local-settings.ts';
import { chosenRegion, NO_REGION } from './region.ts';
import { SyncStack } from './sync-stack.ts';

/*
 * Configuration in, stack out. What can be set, as an environment variable or as CDK context:
 *
 *   SALESFORCE_SYNC_CONFIG          config           the file with the sync config; sync.config.ts if left out
 *   SALESFORCE_SYNC_STACK           stackName        the stack's name; SalesforceSync if left out
 *   SALESFORCE_SYNC_LOCAL           local            "true": for an emulated AWS, everything is deleted with the stack;
 *                                                    refused for any account but 000000000000
 *   SALESFORCE_SYNC_TRUSTED_ORIGINS trustedOrigins   local only: origins that count as Salesforce's, commas between
 *   SALESFORCE_SYNC_LOCAL_API       localApi         local only: where the emulated AWS is reached
 */

const app = new App();

const setting = (variable: string, context: string): string | undefined => {
  const value: unknown = process.env[variable] ?? app.node.tryGetContext(context);
  return value === undefined || value === '' ? undefined : String(value);
};

const loadConfig = async (): Promise<SyncConfigInput> => {
  const path = resolve(setting('SALESFORCE_SYNC_CONFIG', 'config') ?? 'sync.config.ts');
  const module: { default?: SyncConfigInput } = await import(pathToFileURL(path).href);
  if (module.default === undefined) throw new Error(`${path} has no default export`);
  return module.default;
};

const account = process.env.CDK_DEFAULT_ACCOUNT;
const region = chosenRegion(process.env);
if (region === undefined) {
  // One sentence, without the stack of an error that nobody needs to look into.
  process.stderr.write(`${NO_REGION}\n`);
  process.exit(1);
}

const local = localProps(
  {
    local: setting('SALESFORCE_SYNC_LOCAL', 'local'),
    trustedOrigins: setting('SALESFORCE_SYNC_TRUSTED_ORIGINS', 'trustedOrigins'),
    localApi: setting('SALESFORCE_SYNC_LOCAL_API', 'localApi'),
  },
  account,
);

const stack = new SyncStack(app, setting('SALESFORCE_SYNC_STACK', 'stackName') ?? 'SalesforceSync', {
  env: { ...(account === undefined ? {} : { account }), region },
  sync: { config: await loadConfig(), ...local },
});

if (local !== undefined) stack.sync.hints.allowBatchesOnEmulator();

Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
