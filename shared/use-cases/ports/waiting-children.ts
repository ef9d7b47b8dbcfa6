/** Who is waited for: an item without a record by its key, or a record without an item by its Salesforce id. */
export interface AwaitedParent {
  readonly mappingId: string;
  readonly kind: 'item' | 'record';
  readonly key: string;
}

/** An item that waits for a parent, by the key under which it is parked. */
export interface WaitingChild {
  readonly mappingId: string;
  readonly key: string;
}

/** One waits for the other. */
export interface Awaiting {
  readonly parent: AwaitedParent;
  readonly child: WaitingChild;
}

/** As many children of one parent are remembered. */
export const MAX_WAITING_CHILDREN = 1_000;

/**
 * Who is to be looked at as soon as a parent is linked. It only makes that prompt: a child is parked all the same, and
 * looked at again in time. So entries are forgotten after a week, and so is who is one too many for a parent.
 */
export interface WaitingChildren {
  /** Remembers each; one that is known already stays as long as if it were new. */
  addWaiting(awaiting: readonly Awaiting[]): Promise<void>;
  /** Everybody who waits for one of these, in no order. */
  whoWaitsFor(parents: readonly AwaitedParent[]): Promise<readonly Awaiting[]>;
  /** Forgets these, and nobody who came after they were read. */
  removeWaiting(awaiting: readonly Awaiting[]): Promise<void>;
}
