import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ExpectedFailure } from '../tools/expected-failure.mjs';

/**
 * The outputs of a stack in the account, and region, that the AWS SDK's usual settings lead to.
 *
 * @throws ExpectedFailure when there is no such stack, or no way to ask
 */
export async function deployedOutputs(stackName: string): Promise<Readonly<Record<string, string>>> {
  const client = new CloudFormationClient({});
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [
      OutputKey,
      OutputValue,
    ]);
    return Object.fromEntries(outputs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpectedFailure(
      `Stack ${stackName} cannot be looked up (${reason}): check the AWS credentials, AWS_REGION and --stack.`,
    );
  }
}

/** @throws ExpectedFailure when the stack is not one of ours */
export function outputOf(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = outputs[name];
  if (value === undefined)
    throw new ExpectedFailure(
      `The stack has no output ${name}: deploy it again, or name another by --stack.`,
    );
  return value;
}
