/**
 * `npm run configure [-- --stack NAME]`: fills the deployed stack's secret with the connected app's credentials,
 * which are read from the environment, so that they stand in no command line and no template.
 */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ExpectedFailure } from '../tools/expected-failure.mjs';
import { runScript } from '../tools/script.ts';
import { fillAppSecret, readAppCredentials } from './app-secret.ts';
import { readArguments } from './arguments.ts';
import { deployedOutputs } from './deployed.ts';
import { askAws } from './errors.ts';
import { clientRegion } from './region.ts';

const USAGE = 'npm run configure [-- --stack NAME]';

await runScript(async () => {
  const { stackName, operands } = readArguments(process.argv.slice(2), USAGE);
  if (operands.length > 0) throw new ExpectedFailure(`"${operands[0]}" has no meaning here. Usage: ${USAGE}`);
  const credentials = readAppCredentials(process.env);
  const output = await deployedOutputs(stackName);
  const secretArn = output('AppSecretArn');
  await askAws(`write the secret ${secretArn}`, () =>
    fillAppSecret(new SecretsManagerClient(clientRegion()), secretArn, credentials),
  );
  console.log('The secret is filled; functions take it up within five minutes.');
  const callback = `${output('HttpApiUrl')}/oauth/callback`;
  if (credentials.redirectUri !== callback)
    console.log(
      `Note: this stack answers at ${callback}, but SALESFORCE_REDIRECT_URI is ${credentials.redirectUri}: set it to the former, in the connected app too, and run this again.`,
    );
  return 0;
});
