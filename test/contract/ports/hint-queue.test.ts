import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SqsHintQueue } from '../../../shared/aws/reconciliation/hint-queue.ts';
import { type Hint, hint } from '../../../shared/contracts/hints.ts';
import { InMemoryHintQueue } from '../../in-memory/hint-queue.ts';
import { clientSettings, describeOnAws, freshName } from './emulated-aws.ts';
import { hintQueueSuite } from './hint-queue.suite.ts';

describe('hints in memory', () => {
  hintQueueSuite(async () => {
    const queue = new InMemoryHintQueue();
    return { queue, receiveAll: async () => queue.take(1000) };
  });
});

describeOnAws('hints on SQS', () => {
  let client: SQSClient;
  const urls: string[] = [];
  beforeAll(() => {
    client = new SQSClient(clientSettings());
  });
  afterAll(async () => {
    for (const QueueUrl of urls) await client.send(new DeleteQueueCommand({ QueueUrl }));
    client.destroy();
  });

  const makeQueue = async (): Promise<string> => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: freshName('hints') }));
    urls.push(QueueUrl);
    return QueueUrl;
  };

  const receive = async (QueueUrl: string) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
    );
    return Messages;
  };

  const receiveAll = async (QueueUrl: string): Promise<Hint[]> => {
    const hints: Hint[] = [];
    for (;;) {
      const messages = await receive(QueueUrl);
      if (messages.length === 0) return hints;
      for (const { Body = '', ReceiptHandle } of messages) {
        hints.push(hint.parse(JSON.parse(Body)));
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };

  hintQueueSuite(async () => {
    const url = await makeQueue();
    return { queue: new SqsHintQueue(client, url), receiveAll: () => receiveAll(url) };
  });

  test('takes hints that are too large together for one request', async () => {
    const url = await makeQueue();
    const hints = Array.from({ length: 8 }, (_, index) => ({
      kind: 'local-keys' as const,
      mappingId: 'a.contact',
      keys: Array.from({ length: 200 }, (_, key) => ({ key: `${index}-${key}-${'x'.repeat(500)}` })),
    }));

    await new SqsHintQueue(client, url).send(hints);

    expect(await receiveAll(url)).toHaveLength(8);
  });

  test('shows messages again when the time that each was hidden for is over', async () => {
    const url = await makeQueue();
    const queue = new SqsHintQueue(client, url);
    await queue.send(['r', 's', 't'].map((runId) => ({ kind: 'sweep', mappingId: 'a.contact', runId })));
    const received = await receive(url);
    expect(received).toHaveLength(3);
    expect(await receive(url)).toHaveLength(0);

    await queue.hide(
      received.map(({ ReceiptHandle = '' }, index) => ({
        receiptHandle: ReceiptHandle,
        seconds: index * 600,
      })),
    );

    expect((await receive(url)).map(({ Body }) => Body)).toEqual([received[0]?.Body]);
  });
});
