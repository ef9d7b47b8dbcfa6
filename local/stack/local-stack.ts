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

export interface LocalStackOptions extends OrgRows {
  /** A started emulated AWS. */
  readonly aws: { readonly endpoint: string; readonly env: Record<string, string> };
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
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { accounts, contacts, furtherOrgs = [] } = options;
  const orgPorts = await choosePorts(1 + furtherOrgs.length);
  const deployment = await deploy({
    aws: options.aws,
    env: {
      SALESFORCE_SYNC_LOCAL: 'true',
      SALESFORCE_SYNC_TRUSTED_ORIGINS: orgPorts.map((port) => `http://127.0.0.1:${port}`).join(','),
      SALESFORCE_SYNC_LOCAL_API: options.aws.endpoint,
      CDK_DEFAULT_ACCOUNT: '000000000000',
      CDK_DEFAULT_REGION: 'us-east-1',
      ...(options.configFile && { SALESFORCE_SYNC_CONFIG: options.configFile }),
    },
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  const outputs = readOutputs(deployment.outputs);
  const redirectUri = `${outputs.HttpApiUrl}/oauth/callback`;
  const clientSecret = randomBytes(24).toString('base64url');
  const [org, ...others] = await Promise.all(
    [{ accounts, contacts }, ...furtherOrgs].map((rows, index) =>
      startOrg(options, rows, { index, port: must(orgPorts[index], 'a port'), redirectUri, clientSecret }),
    ),
  );
  const clients = makeClients(options.aws.endpoint);
  await fillAppSecret(clients.secretsManager, outputs.AppSecretArn, {
    clientId: CLIENT_ID,
    clientSecret,
    redirectUri,
  });
  const first = must(org, 'an org');
  return {
    outputs,
    clients,
    awsEnv: options.aws.env,
    org: first,
    admin: new OrgAdmin(first.adminOrigin),
    furtherOrgs: others,
    clientSecret,
  };
}

/** The first may be fixed by a person; the others are any free ones. */
async function choosePorts(count: number): Promise<number[]> {
  const ports = [await choosePort('SALESFORCE_SYNC_ORG_PORT')];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

interface OrgPlace {
  /** Also the seed less one: each org has an id and rows of its own. */
  readonly index: number;
  readonly port: number;
  readonly redirectUri: string;
  readonly clientSecret: string;
}

async function startOrg(
  { aws, rotateRefreshTokens }: LocalStackOptions,
  { accounts, contacts }: OrgRows,
  { index, port, redirectUri, clientSecret }: OrgPlace,
): Promise<SimulatedOrgAddress> {
  const logFile = join(runDirectory(), index === 0 ? 'org.log' : `org-${index + 1}.log`);
  const rows = ['--seed', index + 1, '--accounts', accounts, '--contacts', contacts];
  const flags = ['--json', '--port', port, ...rows, '--client-id', CLIENT_ID];
  const process = await spawnManaged(
    projectNode,
    [
      join(projectRoot, 'simulated-org/main.ts'),
      ...flags.map(String),
      '--redirect-uri',
      redirectUri,
      ...(rotateRefreshTokens ? ['--rotate-refresh-tokens'] : []),
    ],
    {
      name: 'the simulated Salesforce org',
      // It delivers outbound messages over TLS to the emulated AWS, so it must trust that certificate.
      env: { ...aws.env, SALESFORCE_CLIENT_SECRET: clientSecret },
      logFile,
      captureStdout: true,
    },
  );
  return orgReady.parse(await readReadyLine(process, logFile));
}
