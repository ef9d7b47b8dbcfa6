import type { FieldValue } from '../../sync/model/values.ts';
import type { RunCounts } from './mapping-states.ts';

/** A field that both sides changed differently, or one edited while the other was deleted, and what was decided. */
export interface Conflict {
  readonly mappingId: string;
  readonly localKey: string;
  readonly sfId: string;
  readonly field: string;
  readonly base: FieldValue | undefined;
  readonly local: FieldValue;
  readonly remote: FieldValue;
  readonly policy: string;
  /** `nobody`: neither value stands. */
  readonly winner: 'local' | 'salesforce' | 'nobody';
  readonly reason: string;
  /** The side that was deleted, whose value is `null` here; absent where both sides edited the field. */
  readonly deleted?: 'local' | 'salesforce';
  /** When the later of the two edits was made, as the side where it was made stamped it (ISO 8601, UTC). */
  readonly at: string;
  /** The version of the link that the decision was made from: two decisions of one second are two. */
  readonly linkVersion: number;
}

/** A record that one side refused, kept until it is put right. Its message may quote values. */
export interface Rejection {
  readonly mappingId: string;
  /** Who refused: Salesforce, or our own rules about the local item. */
  readonly by: 'salesforce' | 'local-rules';
  /** A local key, or the Salesforce id of a record that has none. */
  readonly key: string;
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
  readonly at: string;
}

export interface SyncRun {
  readonly mappingId: string;
  readonly runId: string;
  readonly cause:
    | 'schedule'
    | 'hint'
    | 'bulk-load'
    | 'bulk-push'
    | 'full-sweep'
    | 'formulas'
    | 'plan'
    | 'undo';
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly counts: RunCounts;
}

/**
 * What an operator reads to answer "why is this record wrong?". An entry that is larger than the store takes (400 KB)
 * is an error.
 */
export interface Journal {
  recordConflicts(conflicts: readonly Conflict[]): Promise<void>;
  conflicts(mappingId: string, limit: number): Promise<readonly Conflict[]>;
  /** Those of one pair, newest first; strongly consistent. */
  conflictsOf(mappingId: string, localKey: string, limit: number): Promise<readonly Conflict[]>;
  recordRejections(rejections: readonly Rejection[]): Promise<void>;
  /** The keys went through after all. */
  clearRejections(mappingId: string, keys: readonly string[]): Promise<void>;
  rejections(mappingId: string, limit: number): Promise<readonly Rejection[]>;
  /**
   * At most `limit` of them, newest first, and where to go on. What is rejected again between two pages may be missing.
   *
   * @param after - the `next` of the page before, for the store alone to read; what is none begins anew
   */
  rejectionsPage(
    mappingId: string,
    limit: number,
    after?: string,
  ): Promise<{ readonly rejections: readonly Rejection[]; readonly next?: string }>;
  /** What is rejected under these keys; strongly consistent. */
  rejectionsOf(mappingId: string, keys: readonly string[]): Promise<readonly Rejection[]>;
  /** Adds to the run's counts; the first call makes it. */
  recordRun(run: SyncRun): Promise<void>;
  runs(mappingId: string, limit: number): Promise<readonly SyncRun[]>;
  /** Undefined after its 30 days. */
  run(mappingId: string, runId: string): Promise<SyncRun | undefined>;
}
