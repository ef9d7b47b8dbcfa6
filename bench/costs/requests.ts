import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What one path cost. */
export interface Cost {
  /** DynamoDB requests that read; a batch is one. */
  readonly reads: number;
  /** DynamoDB requests that write; a transaction or a batch is one. */
  readonly writes: number;
  /** Calls of Salesforce, as its allowance counts them. */
  readonly calls: number;
}

const READS: ReadonlySet<string> = new Set([
  'GetItemCommand',
  'BatchGetItemCommand',
  'QueryCommand',
  'ScanCommand',
]);

/** Counts the requests of a client from now on: what the SDK is asked for, not what it repeats. */
export function countRequests(client: DynamoDBClient): { take(): Omit<Cost, 'calls'> } {
  let [reads, writes] = [0, 0];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (READS.has(commandName)) reads += 1;
        else writes += 1;
        return next(args);
      },
    { step: 'initialize', name: 'countRequests' },
  );
  return {
    take() {
      const taken = { reads, writes };
      [reads, writes] = [0, 0];
      return taken;
    },
  };
}
