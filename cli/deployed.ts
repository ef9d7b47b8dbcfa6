import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ExpectedFailure } from '../tools/expected-failure.mjs';
import { askAws } from './errors.ts';
import { clientRegion } from './region.ts';

/**
 * Reads an output of a deployed stack by its name.
 *
 * @throws ExpectedFailure when the stack has no such output
 */
export type ReadOutput = (name: string) => string;

/**
 * Looks up a stack in the account and region that the AWS SDK's usual settings lead to.
 *
 * @throws ExpectedFailure when there is no such stack, or no way to ask
 */
export async function deployedOutputs(stackName: string): Promise<ReadOutput> {
  const client = new CloudFormationClient(clientRegion());
  const stack = await askAws(`look up the stack ${stackName}`, async () => {
    try {
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
      return Stacks[0];
    } catch (error) {
      if (isUnknownStack(error)) return undefined;
      throw error;
    }
  });
  if (stack === undefined)
    throw new ExpectedFailure(
      `There is no stack ${stackName} in ${await client.config.region()}: name it by --stack, or set AWS_REGION and AWS_PROFILE to where it is deployed.`,
    );
  return (name) => {
    const value = stack.Outputs?.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (value !== undefined) return value;
    throw new ExpectedFailure(
      `Stack ${stackName} has no output ${name}: name the stack of this project by --stack, or deploy it again.`,
    );
  };
}

/** CloudFormation has no error of its own for this, only a text. */
const isUnknownStack = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && /does not exist$/.test(error.message);
