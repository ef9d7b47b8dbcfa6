import { localAwsEnvironment } from '../../../local/aws/environment.ts';
import { allTestAws, type TestAwsAccess } from '../../../tools/testing/test-access.ts';
import { workerAws } from '../../builders/worker-aws.ts';

/** An emulated AWS that the test command started, and how processes reach it. */
export interface TestAws extends TestAwsAccess {
  /** The whole environment for processes that shall use it, `deploy` among them. */
  readonly env: Record<string, string>;
}

/**
 * What a test on the emulated AWS begins with: the one of its Jest worker.
 *
 * @throws Error when the test was not started by the project's test command
 */
export const readTestAws = (): TestAws => reached(workerAws());

/** All of them, for the set-up of the layer. @throws as {@link readTestAws} */
export function readAllTestAws(): TestAws[] {
  const all = allTestAws(process.env);
  return all.length === 0 ? [reached(undefined)] : all.map(reached);
}

function reached(access: TestAwsAccess | undefined): TestAws {
  if (!access) throw new Error('This test needs the emulated AWS: run it by `npm run test:e2e`.');
  return { ...access, env: localAwsEnvironment(access, process.env) };
}
