import { startLocalStacks } from '../../../local/stack/local-stack.ts';
import { ORGS } from './orgs.ts';
import { shareStacks } from './shared-stack.ts';
import { readAllTestAws } from './test-aws.ts';

/**
 * Deploys the stack once for each of Jest's workers, by `cdk deploy`, each to an emulated AWS of its own: files wait
 * more than they compute, and what one kills or counts is none of the others' business. The orgs are the same for all.
 */
export default async function setUp(): Promise<void> {
  const [first, ...furtherOrgs] = Object.values(ORGS);
  if (!first) throw new Error('the layer needs an org');
  const stacks = await startLocalStacks(readAllTestAws(), {
    ...first,
    furtherOrgs,
    rotateRefreshTokens: true,
    configFile: 'test/e2e/deployment/sync.config.ts',
  });
  shareStacks(stacks);
}
