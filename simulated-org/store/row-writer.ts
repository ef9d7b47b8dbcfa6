import { type FieldDefinition, isKey } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, findLookup, findObject, mustFindObject } from '../describe/schema.ts';
import {
  AmbiguousExternalId,
  knownFailure,
  notWritable,
  RowFailure,
  UnreadableValue,
} from '../errors/row-failure.ts';
import { isRecord } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import type { RecordStore } from './records.ts';
import type { ColumnValue, Values } from './row.ts';
import { toColumn, toKey } from './values.ts';

/** What an upsert did. */
export interface Upserted {
  readonly id: string;
  readonly created: boolean;
}

/** Called for each row that is written. */
export interface RowHooks {
  /** Called before each row; returns a failure to inject. */
  readonly fault: (operation: string, body: Readonly<Record<string, unknown>>) => RowFailure | undefined;
  /** Called with the outcome of each row. */
  readonly told: (outcome: 'created' | 'updated' | 'deleted' | 'refused') => void;
}

const NO_HOOKS: RowHooks = { fault: () => undefined, told: () => undefined };

/** A save whose transaction is not committed yet. */
export interface PendingSave {
  readonly object: ObjectDefinition;
  readonly id: string;
  /** The names of the fields that it sets, spelt as in the schema. */
  readonly names: ReadonlySet<string>;
}

/** What the client asks of duplicate rules. */
export interface SaveOptions {
  /** Rules that only alert let the save pass. */
  readonly allowSave: boolean;
  /** A refusal shows all fields of the matches instead of their ids alone. */
  readonly includeRecordDetails: boolean;
}

/** The admin's rules; throws `RowFailure` for a save that breaks one. */
export type CheckRules = (save: PendingSave, options: SaveOptions) => void;

const NO_OPTIONS: SaveOptions = { allowSave: false, includeRecordDetails: false };

/**
 * Writes rows from untrusted input, as every write API does: names are checked against the schema, values read
 * by their field's type. All methods throw `RowFailure` or `UnreadableValue` for a refused row.
 */
export class RowWriter {
  readonly #store: RecordStore;
  readonly #checkRules: CheckRules;
  readonly #hooks: RowHooks;
  readonly #options: SaveOptions;

  constructor(
    store: RecordStore,
    checkRules: CheckRules,
    hooks: RowHooks = NO_HOOKS,
    options: SaveOptions = NO_OPTIONS,
  ) {
    this.#store = store;
    this.#checkRules = checkRules;
    this.#hooks = hooks;
    this.#options = options;
  }

