import {
  FilterLogEventsCommand,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LocalStack } from './local-stack.ts';
import { until } from './tenant.ts';

/** What functions logged as errors, newest last: the first thing to look at when something went wrong. */
export async function recentErrors({ clients }: LocalStack, limit = 10): Promise<string[]> {
  const lines: { at: number; text: string }[] = [];
  for await (const page of paginateDescribeLogGroups({ client: clients.logs }, {})) {
    for (const { logGroupName = '' } of page.logGroups ?? []) {
      const { events = [] } = await clients.logs.send(new FilterLogEventsCommand({ logGroupName }));
      for (const { timestamp = 0, message = '' } of events) {
        if (/"level":\s*"ERROR"|Task timed out|Unhandled|Error:/.test(message)) {
          lines.push({ at: timestamp, text: `${logGroupName}: ${message.trim()}` });
        }
      }
    }
  }
  return lines
    .sort((a, b) => a.at - b.at)
    .slice(-limit)
    .map(({ text }) => text);
}

/** Waits until the function behind the tables' streams has seen this many changes since it was deployed. */
export async function streamsSeen({ clients }: LocalStack, changes: number): Promise<void> {
  await until('The streams being read', async () => {
    let seen = 0;
    for await (const page of paginateDescribeLogGroups({ client: clients.logs }, {})) {
      for (const { logGroupName = '' } of page.logGroups ?? []) {
        if (!/LocalChanges/.test(logGroupName)) continue;
        for await (const { events = [] } of paginateFilterLogEvents(
          { client: clients.logs },
          { logGroupName },
        )) {
          for (const { message = '' } of events) seen += Number(/"changes":(\d+)/.exec(message)?.[1] ?? 0);
        }
      }
    }
    return seen >= changes;
  });
}
