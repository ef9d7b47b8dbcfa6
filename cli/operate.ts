/**
 * `npm run operate -- '{"action":"connections","orgId":"acme"}' [--stack NAME]`: asks the deployed stack's operations
 * function, with the rights of whoever asks, and prints its answer.
 */

import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { ExpectedFailure } from '../tools/expected-failure.mjs';
import { runScript } from '../tools/script.ts';
import { deployedOutputs, outputOf } from './deployed.ts';
import { invoke } from './invoke.ts';

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { stack: { type: 'string', default: 'SalesforceSync' } },
  });
  const outputs = await deployedOutputs(values.stack);
  const operation = parse(positionals);
  const answer = await invoke(new LambdaClient({}), outputOf(outputs, 'OperationsFunctionName'), operation);
  console.log(JSON.stringify(answer, null, 2));
  return typeof answer === 'object' && answer !== null && 'error' in answer ? 1 : 0;
});

function parse([text, ...more]: readonly string[]): object {
  try {
    const operation: unknown = JSON.parse(text ?? '');
    if (more.length === 0 && typeof operation === 'object' && operation !== null) return operation;
  } catch {
    // Said below, in words.
  }
  throw new ExpectedFailure(
    'Give one operation as JSON in single quotes, such as \'{"action":"connections","orgId":"acme"}\'.',
  );
}
