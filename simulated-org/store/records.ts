import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type FieldDefinition, isExact } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, hasRecycleBin, mustFindObject } from '../describe/schema.ts';
import { knownFailure } from '../errors/row-failure.ts';
import { type SimulatedClock, toWholeSecond } from '../org/clock.ts';
import type { IdSequence } from '../org/ids.ts';
import { quoted } from './database.ts';
import { recordTypesOf } from './record-types.ts';
import { isRequired, requireNone } from './required-fields.ts';
import type { ColumnValue, Row, SavedRecord, StoredRows, Values } from './row.ts';
import { checkReferences, checkUnique } from './row-checks.ts';
import { toStoredDatetime } from './values.ts';

/** The rows of an org, with the system fields kept as the platform keeps them. */
export class RecordStore implements StoredRows {
  readonly database: DatabaseSync;
  readonly #clock: SimulatedClock;
  readonly #ids: IdSequence;
  readonly #statements = new Map<string, StatementSync>();
  readonly #stampLagMs: () => number;
  readonly #listeners: ((saved: readonly SavedRecord[]) => void)[] = [];
  /** The rows that went into the recycle bin with a parent, by the parent's id. */
  readonly #deletedWith = new Map<string, SavedRecord[]>();
  #saved: SavedRecord[] = [];
  #depth = 0;

  /** @param stampLagMs - how long before its commit a write is stamped, as in a long transaction */
  constructor(database: DatabaseSync, clock: SimulatedClock, ids: IdSequence, stampLagMs: () => number) {
    this.database = database;
    this.#clock = clock;
    this.#ids = ids;
    this.#stampLagMs = stampLagMs;
  }

  /** Calls `listener` after each commit with the records that were saved in it, in order. */
  onSaved(listener: (saved: readonly SavedRecord[]) => void): void {
    this.#listeners.push(listener);
  }

