import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { type DeployProgress, deploy } from '../aws/deploy.ts';
import { spawnManaged } from '../toolchain/children.ts';
import { projectNode, projectRoot } from '../toolchain/paths.ts';
import { choosePort } from '../toolchain/ports.ts';
import { readReadyLine } from '../toolchain/ready-line.ts';
import { runDirectory } from '../toolchain/run-directory.ts';
import { fillAppSecret } from './app-secret.ts';
import { type Clients, makeClients } from './clients.ts';
import { OrgAdmin } from './org-admin.ts';
import { readOutputs, type StackOutputs } from './outputs.ts';

export interface LocalStackOptions {
  /** A started emulated AWS. */
  readonly aws: { readonly endpoint: string; readonly env: Record<string, string> };
  /** The file with the sync config. @default the project's `sync.config.ts` */
  readonly configFile?: string;
  /** Rows that the simulated org begins with. */
  readonly accounts: number;
  readonly contacts: number;
  readonly rotateRefreshTokens?: boolean;
  readonly onProgress?: (progress: DeployProgress) => void;
}

/** The product deployed to the emulated AWS, beside a simulated org that nothing is connected to yet. */
export interface LocalStack {
  readonly outputs: StackOutputs;
  readonly clients: Clients;
  readonly org: SimulatedOrgAddress;
  readonly admin: OrgAdmin;
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
  const orgPort = await choosePort('SALESFORCE_SYNC_ORG_PORT');
  const deployment = await deploy({
    aws: options.aws,
    env: {
      SALESFORCE_SYNC_LOCAL: 'true',
      SALESFORCE_SYNC_TRUSTED_ORIGINS: `http://127.0.0.1:${orgPort}`,
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
  const org = await startOrg(options, { orgPort, redirectUri, clientSecret });
  const clients = makeClients(options.aws.endpoint);
  await fillAppSecret(clients.secretsManager, outputs.AppSecretArn, {
    clientId: CLIENT_ID,
    clientSecret,
    redirectUri,
  });
  return {
    outputs,
    clients,
    awsEnv: options.aws.env,
    org,
    admin: new OrgAdmin(org.adminOrigin),
    clientSecret,
  };
}

async function startOrg(
  { aws, accounts, contacts, rotateRefreshTokens }: LocalStackOptions,
  { orgPort, redirectUri, clientSecret }: { orgPort: number; redirectUri: string; clientSecret: string },
): Promise<SimulatedOrgAddress> {
  const logFile = join(runDirectory(), 'org.log');
  const flags = ['--port', orgPort, '--accounts', accounts, '--contacts', contacts, '--client-id', CLIENT_ID];
  const process = await spawnManaged(
    projectNode,
    [
      join(projectRoot, 'local/salesforce/main.ts'),
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
