import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { FunctionFailed } from './errors.ts';

/**
 * Invokes a function with a JSON payload and returns its answer.
 *
 * @throws FunctionFailed with what the function says of its failure
 */
export async function invoke(client: LambdaClient, functionName: string, payload: object): Promise<unknown> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString('utf8');
  if (answer.FunctionError !== undefined) throw new FunctionFailed(`${functionName} failed: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
