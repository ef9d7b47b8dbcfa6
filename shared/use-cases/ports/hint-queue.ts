import type { Hint } from '../../contracts/hints.ts';

/** Durable when the promise resolves. A hint may arrive more than once and in any order. */
export interface HintQueue {
  send(hints: readonly Hint[]): Promise<void>;
}
