/**
 * What the caller does after something went wrong. Every error of the product carries exactly one of these,
 * so that a decision is made once, where the cause is known, and nowhere else.
 */
export type Next =
  /** The same call again, after this many milliseconds. */
  | { readonly do: 'retry'; readonly afterMs: number }
  /** Nothing helps before this time (ISO 8601, UTC): the work leaves the queue and comes back then. */
  | { readonly do: 'wait'; readonly until: string }
  /** The access token is stale: refresh it once and repeat. */
  | { readonly do: 'refresh' }
  /** Only a person can mend the connection, by authorising again. */
  | { readonly do: 'reauthorize' }
  /** The outcome is unknown or a race was lost: look at the state again before acting. */
  | { readonly do: 'reread' }
  /** What was being read page by page is gone, such as an expired cursor: begin it again. */
  | { readonly do: 'restart' }
  /** The org's schema is not the one that the mapping was checked with: check the mapping again before anything else. */
  | { readonly do: 'recheck' }
  /** Nobody wants this work any more, such as that of a connection which was disconnected: forget it. */
  | { readonly do: 'drop' }
  /** Repeating cannot help: show it to a person. */
  | { readonly do: 'stop' };

/** The base of every expected error: a stable code, and what to do next. Messages never hold tokens or field values. */
export class SyncError extends Error {
  readonly code: string;
  readonly next: Next;

  constructor(name: string, code: string, message: string, next: Next, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    // A literal, because bundles are minified.
    this.name = name;
    this.code = code;
    this.next = next;
  }
}

/** What to do after anything that was caught; an unexpected error stops and is left to the alarm. */
export const nextOf = (error: unknown): Next => (error instanceof SyncError ? error.next : { do: 'stop' });
