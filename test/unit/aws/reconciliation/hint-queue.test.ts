import { ChangeMessageVisibilityBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { SqsHintQueue } from '../../../../shared/aws/reconciliation/hint-queue.ts';
import type { Hint } from '../../../../shared/contracts/hints.ts';

const client = new SQSClient({ region: 'us-east-1' });
const sqs = mockClient(client);
const queue = new SqsHintQueue(client, 'https://sqs.test/hints');

beforeEach(() => {
  sqs.reset();
});

const aHint = (key: string): Hint => ({ kind: 'local-keys', mappingId: 'c.contact', keys: [{ key }] });

const entries = () =>
  sqs.commandCalls(SendMessageBatchCommand).flatMap((call) => call.args[0].input.Entries ?? []);

const bodies = () =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .map((call) => (call.args[0].input.Entries ?? []).map((entry) => JSON.parse(entry.MessageBody ?? '')));

describe('sending hints', () => {
  test('sends again what SQS could not take', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({
        Successful: [],
        Failed: [{ Id: '1', Code: 'InternalError', SenderFault: false }],
      })
      .resolvesOnce({ Successful: [], Failed: [] });

    await queue.send([aHint('a'), aHint('b'), aHint('c')]);

    const keys = bodies().map((batch) => batch.map((hint) => hint.keys[0].key));
    expect(keys).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test('fails where SQS keeps failing, so that nobody takes a hint for durable', async () => {
    const Failed = [{ Id: '0', Code: 'InternalError', SenderFault: false }];
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });

    await expect(queue.send([aHint('a')])).rejects.toMatchObject({
      name: 'Throttled',
      next: { do: 'retry' },
    });
  });

  test('sends again what SQS blames on the sender and what passes all the same, such as a throttled key', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '0', Code: 'KmsThrottled', SenderFault: true }] })
      .resolvesOnce({ Successful: [], Failed: [] });

    await queue.send([aHint('a')]);

    expect(sqs.calls()).toHaveLength(2);
  });

  test('fails at once where the message is at fault', async () => {
    const Failed = [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }];
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });

    await expect(queue.send([aHint('a')])).rejects.toMatchObject({ name: 'Refused' });
    expect(sqs.calls()).toHaveLength(1);
  });

  test('cuts a hint in two that is too large for a message', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
    // 200 keys of 2,048 bytes, as long as DynamoDB lets them be.
    const keys = Array.from({ length: 200 }, (_, index) => ({ key: `${index}`.padEnd(1024, 'ü') }));

    await queue.send([{ kind: 'local-keys', mappingId: 'c.contact', keys }]);

    const sent = bodies().flat();
    expect(sent.flatMap((hint) => hint.keys)).toEqual(keys);
    expect(sent.length).toBeGreaterThan(1);
  });

  test('groups them by connection and by nothing else, so that one tenant with many waits before the others', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });

    await queue.send([
      aHint('a'),
      { kind: 'remote-ids', mappingId: 'c.account', sfIds: ['a', 'b'] },
      { kind: 'sweep', mappingId: 'd.contact', runId: 'r' },
    ]);

    expect(entries().map(({ MessageGroupId }) => MessageGroupId)).toEqual(['c', 'c', 'd']);
    expect(entries().every((entry) => entry.MessageDeduplicationId === undefined)).toBe(true);
  });
});

describe('hiding messages', () => {
  test('takes ten a request, in whole seconds that SQS allows', async () => {
    sqs.on(ChangeMessageVisibilityBatchCommand).resolves({});
    const seconds = [0.2, -1, 100_000, ...Array.from({ length: 9 }, () => 75)];

    await queue.hide(seconds.map((some, index) => ({ receiptHandle: `r${index}`, seconds: some })));

    const batches = sqs
      .commandCalls(ChangeMessageVisibilityBatchCommand)
      .map((call) => (call.args[0].input.Entries ?? []).map((entry) => entry.VisibilityTimeout));
    expect(batches.map(({ length }) => length)).toEqual([10, 2]);
    expect(batches[0]?.slice(0, 3)).toEqual([1, 0, 43_200]);
  });
});
