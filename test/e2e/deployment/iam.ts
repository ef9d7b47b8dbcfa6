import { createHash, createHmac } from 'node:crypto';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import type { LocalStack } from '../../../local/stack/local-stack.ts';
import { must } from '../../../shared/sync/assert.ts';

interface Statement {
  readonly Action: string | readonly string[];
}
interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

/** The function with this folder below `functions/`. */
export const functionNamed = (stack: LocalStack, entry: string): string =>
  must(stack.outputs.FunctionNames[entry], `there is a function ${entry}`);

/**
 * Does something while one action is missing from a function's role, and puts the role back as it was, whatever
 * happens. Policies count from the next request on.
 *
 * @throws InvariantError when the role does not allow the action in the first place
 */
export async function withoutGrant<T>(
  stack: LocalStack,
  entry: string,
  action: string,
  work: () => Promise<T>,
): Promise<T> {
  const FunctionName = functionNamed(stack, entry);
  const { Role = '' } = await stack.clients.lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName }),
  );
  const RoleName = Role.slice(Role.lastIndexOf('/') + 1);
  const listed = await callIam(stack, { Action: 'ListRolePolicies', RoleName });
  const names = [...listed.matchAll(/<member>([^<]+)<\/member>/g)].map(([, name = '']) => name);
  const changed: { readonly PolicyName: string; readonly PolicyDocument: string }[] = [];
  try {
    for (const PolicyName of names) {
      const got = await callIam(stack, { Action: 'GetRolePolicy', RoleName, PolicyName });
      const document = decodeURIComponent(
        must(/<PolicyDocument>(.+?)<\/PolicyDocument>/s.exec(got)?.[1], 'the policy has a document'),
      ).replaceAll('&quot;', '"');
      const less = withoutAction(JSON.parse(document) as PolicyDocument, action);
      if (!less) continue;
      changed.push({ PolicyName, PolicyDocument: document });
      await callIam(stack, {
        Action: 'PutRolePolicy',
        RoleName,
        PolicyName,
        PolicyDocument: JSON.stringify(less),
      });
    }
    must(changed[0], `${entry} may ${action}`);
    return await work();
  } finally {
    for (const policy of changed) await callIam(stack, { Action: 'PutRolePolicy', RoleName, ...policy });
  }
}

/** The document without the action, and what the emulated AWS asks for beside it; undefined if it does not name it. */
function withoutAction(document: PolicyDocument, action: string): PolicyDocument | undefined {
  // `sqs:SendMessageBatch` is no action of AWS's own.
  const isWanted = (name: string) => name !== action && name !== `${action}Batch`;
  const statements = document.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter(isWanted),
  }));
  const isSame = document.Statement.every(({ Action }) => [Action].flat().every(isWanted));
  return isSame
    ? undefined
    : { ...document, Statement: statements.filter(({ Action }) => Action.length > 0) };
}

/** One signed request of IAM's query protocol; the project has no other use for IAM's SDK client. */
async function callIam({ awsEnv }: LocalStack, parameters: Record<string, string>): Promise<string> {
  const { AWS_ENDPOINT_URL = '', AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = awsEnv;
  const { host } = new URL(AWS_ENDPOINT_URL);
  const body = new URLSearchParams({ ...parameters, Version: '2010-05-08' }).toString();
  const at = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${at.slice(0, 8)}/us-east-1/iam/aws4_request`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', host, 'x-amz-date': at };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const request = ['POST', '/', '', ...lines, '', names, sha256(body)].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(request)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${AWS_SECRET_ACCESS_KEY}`);
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${AWS_ACCESS_KEY_ID}/${scope}, ` +
    `SignedHeaders=${names}, Signature=${hmac(key, toSign).toString('hex')}`;
  const response = await fetch(AWS_ENDPOINT_URL, {
    method: 'POST',
    headers: { ...headers, authorization },
    body,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${parameters.Action} of IAM: ${response.status} ${text.slice(0, 500)}`);
  return text;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
