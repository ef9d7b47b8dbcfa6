import { type Hint, partsOf } from '../../../shared/contracts/hints.ts';
import type { HintQueue } from '../../../shared/use-cases/ports/hint-queue.ts';
import type { ManualClock } from '../../in-memory/clock.ts';

/** A message of the queue. */
export interface QueuedMessage {
  readonly id: number;
  readonly hint: Hint;
  visibleAtMs: number;
  receives: number;
}

/** Receipts of a message before it counts as dead, as the stack has it. */
const MAX_RECEIVES = 8;

const isSweep = (hint: Hint): boolean =>
  partsOf(hint).some(({ kind }) => kind === 'sweep' || kind === 'full-sweep');

/** The hint queue as the worker's event source sees it: in any order, at least once, hidden while it is worked on. */
export class MessageQueue implements HintQueue {
  readonly messages: QueuedMessage[] = [];
  readonly deadLetters: QueuedMessage[] = [];
  /** Sweeps and full sweeps that were ever asked for, as `kind id`. */
  readonly runs = new Set<string>();
  /** While this is false no sweep gets in: the schedule's edits have to arrive by their own hints. */
  takesSweeps = true;
  readonly #clock: ManualClock;
  readonly #visibilityMs: number;
  #sent = 0;

  constructor(clock: ManualClock, visibilityMs: number) {
    this.#clock = clock;
    this.#visibilityMs = visibilityMs;
  }

  async send(hints: readonly Hint[]): Promise<void> {
    for (const hint of hints) {
      if (isSweep(hint) && !this.takesSweeps) continue;
      this.#note(hint);
      this.#sent += 1;
      this.messages.push({
        id: this.#sent,
        hint: structuredClone(hint),
        visibleAtMs: this.#clock.nowMs(),
        receives: 0,
      });
    }
  }

  #note(hint: Hint): void {
    for (const part of partsOf(hint)) {
      if (part.kind === 'sweep') this.runs.add(`sweep ${part.runId}`);
      if (part.kind === 'full-sweep') this.runs.add(`${part.scope ?? 'full-sweep'} ${part.sweepId}`);
    }
  }

  /** Messages that a worker could receive now. */
  visible(): QueuedMessage[] {
    const now = this.#clock.nowMs();
    return this.messages.filter(({ visibleAtMs }) => visibleAtMs <= now);
  }

  /** Hides these for a worker. Returns the event that Lambda hands to it. */
  receive(taken: readonly QueuedMessage[]): { readonly Records: readonly unknown[] } {
    for (const message of taken) {
      message.receives += 1;
      message.visibleAtMs = this.#clock.nowMs() + this.#visibilityMs;
    }
    return {
      Records: taken.map(({ id, hint, receives }) => ({
        messageId: String(id),
        receiptHandle: `${id}:${receives}`,
        body: JSON.stringify(hint),
        attributes: { ApproximateReceiveCount: String(receives) },
      })),
    };
  }

  /** Sets when received messages are seen again. An old receipt says nothing about a later one. */
  async hide(
    received: readonly { readonly receiptHandle: string; readonly seconds: number }[],
  ): Promise<void> {
    for (const { receiptHandle, seconds } of received) {
      const message = this.messages.find(({ id, receives }) => `${id}:${receives}` === receiptHandle);
      if (message) message.visibleAtMs = this.#clock.nowMs() + seconds * 1000;
    }
  }

  /** What became of a batch: all but the failed ones are deleted, and dead ones are set apart. */
  answer(taken: readonly QueuedMessage[], failedIds: ReadonlySet<string>): void {
    for (const message of taken) {
      const index = this.messages.indexOf(message);
      if (index === -1) continue;
      const hasFailed = failedIds.has(String(message.id));
      if (hasFailed && message.receives < MAX_RECEIVES) continue;
      this.messages.splice(index, 1);
      if (hasFailed) this.deadLetters.push(message);
    }
  }

  /** An operator has the dead letters looked at once more: workers that died one after another are no news. */
  redrive(): void {
    const now = this.#clock.nowMs();
    for (const message of this.deadLetters.splice(0)) {
      this.messages.push({ ...message, receives: 0, visibleAtMs: now });
    }
  }

  /** Takes the sweeps out. */
  dropSweeps(): void {
    const kept = this.messages.filter(({ hint }) => !isSweep(hint));
    this.messages.splice(0, this.messages.length, ...kept);
  }
}
