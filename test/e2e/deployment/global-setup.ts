import { startLocalStack } from '../../../local/stack/local-stack.ts';
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
  shareStack(stack);
}
