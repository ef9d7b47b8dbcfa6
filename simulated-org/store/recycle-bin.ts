import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, hasRecycleBin, OBJECTS } from '../describe/schema.ts';
import { RowFailure } from '../errors/row-failure.ts';
import { quoted } from './database.ts';
import type { RecordStore } from './records.ts';
import type { ColumnValue, Values } from './row.ts';

/** A merge has a winner and at most this many others. */
const MAX_LOSERS = 2;

/** Purges the recycle bin, and merges rows. */
export class RecycleBin {
  readonly #store: RecordStore;
  /** When all of it was last emptied; deletions before that can no longer be listed. */
  emptiedAtMs = 0;

  constructor(store: RecordStore) {
    this.#store = store;
  }

  /** Removes a row from the recycle bin for good; no log mentions it. */
  purge(object: ObjectDefinition, id: string): void {
    if (this.#store.get(object, id)?.IsDeleted !== 1) {
      throw new RowFailure('ENTITY_IS_DELETED', 'Entity is not in the recycle bin');
    }
    this.#store.prepare(`DELETE FROM ${quoted(object.name)} WHERE "Id" = ?`).run(id);
  }

  /** Empties all of it; returns how many rows are gone. */
  empty(nowMs: number): number {
    this.emptiedAtMs = nowMs;
    return OBJECTS.filter(hasRecycleBin).reduce((count, { name }) => {
      const { changes } = this.#store.prepare(`DELETE FROM ${quoted(name)} WHERE "IsDeleted" = 1`).run();
      return count + Number(changes);
    }, 0);
  }

  /**
   * Merges rows of one object: the losers go into the recycle bin with `MasterRecordId`, every lookup to them
   * leads to the winner (which stamps those rows, but tells no listener), and the winner takes `values`.
   *
   * @throws RowFailure for an object that cannot be merged, a row that is not there, or too many
   */
  merge(
    object: ObjectDefinition,
    winnerId: string,
    loserIds: readonly string[],
    values: Values,
    actorId: string,
  ): void {
    const isCountRight = loserIds.length > 0 && loserIds.length <= MAX_LOSERS;
    if (!findField(object, 'MasterRecordId') || !isCountRight || loserIds.includes(winnerId)) {
      const message = `a merge needs one winner and up to ${MAX_LOSERS} other records of an object that can be merged`;
      throw new RowFailure('INVALID_OPERATION', message);
    }
    this.#store.transaction(() => {
      for (const loserId of loserIds) {
        this.#store.mustBeLive(object, loserId);
        this.#repoint(object, loserId, winnerId, actorId);
        const gone = new Map<string, ColumnValue>([
          ['IsDeleted', 1],
          ['MasterRecordId', winnerId],
        ]);
        this.#store.write(object, loserId, gone, actorId);
      }
      this.#store.update(object, winnerId, values, actorId);
    });
  }

  #repoint(object: ObjectDefinition, from: string, to: string, actorId: string): void {
    for (const child of OBJECTS.filter(hasRecycleBin)) {
      const lookups = child.fields.filter(
        ({ referenceTo, name }) => referenceTo === object.name && name !== 'MasterRecordId',
      );
      for (const { name } of lookups) {
        for (const id of this.#store.liveChildren(child, name, from)) {
          // A winner whose lookup led to a loser must not refer to itself.
          this.#store.write(child, id, new Map([[name, id === to ? null : to]]), actorId);
        }
      }
    }
  }
}
