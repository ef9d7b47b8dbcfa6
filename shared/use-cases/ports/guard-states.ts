import type { ClearName } from '../../sync/guard/clears.ts';
import type { GuardState } from '../../sync/guard/guard.ts';

/** What is guarded: the deletions of a mapping, or what one field loses on one side. */
export interface Guarded {
  readonly mappingId: string;
  readonly what: 'deletions' | `clears:${ClearName}`;
}

/** How much each mapping has done of what a person is asked about. Reads are strongly consistent. */
export interface GuardStates {
  get(guarded: Guarded): Promise<GuardState | undefined>;
  /** Everything that is guarded of a mapping, at most 1,000. */
  ofMapping(
    mappingId: string,
  ): Promise<readonly { readonly what: Guarded['what']; readonly state: GuardState }[]>;
  /**
   * Stores the state as it is.
   *
   * @param expectedVersion - the version that was read; 0 means that there is none yet
   * @returns false if somebody else was first
   */
  put(guarded: Guarded, state: GuardState, expectedVersion: number): Promise<boolean>;
}
