import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { LocalStack } from './local-stack.ts';

/** An execution of one of the bulk state machines. */
export interface Execution {
  readonly name: string;
  readonly status: string;
  readonly arn: string;
}

/** Newest first. */
export async function executions(stack: LocalStack, machine: 'load' | 'push'): Promise<Execution[]> {
  const stateMachineArn =
    machine === 'load' ? stack.outputs.LoadStateMachineArn : stack.outputs.PushStateMachineArn;
  const { executions: found = [] } = await stack.clients.stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn }),
  );
  return found.map(({ name = '', status = '', executionArn = '' }) => ({ name, status, arn: executionArn }));
}
