import { ApiError } from '../errors/api-error.ts';

/** How a job's CSV is written, by the names that Bulk API 2.0 has for the characters. */
export interface CsvFormat {
  readonly lineEnding: string;
  readonly columnDelimiter: string;
}

const DELIMITERS: Readonly<Record<string, string>> = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
};

const LINE_ENDINGS: Readonly<Record<string, string>> = { LF: '\n', CRLF: '\r\n' };

/** Reads the CSV format that a new job asks for; LF and commas unless it says otherwise. */
export const readCsvFormat = (body: Record<string, unknown>): CsvFormat => ({
  lineEnding: readChoice(body, 'lineEnding', Object.keys(LINE_ENDINGS)),
  columnDelimiter: readChoice(body, 'columnDelimiter', ['COMMA', ...Object.keys(DELIMITERS)]),
});

/** The characters that a format names. */
export const charactersOf = (format: CsvFormat): { delimiter: string; lineEnding: string } => ({
  delimiter: DELIMITERS[format.columnDelimiter] ?? ',',
  lineEnding: LINE_ENDINGS[format.lineEnding] ?? '\n',
});

/** Reads one of a fixed list of words from a request's body; the first of the list when it is left out. */
export function readChoice(body: Record<string, unknown>, name: string, choices: readonly string[]): string {
  const value = body[name] ?? choices[0];
  if (typeof value === 'string' && choices.includes(value)) return value;
  throw new ApiError(400, 'INVALIDJOB', `${name} must be one of ${choices.join(', ')}`);
}
