import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { workerAws } from '../../builders/worker-aws.ts';

/** The emulated AWS of this Jest worker, as whoever started it says. */
const aws = workerAws();

/** What every client of these tests is made with: the emulator's root credentials, and hosts that Node can resolve. */
export const clientSettings = () => ({
  endpoint: aws?.endpoint ?? '',
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Runs a suite on the emulated AWS; without one it is left out with a sentence, or fails where it has to be there. */
export const describeOnAws = (name: string, suite: () => void): void => {
  if (aws) {
    describe(name, suite);
    return;
  }
  describe(name, () => {
    const sentence = 'needs the emulated AWS, which `npm run test:contract` starts';
    if (process.env.CI) {
      test(sentence, () => {
        expect(aws).toBeDefined();
      });
    } else {
      test.skip(sentence, () => {});
    }
  });
};

/** A name that nobody else uses. */
export const freshName = (what: string): string => `${what}-${randomUUID()}`;

/** Tables that live as long as one test file. */
export const temporaryTables = () => {
  const made: string[] = [];
  let client: DynamoDBClient | undefined;
  return {
    client: (): DynamoDBClient => {
      client ??= new DynamoDBClient(clientSettings());
      return client;
    },
    async create(table: CreateTableCommandInput): Promise<void> {
      await this.client().send(new CreateTableCommand(table));
      made.push(table.TableName ?? '');
    },
    async deleteAll(): Promise<void> {
      for (const TableName of made) await this.client().send(new DeleteTableCommand({ TableName }));
      client?.destroy();
    },
  };
};
