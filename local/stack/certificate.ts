import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Exports of both sides: items as JSON, records with a column for each field. */
export interface Exported {
  readonly items: readonly object[];
  readonly columns: readonly string[];
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** The same as lines of two files, and the covered rows by the names of their files. */
export interface ExportFiles {
  readonly local: Iterable<string>;
  readonly salesforce: Iterable<string>;
  readonly covered?: ReadonlyMap<string, Uint8Array>;
}

/** What the verifier said, and how it ended. */
export interface Verdict {
  readonly code: number | null;
  readonly text: string;
}

/** Has the verifier check what `operate certificate` answered against exports. */
export const checkCertificate = (signed: object, { items, columns, records }: Exported): Verdict =>
  runVerifier(signed, {
    local: items.map((item) => JSON.stringify(item)),
    salesforce: [columns.join(), ...records.map((record) => csvLine(columns.map((name) => record[name])))],
  });

/** A line of CSV, each cell in quotes. */
export const csvLine = (cells: readonly unknown[]): string =>
  cells.map((cell) => `"${String(cell ?? '').replaceAll('"', '""')}"`).join();

/** Runs the verifier, a process of its own. @param more - further arguments */
export function runVerifier(
  signed: object,
  { local, salesforce, covered }: ExportFiles,
  ...more: readonly string[]
): Verdict {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const file = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const fileOf = (name: string, lines: Iterable<string>, lineEnd: string): string => {
    writeLines(join(folder, name), lines, lineEnd);
    return join(folder, name);
  };
  for (const [name, rows] of covered ?? []) file(name, rows);
  const args = [
    ...['cli/verify-certificate.ts', '--certificate', file('certificate.json', JSON.stringify(signed))],
    ...['--local', fileOf('items.jsonl', local, '\n')],
    ...['--salesforce', fileOf('records.csv', salesforce, '\r\n')],
    ...(covered === undefined ? [] : ['--covered', folder]),
    ...more,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { code: status, text: stdout + stderr };
}

const PIECE_CHARS = 1_000_000;

/** As joined by the line end; a million lines make no single text. */
function writeLines(path: string, lines: Iterable<string>, lineEnd: string): void {
  const file = openSync(path, 'w');
  let [piece, isFirst] = ['', true];
  for (const line of lines) {
    piece += isFirst ? line : lineEnd + line;
    isFirst = false;
    if (piece.length < PIECE_CHARS) continue;
    writeSync(file, piece);
    piece = '';
  }
  writeSync(file, piece);
  closeSync(file);
}
