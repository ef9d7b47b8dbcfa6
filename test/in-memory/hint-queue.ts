import type { Hint } from '../../shared/contracts/hints.ts';
import type { HintQueue } from '../../shared/use-cases/ports/hint-queue.ts';

/** A queue in memory. It keeps the order that it was given, which nobody may rely on. */
export class InMemoryHintQueue implements HintQueue {
  /** Waiting, oldest first. */
  readonly waiting: Hint[] = [];
  /** Everything that ever got in, oldest first. */
  readonly sent: Hint[] = [];

  async send(hints: readonly Hint[]): Promise<void> {
    this.waiting.push(...structuredClone(hints));
    this.sent.push(...structuredClone(hints));
  }

  /** Takes at most this many off the front. */
  take(limit = 10): Hint[] {
    return this.waiting.splice(0, limit);
  }
}
