import { toItem } from '../../../shared/aws/attribute-values.ts';
import type { ManualClock } from '../../in-memory/clock.ts';
import type { LocalChange } from '../../in-memory/local-tables.ts';

/** One change as the stream keeps it. */
export interface StreamedChange {
  readonly sequence: number;
  readonly key: string;
  readonly record: unknown;
}

const SHARDS = 2;

/** The stream of a local table: in order within a shard, and a batch that fails comes again. */
export class LocalStream {
  readonly shards: readonly StreamedChange[][] = Array.from({ length: SHARDS }, () => []);
  /** Sequence numbers that the function has taken, by shard. */
  delivered = 0;
  readonly #clock: ManualClock;
  #sequence = 0;
  /** The next deletion is one by time to live. */
  isExpiry = false;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  add({ table, key, before, after }: LocalChange): number {
    this.#sequence += 1;
    const eventName = !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE';
    const record = {
      eventName,
      eventSourceARN: `arn:aws:dynamodb:eu-central-1:000000000000:table/${table}/stream/1`,
      ...(this.isExpiry && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
      dynamodb: {
        SequenceNumber: String(this.#sequence),
        // Lambda gets whole seconds.
        ApproximateCreationDateTime: Math.floor(this.#clock.nowMs() / 1000),
        ...(before && { OldImage: toItem(before) }),
        ...(after && { NewImage: toItem(after) }),
      },
    };
    const shard = this.shards[[...key].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % SHARDS];
    shard?.push({ sequence: this.#sequence, key, record });
    return this.#sequence;
  }

  /** The number of the newest change. */
  get last(): number {
    return this.#sequence;
  }

  get length(): number {
    return this.shards.reduce((sum, { length }) => sum + length, 0);
  }
}
