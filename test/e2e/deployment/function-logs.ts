import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { LocalStack } from '../../../local/stack/local-stack.ts';
import { functionNamed } from './iam.ts';

/** What a function has logged since a time (epoch milliseconds), oldest first. */
export async function logsOf(stack: LocalStack, entry: string, sinceMs = 0): Promise<string[]> {
  const { logs, lambda } = stack.clients;
  const FunctionName = functionNamed(stack, entry);
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  const lines: string[] = [];
  for await (const { events = [] } of paginateFilterLogEvents(
    { client: logs },
    { logGroupName, startTime: sinceMs },
  )) {
    lines.push(...events.map(({ message = '' }) => message));
  }
  return lines;
}
