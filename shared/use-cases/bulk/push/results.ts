import type { CsvRow } from '../../../contracts/salesforce.ts';
import { BulkResultUnreadable } from '../errors.ts';

/** What a refused row's `sf__Error` says. */
export interface RowError {
  readonly code: string;
  /** May quote values. */
  readonly message: string;
  readonly fields: readonly string[];
}

/** Refusals that pass by themselves: the worker tries such a record again. */
const PASSING: ReadonlySet<string> = new Set([
  'UNABLE_TO_LOCK_ROW',
  'SERVER_UNAVAILABLE',
  'REQUEST_RUNNING_TOO_LONG',
]);

export const isPassing = ({ code }: RowError): boolean => PASSING.has(code);

/**
 * Reads `STATUS_CODE:message:field, field --`. The message may hold colons itself, so the code ends at the first and
 * the fields begin after the last.
 */
export function parseRowError(text: string | null): RowError {
  const whole = (text ?? '').replace(/\s*--\s*$/, '');
  const first = whole.indexOf(':');
  const last = whole.lastIndexOf(':');
  const code = first < 0 ? '' : whole.slice(0, first);
  if (!/^[A-Z][A-Z0-9_]*$/.test(code)) return { code: 'UNKNOWN', message: whole, fields: [] };
  const names = last > first ? whole.slice(last + 1).split(',') : [];
  const fields = names.map((name) => name.trim()).filter((name) => name !== '');
  // A message without a list of fields may end in a colon and words.
  const areFields = fields.every((name) => /^[A-Za-z][\w.]*$/.test(name));
  return areFields && last > first
    ? { code, message: whole.slice(first + 1, last), fields }
    : { code, message: whole.slice(first + 1), fields: [] };
}

/** A column that each row of a result must have. */
export function column(row: CsvRow, name: string, bulkJobId: string): string {
  const value = row[name];
  if (value === undefined || value === null || value === '') throw new BulkResultUnreadable(bulkJobId, name);
  return value;
}
