import { randomBytes } from 'node:crypto';
import type { QueryPlan } from '../soql/soql-to-sql.ts';

/** The ids that a query found, kept so that later changes to the rows do not change its pages. */
export interface Cursor {
  readonly plan: QueryPlan;
  readonly ids: readonly string[];
  readonly pageRows: number;
  readonly openedAtMs: number;
  readonly userId: string;
}

/** Results are kept this long. */
const CURSOR_LIFE_MS = 2 * 24 * 60 * 60 * 1000;

/** The open cursors of an org. */
export class QueryCursors {
  readonly #cursors = new Map<string, Cursor>();

  /** Stores a cursor and returns its opaque name; ends the user's oldest when they already have `most`. */
  open(cursor: Cursor, most: number): string {
    const own = [...this.#cursors].filter(([, { userId }]) => userId === cursor.userId);
    for (const [oldest] of own.slice(0, Math.max(0, own.length + 1 - most))) this.#cursors.delete(oldest);
    const name = `0r8${randomBytes(12).toString('hex').slice(0, 15)}`;
    this.#cursors.set(name, cursor);
    return name;
  }

  /** The cursor of that name, unless it has expired. */
  find(name: string, nowMs: number): Cursor | undefined {
    const cursor = this.#cursors.get(name);
    return cursor && nowMs - cursor.openedAtMs <= CURSOR_LIFE_MS ? cursor : undefined;
  }
}
