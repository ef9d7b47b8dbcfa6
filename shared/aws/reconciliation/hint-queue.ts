import { createHash } from 'node:crypto';
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Hint } from '../../contracts/hints.ts';
import type { HintMessage, HintQueue } from '../../use-cases/ports/hint-queue.ts';
import { chunksOf } from '../dynamodb.ts';
import { attempt, isPassing, Refused, Throttled } from '../errors.ts';
import { inRounds } from '../rounds.ts';
import { shardOf } from '../table-layout.ts';

/** The most that one SendMessageBatch takes: entries, and bytes of all of them together. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;
const ROUNDS = 5;

/** Message groups per mapping. They only spread the work; the guarantee is the lease. */
const BUCKETS = 16;
/** The longest that SQS hides a message. */
const MAX_VISIBILITY_SECONDS = 12 * 3600;

/** The group that a hint of this key goes to; callers that gather keys into hints group them by it. */
export const bucketOf = (key: string): number => shardOf(key, BUCKETS);

/** @returns at most 128 characters of those that SQS allows */
export const groupOf = (hint: Hint): string => `${hint.mappingId}.${bucketName(hint)}`;

const bucketName = (hint: Hint): string => {
  if (hint.kind === 'sweep') return 'sweep';
  return String(bucketOf((hint.kind === 'local-keys' ? hint.keys[0]?.key : hint.sfIds[0]) ?? ''));
};

/** Made from the cause, because a second edit of a key within SQS's five minutes must not be dropped. */
export const deduplicationId = ({ hint, cause }: HintMessage): string =>
  createHash('sha256').update(`${hint.mappingId}|${cause}`).digest('hex');

/** The hint queue on SQS FIFO. */
export class SqsHintQueue implements HintQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @throws a StoreError if any is not in the queue for certain; sending all of them again is safe */
  async send(messages: readonly HintMessage[]): Promise<void> {
    const entries = messages.flatMap(fitting).map(entryOf);
    for (const batch of batchesOf(entries)) await this.#sendBatch(batch);
  }

  /** Hides a received message for this many seconds from now, such as until another worker's lease ends. */
  async extendVisibility(receiptHandle: string, seconds: number): Promise<void> {
    const VisibilityTimeout = Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(seconds)));
    await attempt('hiding a hint', () =>
      this.#client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: this.#queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout,
        }),
      ),
    );
  }

  async #sendBatch(batch: readonly SendMessageBatchRequestEntry[]): Promise<void> {
    let left = batch;
    await inRounds<void>(
      ROUNDS,
      async () => {
        const Entries = left.map((entry, index) => ({ ...entry, Id: String(index) }));
        const { Failed = [] } = await attempt('sending hints', () =>
          this.#client.send(new SendMessageBatchCommand({ QueueUrl: this.#queueUrl, Entries })),
        );
        if (Failed.length === 0) return { answer: undefined };
        const fault = Failed.find(({ SenderFault, Code }) => SenderFault === true && !isPassing(Code));
        if (fault) throw new Refused('sending hints', fault.Code ?? 'unknown');
        const failed = new Set(Failed.map((failure) => failure.Id));
        left = left.filter((_, index) => failed.has(String(index)));
        return 'pause';
      },
      () => {
        throw new Throttled('sending hints');
      },
    );
  }
}

type Entry = Omit<SendMessageBatchRequestEntry, 'Id'> & { readonly MessageBody: string };

const entryOf = (message: HintMessage): Entry => ({
  MessageBody: JSON.stringify(message.hint),
  MessageGroupId: groupOf(message.hint),
  MessageDeduplicationId: deduplicationId(message),
});

const bytesOf = (body: string): number => Buffer.byteLength(body);

/** The message, or its halves where long keys make it too large for one. */
const fitting = (message: HintMessage): HintMessage[] => {
  const { hint, cause } = message;
  if (bytesOf(JSON.stringify(hint)) <= MAX_BYTES) return [message];
  if (hint.kind === 'sweep') throw new Refused('sending hints', 'a sweep hint is too large');
  return halves(hint).flatMap((half, index) => fitting({ hint: half, cause: `${cause}/${index}` }));
};

const halves = (hint: Exclude<Hint, { kind: 'sweep' }>): Hint[] => {
  const inTwo = <T>(list: readonly T[]): T[][] => {
    if (list.length < 2) throw new Refused('sending hints', 'one key is too large');
    return chunksOf(list, Math.ceil(list.length / 2));
  };
  return hint.kind === 'local-keys'
    ? inTwo(hint.keys).map((keys) => ({ ...hint, keys }))
    : inTwo(hint.sfIds).map((sfIds) => ({ ...hint, sfIds }));
};

/** In order, each within both limits. */
const batchesOf = (entries: readonly Entry[]): SendMessageBatchRequestEntry[][] => {
  const batches: SendMessageBatchRequestEntry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const size = bytesOf(entry.MessageBody);
    if (bytes + size > MAX_BYTES || (batches.at(-1)?.length ?? 0) >= MAX_ENTRIES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push({ ...entry, Id: '' });
    bytes += size;
  }
  return batches;
};
