/**
 * `npm run operate -- '{"action":"connections","orgId":"acme"}' [--stack NAME]`: asks the deployed stack's operations
 * function, with the rights of whoever asks, and prints its answer. Ends with 1 when the answer is an error.
 */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { runScript } from '../tools/script.ts';
import { readArguments } from './arguments.ts';
import { deployedOutputs } from './deployed.ts';
import { askAws } from './errors.ts';
import { invoke } from './invoke.ts';
import { OPERATE_USAGE, readOperation } from './operation.ts';
import { clientRegion } from './region.ts';

await runScript(async () => {
  const { stackName, operands } = readArguments(process.argv.slice(2), OPERATE_USAGE);
  const operation = readOperation(operands);
  const output = await deployedOutputs(stackName);
  const functionName = output('OperationsFunctionName');
  const answer = await askAws(`invoke ${functionName}`, () =>
    invoke(new LambdaClient(clientRegion()), functionName, operation),
  );
  console.log(JSON.stringify(answer, null, 2));
  return typeof answer === 'object' && answer !== null && 'error' in answer ? 1 : 0;
});
