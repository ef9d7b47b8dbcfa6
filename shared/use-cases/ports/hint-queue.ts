import type { Hint } from '../../contracts/hints.ts';

export interface HintMessage {
  readonly hint: Hint;
  /** From the cause (a stream's sequence number, a notification's id, a run and page), never from key or content. */
  readonly cause: string;
}

/** Durable when the promise resolves. The queue derives group and deduplication id. */
export interface HintQueue {
  send(messages: readonly HintMessage[]): Promise<void>;
}