  /** Runs `work` as one transaction, or as a part of the one that is open: a throw undoes all that it did. */
  transaction<T>(work: () => T): T {
    const name = `level_${this.#depth}`;
    const savedBefore = this.#saved.length;
    this.database.exec(`SAVEPOINT ${name}`);
    this.#depth += 1;
    try {
      return work();
    } catch (error) {
      this.database.exec(`ROLLBACK TO ${name}`);
      this.#saved.length = savedBefore;
      throw error;
    } finally {
      this.#depth -= 1;
      this.database.exec(`RELEASE ${name}`);
      if (this.#depth === 0) this.#announce();
    }
  }

  /**
   * Runs `work` as `transaction` does, and also undoes all that it did when it returns false.
   *
   * @returns whether it was kept
   */
  allOrNone(work: () => boolean): boolean {
    const undo = new Error('undone');
    try {
      this.transaction(() => {
        if (!work()) throw undo;
      });
      return true;
    } catch (error) {
      if (error !== undo) throw error;
      return false;
    }
  }

  /** The row of that 18-character id, deleted or not. */
  get(object: ObjectDefinition, id: string): Row | undefined {
    const row = this.prepare(`SELECT * FROM ${quoted(object.name)} WHERE "Id" = ?`).get(id);
    return row as Row | undefined;
  }

  /** The ids of live rows whose field has that value, at most ten. */
  findByField(object: ObjectDefinition, item: FieldDefinition, value: ColumnValue): string[] {
    const name = quoted(item.name);
    const isFolded = !item.caseSensitive && item.type !== 'id';
    // The folded index serves the query even where case matters; the exact match then narrows it down.
    const folded = isFolded ? [`fold(${name}) = fold(?1)`] : [];
    const match = [...folded, ...(isExact(item) ? [`${name} = ?1`] : [])].join(' AND ');
    const live = hasRecycleBin(object) ? ' AND "IsDeleted" = 0' : '';
    const rows = this.prepare(
      `SELECT "Id" AS id FROM ${quoted(object.name)} WHERE ${match}${live} LIMIT 10`,
    ).all(value);
    return rows.map((row) => String(row.id));
  }

  /** The ids of live rows of an object whose lookup leads to that row. */
  liveChildren(object: ObjectDefinition, lookupName: string, parentId: string): string[] {
    const sql = `SELECT "Id" AS id FROM ${quoted(object.name)} WHERE ${quoted(lookupName)} = ? AND "IsDeleted" = 0`;
    return this.prepare(sql)
      .all(parentId)
      .map(({ id }) => String(id));
  }

  /**
   * Creates a row.
   *
   * @returns its id
   * @throws RowFailure when a required field is missing, a unique value is taken or a parent is not there
   */
  insert(object: ObjectDefinition, values: Values, actorId: string): string {
    const missing = object.fields.filter(
      (item) => isRequired(item) && (values.get(item.name) ?? null) === null,
    );
    requireNone(missing);
    const id = this.#ids.next(object.keyPrefix);
    checkReferences(this, object, values);
    checkUnique(this, object, id, values);
    const now = this.#stamp();
    const [recordType] = findField(object, 'RecordTypeId') ? recordTypesOf(this, object) : [];
    const defaults = object.fields.filter(({ defaultValue }) => defaultValue !== null);
    const all = new Map<string, ColumnValue>([
      ...defaults.map(({ name, defaultValue }) => [name, defaultValue] as const),
      ['Id', id],
      ['CreatedDate', now],
      ['CreatedById', actorId],
      ['LastModifiedDate', now],
      ['LastModifiedById', actorId],
      ['SystemModstamp', now],
      ...(findField(object, 'OwnerId') ? ([['OwnerId', actorId]] as const) : []),
      ...(recordType ? ([['RecordTypeId', recordType.recordTypeId]] as const) : []),
      ...values,
    ]);
    this.insertRaw(object, all);
    this.#save(object, id);
    return id;
  }

  /** Writes a row as given, without any rule or listener; for seeding. */
  insertRaw(object: ObjectDefinition, values: Values): void {
    const names = [...values.keys()];
    const columns = names.map(quoted).join(', ');
    const places = names.map(() => '?').join(', ');
    this.prepare(`INSERT INTO ${quoted(object.name)} (${columns}) VALUES (${places})`).run(
      ...values.values(),
    );
  }

  /**
   * Changes a row. Like the platform, stamps it even when every value stays the same.
   *
   * @throws RowFailure as `insert` does, `ENTITY_IS_DELETED`, or `NOT_FOUND` for an unknown id
   */
  update(object: ObjectDefinition, id: string, values: Values, actorId: string): void {
    this.mustBeLive(object, id);
    requireNone(object.fields.filter((item) => isRequired(item) && values.get(item.name) === null));
    checkReferences(this, object, values);
    checkUnique(this, object, id, values);
    this.write(object, id, values, actorId);
    this.#save(object, id);
  }

  /** Puts a row into the recycle bin, and its cascading children with it. */
  delete(object: ObjectDefinition, id: string, actorId: string): void {
    this.mustBeLive(object, id);
    this.write(object, id, new Map([['IsDeleted', 1]]), actorId);
    const along: SavedRecord[] = [];
    for (const child of object.children.filter(({ cascadeDelete }) => cascadeDelete)) {
      const childObject = mustFindObject(child.childSObject);
      for (const childId of this.liveChildren(childObject, child.field, id)) {
        this.delete(childObject, childId, actorId);
        along.push({ object: childObject, id: childId });
      }
    }
    this.#deletedWith.set(id, along);
  }

  /**
   * Takes a row out of the recycle bin under its old id, and the children that went there with it.
   *
   * @throws RowFailure `UNDELETE_FAILED` for a row that is not there, or `DUPLICATE_VALUE` when another row has taken a
   * unique value of it or of a child; then nothing is restored
   */
  undelete(object: ObjectDefinition, id: string, actorId: string): void {
    this.transaction(() => this.#undelete(object, id, actorId));
  }

  /** The live row of that id; throws `NOT_FOUND` or `ENTITY_IS_DELETED`. */
  mustBeLive(object: ObjectDefinition, id: string): Row {
    const row = this.get(object, id);
    if (!row) throw knownFailure('NOT_FOUND');
    if (row.IsDeleted === 1) throw knownFailure('ENTITY_IS_DELETED');
    return row;
  }

  /** A statement, prepared once for each text. */
  prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    // Clients' queries vary without limit; clearing the cache now and then keeps it small.
    if (this.#statements.size > 500) this.#statements.clear();
    this.#statements.set(sql, statement);
    return statement;
  }

  /** Sets and stamps columns of a row without any rule or listener, as the platform's own changes do. */
  write(object: ObjectDefinition, id: string, values: Values, actorId: string): void {
    const now = this.#stamp(this.get(object, id)?.SystemModstamp);
    const stamped = new Map<string, ColumnValue>([
      ...values,
      ['LastModifiedDate', now],
      ['LastModifiedById', actorId],
      ['SystemModstamp', now],
    ]);
    const assignments = [...stamped.keys()].map((name) => `${quoted(name)} = ?`).join(', ');
    this.prepare(`UPDATE ${quoted(object.name)} SET ${assignments} WHERE "Id" = ?`).run(
      ...stamped.values(),
      id,
    );
  }

  /** The time that a write is stamped with; never before the row's last stamp, whose write held the lock until then. */
  #stamp(last: ColumnValue = null): string {
    const now = toStoredDatetime(toWholeSecond(this.#clock.now() - this.#stampLagMs()));
    return typeof last === 'string' && this.#stampLagMs() > 0 && last > now ? last : now;
  }

  #undelete(object: ObjectDefinition, id: string, actorId: string): void {
    const row = this.get(object, id);
    if (row?.IsDeleted !== 1) throw knownFailure('UNDELETE_FAILED');
    checkUnique(this, object, id, new Map(Object.entries(row)));
    const merged = findField(object, 'MasterRecordId') ? ([['MasterRecordId', null]] as const) : [];
    this.write(object, id, new Map<string, ColumnValue>([['IsDeleted', 0], ...merged]), actorId);
    this.#save(object, id);
    for (const child of this.#deletedWith.get(id) ?? []) {
      if (this.get(child.object, child.id)?.IsDeleted === 1) this.#undelete(child.object, child.id, actorId);
    }
  }

  #save(object: ObjectDefinition, id: string): void {
    this.#saved.push({ object, id });
    if (this.#depth === 0) this.#announce();
  }

  #announce(): void {
    const saved = this.#saved;
    this.#saved = [];
    if (saved.length > 0) for (const listener of this.#listeners) listener(saved);
  }
}
