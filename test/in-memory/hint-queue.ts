import type { Clock } from '../../shared/contracts/clock.ts';
import type { HintMessage, HintQueue } from '../../shared/use-cases/ports/hint-queue.ts';

/** SQS FIFO forgets deduplication ids after five minutes. */
const DEDUPLICATION_MS = 5 * 60_000;

/** A FIFO queue in memory, which swallows a cause that it has seen in the last five minutes, as the real one does. */
export class InMemoryHintQueue implements HintQueue {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #seen = new Map<string, number>();
  /** Waiting, oldest first. */
  readonly waiting: HintMessage[] = [];
  /** Everything that ever got in, oldest first. */
  readonly sent: HintMessage[] = [];

  constructor(clock: Pick<Clock, 'nowMs'> = { nowMs: () => 0 }) {
    this.#clock = clock;
  }

  async send(messages: readonly HintMessage[]): Promise<void> {
    const now = this.#clock.nowMs();
    for (const message of messages) {
      const id = JSON.stringify([message.hint.mappingId, message.cause]);
      const seenAt = this.#seen.get(id);
      if (seenAt !== undefined && now - seenAt < DEDUPLICATION_MS) continue;
      this.#seen.set(id, now);
      this.waiting.push(structuredClone(message));
      this.sent.push(structuredClone(message));
    }
  }

  /** Takes at most this many off the front. */
  take(limit = 10): HintMessage[] {
    return this.waiting.splice(0, limit);
  }

  /** Puts messages back to the front: their handling failed. */
  putBack(messages: readonly HintMessage[]): void {
    this.waiting.unshift(...messages);
  }
}