  /** The same writer with other options. */
  with(options: SaveOptions): RowWriter {
    return new RowWriter(this.#store, this.#checkRules, this.#hooks, options);
  }

  /** Creates a row and returns its id. */
  create(object: ObjectDefinition, body: Record<string, unknown>, actorId: string): string {
    return this.#write('create', 'created', body, () => {
      const values = this.read(object, body, 'createable');
      const id = this.#store.insert(object, values, actorId);
      this.#checkRules({ object, id, names: new Set(values.keys()) }, this.#options);
      return id;
    });
  }

  /** Changes the given fields of a row. `id` may have 15 or 18 characters. */
  update(object: ObjectDefinition, id: string, body: Record<string, unknown>, actorId: string): void {
    const id18 = requireId(object, id);
    this.#write('update', 'updated', { ...body, Id: id18 }, () => {
      const values = this.read(object, body, 'updateable');
      this.#refuseConverted(object, id18);
      this.#store.update(object, id18, values, actorId);
      this.#checkRules({ object, id: id18, names: new Set(values.keys()) }, this.#options);
    });
  }

  /** Deletes a row. */
  remove(object: ObjectDefinition, id: string, actorId: string): void {
    const id18 = requireId(object, id);
    this.#write('delete', 'deleted', { Id: id18 }, () => this.#store.delete(object, id18, actorId));
  }

  /**
   * Creates the row with that value in `key`, or changes the one that has it.
   *
   * @throws AmbiguousExternalId when several have it
   */
  upsert(
    object: ObjectDefinition,
    key: FieldDefinition,
    value: unknown,
    body: Record<string, unknown>,
    actorId: string,
    options: { readonly updateOnly?: boolean } = {},
  ): Upserted {
    const column = toKey(key, value);
    if (column === null) throw new RowFailure('MISSING_ARGUMENT', `${key.name} not specified`);
    if (key.type === 'id') {
      const id = requireId(object, String(column));
      this.update(object, id, body, actorId);
      return { id, created: false };
    }
    const ids = this.#store.findByField(object, key, column);
    if (ids.length > 1) throw new AmbiguousExternalId('several rows have this external id');
    const [found] = ids;
    if (found) {
      this.update(object, found, body, actorId);
      return { id: found, created: false };
    }
    if (options.updateOnly) throw knownFailure('NOT_FOUND');
    return { id: this.create(object, { ...body, [key.name]: value }, actorId), created: true };
  }

  #write<T>(
    operation: string,
    outcome: 'created' | 'updated' | 'deleted',
    body: Readonly<Record<string, unknown>>,
    work: () => T,
  ): T {
    try {
      const failure = this.#hooks.fault(operation, body);
      if (failure) throw failure;
      const result = this.#store.transaction(work);
      this.#hooks.told(outcome);
      return result;
    } catch (error) {
      this.#hooks.told('refused');
      throw error;
    }
  }

  /** Reads untrusted fields by the schema, with the right that a write needs. */
  read(object: ObjectDefinition, body: Record<string, unknown>, right: 'createable' | 'updateable'): Values {
    const values = new Map<string, ColumnValue>();
    for (const [name, value] of Object.entries(body)) {
      if (name === 'attributes') continue;
      const item = findField(object, name);
      if (item) {
        if (!item[right]) throw notWritable(item.name);
        values.set(item.name, toColumn(item, value));
        continue;
      }
      const lookup = findLookup(object, name);
      if (!lookup || !isRecord(value)) {
        throw new RowFailure('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
      }
      values.set(lookup.name, this.#findParent(lookup, value));
    }
    return values;
  }

  /** A lead that was converted is history. */
  #refuseConverted(object: ObjectDefinition, id: string): void {
    if (object.name === 'Lead' && this.#store.get(object, id)?.IsConverted === 1)
      throw new RowFailure('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead');
  }

  /** The id of the parent that `{"ExternalId__c": "value"}` names. */
  #findParent(lookup: FieldDefinition, reference: Record<string, unknown>): string {
    const parent = parentObject(lookup, reference);
    const [entry] = Object.entries(reference).filter(([name]) => name !== 'attributes');
    const key = entry && findField(parent, entry[0]);
    if (!entry || !key || !isKey(key)) {
      throw new RowFailure(
        'INVALID_FIELD',
        `Foreign key external ID field is not usable in entity ${parent.name}`,
      );
    }
    const ids = this.#store.findByField(parent, key, toKey(key, entry[1]));
    const [id] = ids;
    if (ids.length === 1 && id) return id;
    const message = `Foreign key external ID: ${String(entry[1])} not found for field ${key.name} in entity ${parent.name}`;
    throw new RowFailure('INVALID_FIELD', message);
  }
}

/** The object of a parent that is named by its external id; a polymorphic lookup needs its type before anything else. */
function parentObject(lookup: FieldDefinition, reference: Record<string, unknown>): ObjectDefinition {
  const parent = mustFindObject(lookup.referenceTo ?? '');
  if (!lookup.polymorphic) return parent;
  const [[first, attributes] = ['nothing', undefined]] = Object.entries(reference);
  const type = first === 'attributes' && isRecord(attributes) ? attributes.type : undefined;
  if (typeof type !== 'string') throw new UnreadableValue(lookup.name, '<unknown>', first);
  if (findObject(type) === parent) return parent;
  throw new RowFailure('INVALID_FIELD', `Foreign key external ID field is not usable in entity ${type}`);
}

/**
 * Reads an id of that object.
 *
 * @throws RowFailure `MALFORMED_ID` for text that is not an id of that object
 */
export function requireId(object: ObjectDefinition, text: string): string {
  const id = parseId(text);
  if (!id?.startsWith(object.keyPrefix)) throw new RowFailure('MALFORMED_ID', `malformed id ${text}`);
  return id;
}
