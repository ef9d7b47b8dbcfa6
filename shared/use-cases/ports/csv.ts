import type { CsvCells, CsvRow } from '../../contracts/salesforce.ts';

/** Reads and writes CSV as the Bulk API speaks it: UTF-8, comma, LF, a header row first. Both ways stream. */
export interface Csv {
  /** No bytes at all, and a header alone, are no rows. Throws a `SyncError` on a malformed or truncated text. */
  read(bytes: AsyncIterable<Uint8Array>): AsyncIterable<CsvRow>;
  /** The header row comes even without rows. */
  write(header: readonly string[], rows: Iterable<CsvCells>): AsyncIterable<Uint8Array>;
}
