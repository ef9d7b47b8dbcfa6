import { DescribeExecutionCommand, GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { type Execution, executions } from '../../../local/stack/executions.ts';
import type { LocalStack } from '../../../local/stack/local-stack.ts';

/** The executions that a mapping's loads or pushes were driven by, newest first. */
export async function executionsOf(
  stack: LocalStack,
  machine: 'load' | 'push',
  mappingId: string,
): Promise<Execution[]> {
  const found: Execution[] = [];
  for (const execution of await executions(stack, machine)) {
    const { input = '{}' } = await stack.clients.stepFunctions.send(
      new DescribeExecutionCommand({ executionArn: execution.arn }),
    );
    if ((JSON.parse(input) as { mappingId?: string }).mappingId === mappingId) found.push(execution);
  }
  return found;
}

/** The names of the states that an execution went through, each once, as the console shows them. */
export async function statesOf({ clients }: LocalStack, { arn }: Execution): Promise<string[]> {
  const { events = [] } = await clients.stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1_000 }),
  );
  return [...new Set(events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []))];
}
