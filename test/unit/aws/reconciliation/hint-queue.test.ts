import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import {
  bucketOf,
  deduplicationId,
  groupOf,
  SqsHintQueue,
} from '../../../../shared/aws/reconciliation/hint-queue.ts';
import type { HintMessage } from '../../../../shared/use-cases/ports/hint-queue.ts';

const client = new SQSClient({ region: 'us-east-1' });
const sqs = mockClient(client);
const queue = new SqsHintQueue(client, 'https://sqs.test/hints.fifo');

beforeEach(() => {
  sqs.reset();
});

const message = (key: string, cause = key): HintMessage => ({
  hint: { kind: 'local-keys', mappingId: 'c.contact', keys: [{ key }] },
  cause,
});

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

    await queue.send([message('a'), message('b'), message('c')]);

    const keys = bodies().map((batch) => batch.map((hint) => hint.keys[0].key));
    expect(keys).toEqual([['a', 'b', 'c'], ['b']]);
  });

  test('fails where SQS keeps failing, so that nobody takes a hint for durable', async () => {
    const Failed = [{ Id: '0', Code: 'InternalError', SenderFault: false }];
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });

    await expect(queue.send([message('a')])).rejects.toMatchObject({
      name: 'Throttled',
      next: { do: 'retry' },
    });
  });

  test('sends again what SQS blames on the sender and what passes all the same, such as a throttled key', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Successful: [], Failed: [{ Id: '0', Code: 'KmsThrottled', SenderFault: true }] })
      .resolvesOnce({ Successful: [], Failed: [] });

    await queue.send([message('a')]);

    expect(sqs.calls()).toHaveLength(2);
  });

  test('fails at once where the message is at fault', async () => {
    const Failed = [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }];
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed });

    await expect(queue.send([message('a')])).rejects.toMatchObject({ name: 'Refused' });
    expect(sqs.calls()).toHaveLength(1);
  });

  test('cuts a hint in two that is too large for a message, each half with a cause of its own', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [], Failed: [] });
    // 200 keys of 2,048 bytes, as long as DynamoDB lets them be.
    const keys = Array.from({ length: 200 }, (_, index) => ({ key: `${index}`.padEnd(1024, 'ü') }));

    await queue.send([{ hint: { kind: 'local-keys', mappingId: 'c.contact', keys }, cause: 'x' }]);

    const sent = bodies().flat();
    expect(sent.flatMap((hint) => hint.keys)).toEqual(keys);
    const ids = sqs
      .commandCalls(SendMessageBatchCommand)
      .flatMap((call) => (call.args[0].input.Entries ?? []).map((entry) => entry.MessageDeduplicationId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1);
  });
});

describe('a hint’s message', () => {
  test('is deduplicated by its mapping and cause alone', () => {
    const other: HintMessage = { hint: { ...message('a').hint, mappingId: 'd.contact' }, cause: 'x' };
    expect(deduplicationId(message('a', 'x'))).not.toBe(deduplicationId(other));
    expect(deduplicationId(message('a', 'x'))).toBe(deduplicationId(message('b', 'x')));
    expect(deduplicationId(message('a', 'x'))).not.toBe(deduplicationId(message('a', 'y')));
    expect(deduplicationId(message('a', 'x'))).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is grouped by the bucket of its first key, so that one key always has one group', () => {
    expect(groupOf(message('a').hint)).toBe(`c.contact.${bucketOf('a')}`);
    expect(groupOf({ kind: 'remote-ids', mappingId: 'c.contact', sfIds: ['a', 'b'] })).toBe(
      groupOf(message('a').hint),
    );
    expect(groupOf({ kind: 'sweep', mappingId: 'c.contact', runId: 'r' })).toBe('c.contact.sweep');
    const buckets = new Set(Array.from({ length: 500 }, (_, index) => bucketOf(`key-${index}`)));
    expect([...buckets].sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index));
  });
});
