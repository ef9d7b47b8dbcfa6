import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { fillAppSecret } from '../../cli/app-secret.ts';
import { must } from '../../shared/sync/assert.ts';
import { projectNode, projectRoot } from '../../tools/paths.ts';
import { spawnManaged } from '../../tools/processes/children.ts';
import { choosePort, freePort } from '../../tools/processes/ports.ts';
import { readReadyLine } from '../../tools/processes/ready-line.ts';
import { runDirectory } from '../../tools/processes/run-directory.ts';
import { type DeployProgress, deploy } from '../aws/deploy.ts';
import { type Clients, makeClients } from './clients.ts';
import { OrgAdmin } from './org-admin.ts';
import { readOutputs, type StackOutputs } from './outputs.ts';

/** Rows that a simulated org begins with. */
export interface OrgRows {
  readonly accounts: number;
  readonly contacts: number;
}

/** A started emulated AWS. */
interface StartedAws {
  readonly endpoint: string;
  readonly env: Record<string, string>;
}

export interface LocalStackOptions extends OrgRows {
  /** The file with the sync config. @default the project's `sync.config.ts` */
  readonly configFile?: string;
  /** Orgs beside it, each a process of its own. @default none */
  readonly furtherOrgs?: readonly OrgRows[];
  readonly rotateRefreshTokens?: boolean;
  readonly onProgress?: (progress: DeployProgress) => void;
}

/** The product deployed to the emulated AWS, beside a simulated org that nothing is connected to yet. */
export interface LocalStack {
  readonly outputs: StackOutputs;
  readonly clients: Clients;
  readonly org: SimulatedOrgAddress;
  readonly admin: OrgAdmin;
  /** In the order in which they were asked for. */
  readonly furtherOrgs: readonly SimulatedOrgAddress[];
  /** The environment that leads processes to the emulated AWS. */
  readonly awsEnv: Readonly<Record<string, string>>;
  /** For searching logs for what must not be in them. */
  readonly clientSecret: string;
}

const orgReady = z.object({
  origin: z.string(),
  adminOrigin: z.string(),
  orgId: z.string(),
  pid: z.number(),
});
export type SimulatedOrgAddress = z.infer<typeof orgReady>;

const CLIENT_ID = 'local-salesforce-sync';

/**
 * Deploys the stack with the CDK CLI, starts a simulated org that it trusts, and fills in the app's credentials.
 * The org ends with this process.
 *
 * @throws ExpectedFailure when a part cannot be started or deployed
 */
export async function startLocalStack(aws: StartedAws, options: LocalStackOptions): Promise<LocalStack> {
  const [stack] = await startLocalStacks([aws], options);
  return must(stack, 'a stack');
}

/**
 * {@link startLocalStack} on each emulated AWS. All stacks know the same orgs, as one app with several callback
 * addresses.
 */
export async function startLocalStacks(
  all: readonly StartedAws[],
  options: LocalStackOptions,
): Promise<LocalStack[]> {
  const rows = [options, ...(options.furtherOrgs ?? [])];
  const ports = await choosePorts(rows.length);
  const deployed = await Promise.all(
    all.map(async (aws) => ({ aws, outputs: await deployTo(aws, ports, options) })),
  );
  const clientSecret = randomBytes(24).toString('base64url');
  const orgs = await startOrgs(rows, {
    ports,
    env: must(all[0], 'an emulated AWS').env,
    redirectUris: deployed.map(({ outputs }) => callbackOf(outputs)),
    clientSecret,
    rotateRefreshTokens: options.rotateRefreshTokens === true,
  });
  const [org, ...furtherOrgs] = orgs;
  const first = must(org, 'an org');
  return Promise.all(
    deployed.map(async ({ aws, outputs }): Promise<LocalStack> => {
      const clients = makeClients(aws.endpoint);
      const app = { clientId: CLIENT_ID, clientSecret, redirectUri: callbackOf(outputs) };
      await fillAppSecret(clients.secretsManager, outputs.AppSecretArn, app);
      const admin = new OrgAdmin(first.adminOrigin);
      return { outputs, clients, awsEnv: aws.env, org: first, admin, furtherOrgs, clientSecret };
    }),
  );
}

const callbackOf = ({ HttpApiUrl }: StackOutputs): string => `${HttpApiUrl}/oauth/callback`;

async function deployTo(
  aws: StartedAws,
  orgPorts: readonly number[],
  { configFile, onProgress }: LocalStackOptions,
): Promise<StackOutputs> {
  const deployment = await deploy({
    aws,
    env: {
      SALESFORCE_SYNC_LOCAL: 'true',
      SALESFORCE_SYNC_TRUSTED_ORIGINS: orgPorts.map((port) => `http://127.0.0.1:${port}`).join(','),
      SALESFORCE_SYNC_LOCAL_API: aws.endpoint,
      CDK_DEFAULT_ACCOUNT: '000000000000',
      CDK_DEFAULT_REGION: 'us-east-1',
      ...(configFile && { SALESFORCE_SYNC_CONFIG: configFile }),
    },
    ...(onProgress && { onProgress }),
  });
  return readOutputs(deployment.outputs);
}

/** The first may be fixed by a person; the others are any free ones. */
async function choosePorts(count: number): Promise<number[]> {
  const ports = [await choosePort('SALESFORCE_SYNC_ORG_PORT')];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

interface OrgsPlace {
  /** In the order of the orgs. */
  readonly ports: readonly number[];
  /** Leads to the certificate of the emulated AWS, over which outbound messages are delivered. */
  readonly env: Record<string, string>;
  readonly redirectUris: readonly string[];
  readonly clientSecret: string;
  readonly rotateRefreshTokens: boolean;
}

/** Each in a process of its own. */
const startOrgs = (rows: readonly OrgRows[], place: OrgsPlace): Promise<SimulatedOrgAddress[]> =>
  Promise.all(rows.map((ofOrg, index) => startOrg(ofOrg, index, place)));

/** @param index - also the seed less one: each org has an id and rows of its own */
async function startOrg(
  { accounts, contacts }: OrgRows,
  index: number,
  { ports, env, redirectUris, clientSecret, rotateRefreshTokens }: OrgsPlace,
): Promise<SimulatedOrgAddress> {
  const logFile = join(runDirectory(), index === 0 ? 'org.log' : `org-${index + 1}.log`);
  const rows = ['--seed', index + 1, '--accounts', accounts, '--contacts', contacts];
  const flags = ['--json', '--port', must(ports[index], 'a port'), ...rows, '--client-id', CLIENT_ID];
  const process = await spawnManaged(
    projectNode,
    [
      join(projectRoot, 'simulated-org/main.ts'),
      ...flags.map(String),
      ...redirectUris.flatMap((uri) => ['--redirect-uri', uri]),
      ...(rotateRefreshTokens ? ['--rotate-refresh-tokens'] : []),
    ],
    {
      name: 'the simulated Salesforce org',
      env: { ...env, SALESFORCE_CLIENT_SECRET: clientSecret },
      logFile,
      captureStdout: true,
    },
  );
  return orgReady.parse(await readReadyLine(process, logFile));
}
