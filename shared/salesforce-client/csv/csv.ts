import type { Code } from '../../contracts/codes.ts';
import { ExactNumber } from '../../contracts/exact-number.ts';
import { SyncError } from '../../contracts/next.ts';
import type { CsvCells, CsvRow } from '../../contracts/salesforce.ts';
import { decimalText } from '../numbers.ts';

/** CSV that cannot be read or written. The message names row and column, never a value. */
class CsvError extends SyncError {
  constructor(code: Code, message: string) {
    super('CsvError', code, message, { do: 'stop' });
  }
}

/** Bulk API guide: a record has at most 400,000 characters; doubled quotes make it longer. */
const MAX_ROW_CHARS = 1_000_000;

/**
 * Reads one page of results: UTF-8, comma, a header row, quotes doubled inside quotes, lines that end in LF or CRLF,
 * both also inside quotes. Memory holds one chunk and one row. A page that is empty, or only a header, has no rows.
 *
 * @throws SyncError named `CsvError` where other readers stay silent: for invalid UTF-8, an end inside quotes, a row
 *   that is shorter or longer than the header, text after a closing quote, a quote inside unquoted text
 */
export async function* readCsv(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRow> {
  let columns: readonly string[] | undefined;
  let rowNumber = 0;
  for await (const row of readRows(chunks)) {
    rowNumber += 1;
    if (columns === undefined) {
      columns = checkedColumns(row);
      continue;
    }
    if (row.length !== columns.length) {
      throw new CsvError(
        'CSV_RAGGED',
        `Row ${rowNumber} has ${row.length} fields, the header ${columns.length}`,
      );
    }
    const record: Record<string, string | null> = {};
    for (let index = 0; index < columns.length; index += 1) record[columns[index] ?? ''] = row[index] || null;
    yield record;
  }
}

async function* readRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for await (const chunk of chunks) {
    text += decode(() => decoder.decode(chunk, { stream: true }));
    const cursor = new RowCursor(text, false);
    for (let row = cursor.next(); row !== undefined; row = cursor.next()) yield row;
    text = text.slice(cursor.position);
    if (text.length > MAX_ROW_CHARS)
      throw new CsvError('CSV_ROW_TOO_LONG', `A row is over ${MAX_ROW_CHARS} characters`);
  }
  const cursor = new RowCursor(text + decode(() => decoder.decode()), true);
  for (let row = cursor.next(); row !== undefined; row = cursor.next()) yield row;
}

function decode(read: () => string): string {
  try {
    return read();
  } catch {
    throw new CsvError('CSV_NOT_UTF8', 'The CSV is not valid UTF-8');
  }
}

/** Takes complete rows from a piece of text; an incomplete row waits for the next piece. */
class RowCursor {
  readonly #text: string;
  readonly #isLast: boolean;
  /** Where the next row begins. */
  position = 0;
  #at = 0;
  #field = '';

  constructor(text: string, isLast: boolean) {
    this.#text = text;
    this.#isLast = isLast;
  }

  next(): string[] | undefined {
    if (this.position >= this.#text.length) return undefined;
    const row: string[] = [];
    this.#at = this.position;
    for (;;) {
      const isWhole = this.#text[this.#at] === '"' ? this.#takeQuoted() : this.#takeBare();
      if (!isWhole) return undefined;
      row.push(this.#field);
      const end = this.#text[this.#at];
      if (end === ',') this.#at += 1;
      else if (this.#takeLineEnd(end)) return row;
      else return undefined;
    }
  }

  /** Whether the row ends here; false also where more text is needed to know. */
  #takeLineEnd(character: string | undefined): boolean {
    if (character === undefined) {
      this.position = this.#at;
      return this.#isLast;
    }
    if (character === '\n') this.#at += 1;
    else if (character === '\r' && this.#text[this.#at + 1] === '\n') this.#at += 2;
    else if (character === '\r' && this.#at + 1 === this.#text.length && !this.#isLast) return false;
    else throw new CsvError('CSV_MALFORMED', 'Text follows a closing quote, or a line ends in CR alone');
    this.position = this.#at;
    return true;
  }

  #takeBare(): boolean {
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === LF || code === CR) break;
      if (code === QUOTE) throw new CsvError('CSV_MALFORMED', 'A quote stands inside unquoted text');
    }
    this.#field = text.slice(this.#at, at);
    this.#at = at;
    return at < text.length || this.#isLast;
  }

  #takeQuoted(): boolean {
    const text = this.#text;
    const start = this.#at + 1;
    let hasQuotes = false;
    for (let from = start; ; hasQuotes = true) {
      const quote = text.indexOf('"', from);
      if (quote === -1) {
        if (this.#isLast) throw new CsvError('CSV_UNCLOSED_QUOTE', 'The CSV ends inside quotes');
        return false;
      }
      if (text[quote + 1] === '"') {
        from = quote + 2;
        continue;
      }
      const field = text.slice(start, quote);
      this.#field = hasQuotes ? field.replaceAll('""', '"') : field;
      this.#at = quote + 1;
      // At the end of the piece this may be the first half of a doubled quote.
      return this.#at < text.length || this.#isLast;
    }
  }
}

const COMMA = 0x2c;
const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** A field, or a relationship and a field; `Lead:Who.Email` for a polymorphic parent; results add `sf__` columns. */
const COLUMN = /^[A-Za-z][A-Za-z0-9_.:]{0,254}$/;

function checkedColumns(columns: readonly string[]): readonly string[] {
  const isFine = columns.length > 0 && columns.every((column) => COLUMN.test(column));
  if (!isFine) throw new CsvError('CSV_BAD_HEADER', 'The header must be API names');
  if (new Set(columns).size !== columns.length)
    throw new CsvError('CSV_BAD_HEADER', 'The header names a column twice');
  return columns;
}

/** Clears a field; an empty cell would leave it unchanged. @see Bulk API guide, "Prepare CSV Files" */
const CLEAR = '#N/A';

/**
 * Writes records as CSV for an ingest job: UTF-8, comma, LF, a header row, in chunks of about 64 KiB.
 * Empty text clears, as it does over REST, where it is stored as null.
 *
 * @throws SyncError named `CsvError` for values that cannot be written: NaN, infinities, lone surrogates, the text
 *   `#N/A`, and anything but text, numbers, booleans and null
 */
export async function* writeCsv(
  columns: readonly string[],
  records: AsyncIterable<CsvCells> | Iterable<CsvCells>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = `${checkedColumns(columns).join(',')}\n`;
  for await (const record of records) {
    text += `${columns.map((column) => cell(column, record[column])).join(',')}\n`;
    if (text.length < CHUNK_CHARS) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

const CHUNK_CHARS = 64 * 1024;

function cell(column: string, value: unknown): string {
  if (value === undefined) return '';
  if (value === null || value === '') return CLEAR;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof ExactNumber) return value.text;
  if (typeof value === 'number' && Number.isFinite(value)) return decimalText(value);
  if (typeof value !== 'string' || value === CLEAR || !value.isWellFormed()) {
    throw new CsvError('CSV_UNWRITABLE', `A value of ${column} cannot be written as CSV`);
  }
  return NEEDS_QUOTES.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Also for spaces at the ends: quoted text is not trimmed. */
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;
