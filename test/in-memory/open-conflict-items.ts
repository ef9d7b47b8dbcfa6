import { storedOpenConflict } from '../../shared/aws/reconciliation/open-conflict-items.ts';
import type { OpenConflict, OpenConflictChanges } from '../../shared/use-cases/ports/open-conflicts.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

type Names = Pick<OpenConflict, 'mappingId' | 'localKey' | 'field'>;

export const idOf = ({ mappingId, localKey, field }: Names): string =>
  JSON.stringify([mappingId, localKey, field]);

/** What waits for a person, in memory. */
export class InMemoryOpenConflictItems {
  readonly stored = new Map<string, OpenConflict>();
  /** Hears of each entry that is written. */
  onPut: (conflict: OpenConflict) => void = () => {};

  /** At once, as a part of a transaction is. */
  apply(mappingId: string, localKey: string, { put, remove }: OpenConflictChanges): void {
    for (const conflict of put) {
      refuseUnstorable('holding conflicts', storedOpenConflict(conflict), SYNC_STATE_KEYS);
      this.stored.set(idOf(conflict), structuredClone(conflict));
      this.onPut(conflict);
    }
    for (const field of remove) this.stored.delete(idOf({ mappingId, localKey, field }));
  }
}
