import type { GuardState } from '../../sync/guard/guard.ts';

/** What is guarded: the deletions of a mapping. */
export interface Guarded {
  readonly mappingId: string;
  readonly what: 'deletions';
}

/** How much each mapping has done of what a person is asked about. Reads are strongly consistent. */
export interface GuardStates {
  get(guarded: Guarded): Promise<GuardState | undefined>;
  /**
   * Stores the state as it is.
   *
   * @param expectedVersion - the version that was read; 0 means that there is none yet
   * @returns false if somebody else was first
   */
  put(guarded: Guarded, state: GuardState, expectedVersion: number): Promise<boolean>;
}
