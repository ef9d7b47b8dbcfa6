import { ExactNumber } from '../../shared/contracts/exact-number.ts';

/** An item as plain JSON values, numbers as `ExactNumber` where no double holds them. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What a stream with new and old images would say. */
export interface LocalChange {
  readonly table: string;
  readonly key: string;
  readonly before?: Attributes;
  readonly after?: Attributes;
}

/** As `structuredClone`, which would make a plain object of a number of ours. */
const copied = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return value;
  if (Array.isArray(value)) return value.map(copied) as T;
  if (value instanceof Set) return new Set([...value].map(copied)) as T;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copied(inner)])) as T;
};

/** The users' own tables in memory, by name and key. Writers of any kind go through `put` and `delete`. */
export class InMemoryLocalTables {
  readonly #tables = new Map<string, Map<string, Attributes>>();
  readonly #listeners: ((change: LocalChange) => void)[] = [];
  /** Writes that were made, by anybody. */
  writes = 0;

  get(table: string, key: string): Attributes | undefined {
    const found = this.#tables.get(table)?.get(key);
    return found && copied(found);
  }

  keys(table: string): string[] {
    return [...(this.#tables.get(table)?.keys() ?? [])].sort();
  }

  put(table: string, key: string, attributes: Attributes): void {
    const items = this.#tables.get(table) ?? new Map<string, Attributes>();
    this.#tables.set(table, items);
    const before = items.get(key);
    const after = copied(attributes);
    items.set(key, after);
    this.#tell({ table, key, ...(before && { before }), after });
  }

  delete(table: string, key: string): void {
    const before = this.#tables.get(table)?.get(key);
    if (!before) return;
    this.#tables.get(table)?.delete(key);
    this.#tell({ table, key, before });
  }

  /** Called after each change, as the table's stream would be. */
  onChange(listener: (change: LocalChange) => void): void {
    this.#listeners.push(listener);
  }

  #tell(change: LocalChange): void {
    this.writes += 1;
    for (const listener of this.#listeners) listener(copied(change));
  }
}
