import type { SyncError } from '../../../contracts/next.ts';
import type { WriteOptions } from '../write-options.ts';

/** One step of a composite call or a graph. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /**
   * Relative to the connection's version, such as `/sobjects/Contact`, or the whole path. Percent-encoded. May hold
   * references to earlier steps.
   */
  readonly path: string;
  /** The name by which other steps refer to this one: letters, digits and underscores, not an underscore first. */
  readonly referenceId: string;
  /** May hold references. Text from outside with `@{` in it would be read as one: see `reference`. */
  readonly body?: unknown;
  /** How a write is to be treated. */
  readonly options?: Omit<WriteOptions, 'timeoutMs'>;
  /** Further headers of this step alone, such as `If-Modified-Since`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one step. */
export type StepOutcome =
  | {
      readonly kind: 'done';
      readonly referenceId: string;
      readonly status: number;
      /** The platform's answer; null where it was empty. For a collection, the result of each record. */
      readonly body: unknown;
      readonly location?: string;
    }
  | {
      readonly kind: 'refused';
      readonly referenceId: string;
      readonly status: number;
      readonly error: SyncError;
    }
  /** Undone, or never started, because another step was refused. */
  | { readonly kind: 'halted'; readonly referenceId: string; readonly status: number };

/** A field of an earlier step's answer, for `path` and `body`: `reference('account', 'id')`. */
export const reference = (referenceId: string, field: string): string => `@{${referenceId}.${field}}`;
