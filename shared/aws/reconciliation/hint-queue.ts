import {
  ChangeMessageVisibilityBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Hint, type MappingHint, partsOf } from '../../contracts/hints.ts';
import { must } from '../../sync/assert.ts';
import { connectionIdOf } from '../../sync/mapping/resolve.ts';
import type { HintQueue } from '../../use-cases/ports/hint-queue.ts';
import { chunksOf } from '../dynamodb.ts';
import { attempt, isPassing, Refused, Throttled } from '../errors.ts';
import { inRounds } from '../rounds.ts';

/** The most that one batch request takes: entries, and bytes of all messages together. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;
const ROUNDS = 5;

/** The longest that SQS hides a message. */
const MAX_VISIBILITY_SECONDS = 12 * 3600;

/** A received message, and for how long it is to be hidden from now. */
export interface HiddenMessage {
  readonly receiptHandle: string;
  readonly seconds: number;
}

/**
 * The hint queue on SQS: a standard queue, so hints may repeat and come in any order. The group of a message is its
 * connection: SQS lets the messages of a group wait that keeps many of them under way, before those of the others.
 *
 * @see SQS developer guide, "Amazon SQS fair queues"
 */
export class SqsHintQueue implements HintQueue {
  readonly #client: SQSClient;
  readonly #queueUrl: string;

  constructor(client: SQSClient, queueUrl: string) {
    this.#client = client;
    this.#queueUrl = queueUrl;
  }

  /** @throws a StoreError if any is not in the queue for certain; sending all of them again is safe */
  async send(hints: readonly Hint[]): Promise<void> {
    const entries = hints.flatMap(fitting).map(entryOf);
    for (const batch of batchesOf(entries)) await this.#sendBatch(batch);
  }

  /**
   * Hides received messages, each for so long from now: a request for ten of them.
   *
   * @throws a StoreError if a request fails; a message that SQS alone refuses to hide stays hidden as long as before
   */
  async hide(messages: readonly HiddenMessage[]): Promise<void> {
    for (const some of chunksOf(messages, MAX_ENTRIES)) {
      const Entries = some.map(({ receiptHandle, seconds }, index) => ({
        Id: String(index),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(seconds))),
      }));
      await attempt('hiding hints', () =>
        this.#client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#queueUrl, Entries })),
      );
    }
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

const entryOf = (hint: Hint): Entry => ({
  MessageBody: JSON.stringify(hint),
  MessageGroupId: connectionIdOf(must(partsOf(hint)[0], 'a hint names a mapping').mappingId),
});

const bytesOf = (body: string): number => Buffer.byteLength(body);

/** The hint, or its halves where long keys make it too large for one message. */
const fitting = (hint: Hint): Hint[] => {
  if (bytesOf(JSON.stringify(hint)) <= MAX_BYTES) return [hint];
  if (hint.kind !== 'local-keys' && hint.kind !== 'remote-ids')
    throw new Refused('sending hints', 'a hint of a mapping is too large');
  return halves(hint).flatMap(fitting);
};

const halves = (hint: Extract<MappingHint, { kind: 'local-keys' | 'remote-ids' }>): Hint[] => {
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
