/** One row of a CSV by column name; an empty cell is `null`. */
export type CsvRow = Readonly<Record<string, string | null>>;

/** A cell to write: `null` clears the field, `undefined` leaves it as it is. */
export type CsvCell = string | number | boolean | null | undefined;
export type CsvCells = Readonly<Record<string, CsvCell>>;

/** Reads and writes CSV as the Bulk API speaks it: UTF-8, comma, LF, a header row first. Both ways stream. */
export interface Csv {
  /** No bytes at all, and a header alone, are no rows. Throws a `SyncError` on a malformed or truncated text. */
  read(bytes: AsyncIterable<Uint8Array>): AsyncIterable<CsvRow>;
  /** The header row comes even without rows. */
  write(header: readonly string[], rows: Iterable<CsvCells>): AsyncIterable<Uint8Array>;
}
