import { makeClients } from '../../../local/stack/clients.ts';
import type { LocalStack, SimulatedOrgAddress } from '../../../local/stack/local-stack.ts';
import { OrgAdmin } from '../../../local/stack/org-admin.ts';
import type { StackOutputs } from '../../../local/stack/outputs.ts';
import { must } from '../../../shared/sync/assert.ts';
import { workerIndex } from '../../builders/worker-aws.ts';
import { ORGS, type OrgName } from './orgs.ts';
import { readTestAws } from './test-aws.ts';

/** By which the tests find what the layer's set-up deployed. */
const VARIABLE = 'SALESFORCE_SYNC_E2E_STACK';

interface SharedStack {
  readonly outputs: StackOutputs;
  readonly clientSecret: string;
  /** In the order of {@link ORGS}. */
  readonly orgs: readonly SimulatedOrgAddress[];
}

/** Leaves the deployed stacks, one for each of Jest's workers, where {@link stackWith} finds them. */
export function shareStacks(stacks: readonly LocalStack[]): void {
  const shared = stacks.map(
    ({ outputs, clientSecret, org, furtherOrgs }): SharedStack => ({
      outputs,
      clientSecret,
      orgs: [org, ...furtherOrgs],
    }),
  );
  process.env[VARIABLE] = JSON.stringify(shared);
}

/** The stack of this Jest worker, beside the org of this name. One file alone uses an org. */
export function stackWith(name: OrgName): LocalStack {
  const { endpoint, env } = readTestAws();
  const text = must(process.env[VARIABLE], 'the set-up of the layer has deployed the stack');
  const all = JSON.parse(text) as SharedStack[];
  const { outputs, clientSecret, orgs } = must(all[workerIndex()], 'each worker has a stack');
  const org = must(orgs[Object.keys(ORGS).indexOf(name)], `there is an org ${name}`);
  return {
    outputs,
    clientSecret,
    org,
    furtherOrgs: [],
    awsEnv: env,
    admin: new OrgAdmin(org.adminOrigin),
    clients: makeClients(endpoint),
  };
}
