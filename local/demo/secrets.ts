import { paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { paginateScan } from '@aws-sdk/client-dynamodb';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { executions } from '../stack/executions.ts';
import type { LocalStack } from '../stack/local-stack.ts';

/** Everything that the stack wrote down, a text a place. */
async function* writings(stack: LocalStack): AsyncGenerator<readonly [place: string, text: string]> {
  const { clients, outputs } = stack;
  for await (const page of paginateDescribeLogGroups({ client: clients.logs }, {})) {
    for (const { logGroupName = '' } of page.logGroups ?? []) {
      for await (const events of paginateFilterLogEvents({ client: clients.logs }, { logGroupName })) {
        yield [`log group ${logGroupName}`, (events.events ?? []).map((event) => event.message).join('\n')];
      }
    }
  }
  for (const TableName of [outputs.ConnectionsTableName, outputs.SyncStateTableName]) {
    for await (const page of paginateScan({ client: clients.dynamoDb }, { TableName })) {
      yield [`table ${TableName}`, JSON.stringify(page.Items)];
    }
  }
  for (const machine of ['load', 'push'] as const) {
    for (const { name, arn } of await executions(stack, machine)) {
      const history = await clients.stepFunctions.send(new GetExecutionHistoryCommand({ executionArn: arn }));
      yield [`execution ${name}`, JSON.stringify(history.events)];
    }
  }
}

/** Searches for literal values; says where they are, never what they are. */
export async function findSecrets(
  stack: LocalStack,
  secrets: readonly string[],
): Promise<{ readonly places: number; readonly found: readonly string[] }> {
  const found = new Set<string>();
  let places = 0;
  const tokens = await stack.admin.tokens();
  for await (const [place, text] of writings(stack)) {
    places += 1;
    if ([...secrets, ...tokens].some((secret) => text.includes(secret))) found.add(place);
  }
  return { places, found: [...found] };
}
