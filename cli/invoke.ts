import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Invokes a function with a JSON payload; fails with what the function says of its failure. */
export async function invoke(client: LambdaClient, functionName: string, payload: object): Promise<unknown> {
  const answer = await client.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(payload)) }),
  );
  const text = Buffer.from(answer.Payload ?? new Uint8Array()).toString('utf8');
  if (answer.FunctionError !== undefined) throw new Error(`${functionName} failed: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
