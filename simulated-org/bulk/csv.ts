/** A CSV that is not well-formed. */
export class MalformedCsv extends Error {
  override readonly name = 'MalformedCsv';
}

/**
 * Reads a CSV record by record, so that the records before a mistake are known. Nothing is trimmed; a quoted cell may
 * hold delimiters, line breaks and doubled quotes.
 *
 * @returns one array of cells for each record, the header among them; lines that are empty are left out
 * @throws MalformedCsv for text next to a quote, or a quote that is never closed
 */
export function* parseCsv(text: string, delimiter: string, lineEnding: string): Generator<string[]> {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  let record: string[] = [];
  let at = 0;
  while (at < source.length) {
    const cell = source[at] === '"' ? readQuoted(source, at) : readPlain(source, at, delimiter, lineEnding);
    record.push(cell.value);
    at = cell.end;
    if (source.startsWith(delimiter, at)) {
      at += delimiter.length;
      // A delimiter at the very end is followed by one more, empty cell.
      if (at === source.length) record.push('');
      else continue;
    } else if (source.startsWith(lineEnding, at)) {
      at += lineEnding.length;
    } else if (at < source.length) {
      throw new MalformedCsv('a delimiter or a line ending is expected after a quoted value');
    }
    if (record.length > 1 || record[0] !== '') yield record;
    record = [];
  }
}

/** Writes one line, quoting every cell. */
export function quotedLine(cells: readonly string[], delimiter: string, lineEnding: string): string {
  return cells.map((cell) => quote(cell)).join(delimiter) + lineEnding;
}

/** A cell in quotes. */
export const quote = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** A cell in quotes only where it needs them. */
export function quoteIfNeeded(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? quote(cell) : cell;
}

function readQuoted(source: string, start: number): { value: string; end: number } {
  let value = '';
  let at = start + 1;
  for (;;) {
    const end = source.indexOf('"', at);
    if (end < 0) throw new MalformedCsv('a quoted value is never closed');
    value += source.slice(at, end);
    if (source[end + 1] !== '"') return { value, end: end + 1 };
    value += '"';
    at = end + 2;
  }
}

function readPlain(
  source: string,
  start: number,
  delimiter: string,
  lineEnding: string,
): { value: string; end: number } {
  let end = start;
  while (end < source.length && !source.startsWith(delimiter, end) && !source.startsWith(lineEnding, end))
    end += 1;
  const value = source.slice(start, end);
  if (value.includes('"')) throw new MalformedCsv('a quote stands inside a value that is not quoted');
  return { value, end };
}
