import type { ParkedKey, ParkedKeyName, Parking } from '../../sync/reconcile/parking.ts';
import type { WaitingChildren } from './waiting-children.ts';

/**
 * Keys whose change was seen and not applied, outside the queue. They are read with the links (`SyncStore.look`). Every
 * method throws for a key that the store cannot hold.
 */
export interface ParkedKeys extends WaitingChildren {
  /** Adds to what waits already (`parkOnTop`); several parkings of one key add to each other. */
  park(parkings: readonly Parking[]): Promise<void>;
  /**
   * At most `limit` keys whose time has come, oldest first.
   *
   * @param passOver - mappings whose keys are left out
   * @throws InvariantError when there are more than 100 of them
   */
  due(at: string, limit: number, passOver?: readonly string[]): Promise<readonly ParkedKey[]>;
  /** After a true look that began after these were read; a key that was parked again meanwhile stays. */
  release(parked: readonly ParkedKey[]): Promise<void>;
  /** Those of these under which nothing waits. */
  notParked<T extends ParkedKeyName>(names: readonly T[]): Promise<readonly T[]>;
  /** Lets the keys wait on until then, and counts the round; a key that was parked again meanwhile stays as it is. */
  postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void>;
  /** Some keys of a mapping, those with and without a time. */
  ofMapping(mappingId: string, limit: number): Promise<readonly ParkedKey[]>;
  /**
   * A page of a mapping's keys, in an order of the store's own; it may be empty although there are more.
   *
   * @param after - the `next` of the page before, for the store alone to read
   * @param limit - keys of the page, where it is to be a small one
   */
  page(
    mappingId: string,
    after?: string,
    limit?: number,
  ): Promise<{ readonly parked: readonly ParkedKey[]; readonly next?: string }>;
}
