import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { type LocalStack, startLocalStack } from '../../../local/stack/local-stack.ts';
import { TAKEN_VISIBILITY_SECONDS } from '../../../shared/contracts/lifetimes.ts';
import { ORGS } from './orgs.ts';
import { shareStack } from './shared-stack.ts';
import { readTestAws } from './test-aws.ts';

/** Deploys the stack once for all files of the layer, by `cdk deploy`, and starts the orgs. */
export default async function setUp(): Promise<void> {
  const { endpoint, env } = readTestAws();
  const [first, ...furtherOrgs] = Object.values(ORGS);
  if (!first) throw new Error('the layer needs an org');
  const stack = await startLocalStack({
    aws: { endpoint, env },
    ...first,
    furtherOrgs,
    rotateRefreshTokens: true,
    configFile: 'test/e2e/deployment/sync.config.ts',
  });
  await hideBriefly(stack);
  shareStack(stack);
}

/**
 * A worker that is killed as it starts has not yet asked for the time that its messages stay hidden: it would be the
 * queue's six minutes, too long for a test.
 */
const hideBriefly = ({ clients, outputs }: LocalStack) =>
  clients.sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: outputs.HintQueueUrl,
      Attributes: { VisibilityTimeout: String(TAKEN_VISIBILITY_SECONDS) },
    }),
  );
