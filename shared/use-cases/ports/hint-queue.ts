import type { Hint } from '../../contracts/hints.ts';

/** Durable when the promise resolves. A hint may arrive more than once and in any order. */
export interface HintQueue {
  send(hints: readonly Hint[]): Promise<void>;
}

/** Keys that wait outside the queue for a time to come. Every method throws for a key that the store cannot hold. */
export interface DirtyKeys {
  park(parked: readonly ParkedKey[]): Promise<void>;
  /** When the items at those of these local keys that wait were changed, by the stream's clock (ISO 8601). */
  changedAt(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * At most `limit` keys whose time has come, oldest first.
   *
   * @param passOver - mappings whose keys are left out
   * @throws InvariantError when there are more than 100 of them
   */
  due(at: string, limit: number, passOver?: readonly string[]): Promise<readonly ParkedKey[]>;
  /** After their hints are in the queue; a key that was parked again meanwhile stays. */
  release(parked: readonly ParkedKey[]): Promise<void>;
  /** Lets the keys wait on without a hint, and counts that on each; a key that was parked again meanwhile stays. */
  postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void>;
}

export interface ParkedKey {
  readonly mappingId: string;
  readonly side: 'local' | 'remote';
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly waitUntil: string;
  readonly reason: string;
  /** How often it was postponed since it was parked. */
  readonly postponed?: number;
  /** The stream's time of the local change, so that last-write-wins still knows it after the wait. */
  readonly changedAt?: string;
}
