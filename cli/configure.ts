/**
 * `npm run configure [-- --stack NAME]`: fills the deployed stack's secret with the connected app's credentials,
 * which are read from the environment, so that they stand in no command line and no template.
 */

import { parseArgs } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ExpectedFailure } from '../tools/expected-failure.mjs';
import { runScript } from '../tools/script.ts';
import { fillAppSecret } from './app-secret.ts';
import { deployedOutputs, outputOf } from './deployed.ts';

const VARIABLES = ['SALESFORCE_CLIENT_ID', 'SALESFORCE_CLIENT_SECRET', 'SALESFORCE_REDIRECT_URI'] as const;

await runScript(async () => {
  const { values } = parseArgs({ options: { stack: { type: 'string', default: 'SalesforceSync' } } });
  const missing = VARIABLES.filter((name) => !process.env[name]);
  if (missing.length > 0)
    throw new ExpectedFailure(`Set ${missing.join(', ')} first: see docs/setting-up-salesforce.md.`);
  const [clientId = '', clientSecret = '', redirectUri = ''] = VARIABLES.map((name) => process.env[name]);

  const outputs = await deployedOutputs(values.stack);
  const expected = `${outputOf(outputs, 'HttpApiUrl')}/oauth/callback`;
  await fillAppSecret(new SecretsManagerClient({}), outputOf(outputs, 'AppSecretArn'), {
    clientId,
    clientSecret,
    redirectUri,
  });
  console.log('The secret is filled; functions take it up within five minutes.');
  if (redirectUri !== expected) {
    console.log(`Note: this stack answers at ${expected}, and SALESFORCE_REDIRECT_URI is ${redirectUri}.`);
  }
  return 0;
});
